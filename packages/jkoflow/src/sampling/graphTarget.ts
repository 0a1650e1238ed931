/** The target of a functional KL as a density that can be trained on: in a graph, and in float64 at rows. */
import type { CorrectedTarget } from "../chain/index.ts";
import { InputError } from "../errors/index.ts";
import { isEntropy, valuesAtRows } from "../evaluate/termValues.ts";
import type { Functional } from "../functionals/index.ts";
import { add, type Node, scale } from "../graph/index.ts";

export interface GraphTarget extends CorrectedTarget {
  readonly title: string;
  /** Rows [B, d] -> [B, 1], up to a constant, nats. */
  logDensity(x: Node): Node;
  logDensityOf(rows: Float64Array): Float64Array;
}

/**
 * exp(-V / D) of a functional D int rho log rho + int V rho.
 * @throws InputError for a functional that is none, and for a potential that the host computes.
 */
export function graphTargetOf(functional: Functional, d: number): GraphTarget {
  const { terms, title } = functional;
  const forces = terms.filter((term) => !isEntropy(term));
  const diffusion = terms.filter(isEntropy).reduce((sum, { weight }) => sum + weight, 0);
  const beyond = forces.find(({ needs }) => needs.length > 0);
  if (!(diffusion > 0) || forces.length === 0 || beyond !== undefined) {
    const isHost = beyond?.needs.includes("host") ?? false;
    const came = isHost ? `${title}, which JavaScript computes row by row` : title;
    const expected = isHost ? "a log-density as a formula or a graph" : "KL to a density: an entropy and a potential";
    const fix = isHost ? "use --system smc, or write it as a graph" : undefined;
    throw new InputError({ where: "target", came, expected, ...(fix ? { fix } : {}) });
  }
  const values = forces.map((term) => ({ of: valuesAtRows(term, d), weight: -term.weight / diffusion }));
  const logDensityOf = (rows: Float64Array): Float64Array => {
    const sum = new Float64Array(rows.length / d);
    if (sum.length === 0) return sum;
    for (const { of, weight } of values) {
      of(rows).forEach((value, i) => {
        sum[i] += weight * value;
      });
    }
    // Where the target is 0, formulas may come to none.
    return sum.map((value) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value));
  };
  return {
    title,
    dimension: d,
    logDensity: (x) =>
      forces.map((term) => scale(term.perRow({ x, y: x }, {}), -term.weight / diffusion)).reduce((a, b) => add(a, b)),
    logDensityOf,
    logDensityAt: (row) => logDensityOf(Float64Array.from(row))[0],
  };
}
