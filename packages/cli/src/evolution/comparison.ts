/** What a run is compared with. */
import { duration, nats, small } from "../progress/numbers.ts";

/** One line of the table of results. */
export interface Comparison {
  readonly name: string;
  readonly energy: number | null;
  /** KL(p|q) + KL(q|p) to the exact density at the last time, nats. */
  readonly symKl: number | null;
  /** Its standard error, where it is a mean over rows. */
  readonly symKlError?: number | null;
  /** KL both ways between this run and the line's density, where no exact one is known. */
  readonly toRun?: number | null;
  readonly seconds: number | null;
  readonly says: string;
}

/** nats, but small ones to three digits. */
export const fine = (value: number | null): string =>
  value === null ? "-" : Math.abs(value) < 0.1 ? small(value) : nats(value);

/** A figure with its standard error, where it has one: what is below 0 is then seen to be noise. */
export const withError = (value: number | null, error: number | null = null): string =>
  value === null || error === null ? fine(value) : `${fine(value)} +- ${small(error)}`;

export const comparisonHeads: readonly string[] = ["", "F, nats", "SymKL", "time"];

export const comparisonCells = ({ name, energy, symKl, symKlError, seconds }: Comparison): readonly string[] => [
  name,
  fine(energy),
  withError(symKl, symKlError),
  seconds === null ? "-" : duration(seconds),
];

/** Where what costs less is enough, in words; nothing where it is not. */
export function cheaperSays([run, ...others]: readonly Comparison[]): string {
  const seconds = run.seconds ?? 0;
  const cheap = others.filter((line) => line.seconds !== null && line.seconds < seconds);
  const times = (line: Comparison): string => `in ${duration(line.seconds ?? 0)}, this run in ${duration(seconds)}`;
  const measured = cheap.filter((line) => line.symKl !== null && run.symKl !== null);
  const best = measured.reduce<Comparison | undefined>(
    (least, line) => (least === undefined || line.symKl! < least.symKl! ? line : least),
    undefined,
  );
  if (best !== undefined) {
    const margin = 2 * Math.hypot(best.symKlError ?? 0, run.symKlError ?? 0);
    if (best.symKl! < run.symKl! - margin)
      return `. CLOSER and cheaper here: ${best.name}, ${withError(best.symKl, best.symKlError)} ${times(best)}`;
    if (best.symKl! <= run.symKl! + margin)
      return `. As close within two standard errors, and cheaper: ${best.name}, ${withError(best.symKl, best.symKlError)} ${times(best)}`;
    return "";
  }
  const near = cheap.find(({ toRun }) => toRun !== undefined && toRun !== null);
  if (near !== undefined)
    return `. Cheaper, and enough where a density on a grid will do: ${near.name}, ${times(near)}; SymKL between the two ${fine(near.toRun!)}`;
  const lower = cheap.find(({ energy }) => energy !== null && run.energy !== null && energy <= run.energy);
  return lower === undefined ? "" : `. Cheaper, with F ${fine(lower.energy)}: ${lower.name}, ${times(lower)}`;
}
