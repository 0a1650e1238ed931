/**
 * What makes a held-out energy an NLL in the units of the table:
 *
 *   -ln p(x) = |z|^2 / 2 - logDet + (d / 2) ln 2 pi - logDet(standardiser) - logDet(opening),   energy = E[|z|^2 / 2 - logDet]
 */
import type { Standardizer, Table } from "../data/index.ts";
import { standardConstant } from "../distributions/index.ts";

/** nats; `openingLogDet` is that of what comes before the blocks and is not in their energies. */
export function energyToNll(standardizer: Standardizer, validation: Table, openingLogDet: number = 0): number {
  const logDet = standardizer.logAbsDet(validation);
  return (
    standardConstant(validation.columns.length) - logDet.reduce((sum, x) => sum + x, 0) / logDet.length - openingLogDet
  );
}
