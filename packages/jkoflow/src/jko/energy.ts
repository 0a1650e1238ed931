/** What particles cost: the likelihood part of the objective, row by row, in float64. */
import { standardEnergyOf } from "../distributions/index.ts";
import type { Particles } from "../maps/index.ts";

/** E[|x - mean|^2 / 2 - logDet] over the first `rows` particles, mean 0 by default: the NLL up to (d/2) log 2 pi, nats. */
export function energyOf(particles: Particles, rows: number): number {
  const e = energies(particles, rows);
  return e.reduce((s, x) => s + x, 0) / rows;
}

/** |x - mean|^2 / 2 - logDet of each of the first `rows` particles, nats. [rows] */
export function energies({ x, logDet, mean }: Particles, rows: number): Float64Array {
  const d = x.cols;
  const positions = x.read(0, rows);
  mean?.read(0, rows).forEach((value, at) => {
    positions[at] -= value;
  });
  return Float64Array.from(logDet.read(0, rows), (l, i) => standardEnergyOf(positions, i * d, (i + 1) * d) - l);
}
