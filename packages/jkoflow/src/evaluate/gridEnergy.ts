/** The terms of a functional on a grid of cells in one or two columns: potentials, F, and how fast densities spread. */
import type { Functional, Term } from "../functionals/index.ts";
import { isEntropy, valuesAtDensities, valuesAtRows } from "./termValues.ts";

/** A box of d columns and cells of each side. */
export interface VolumeGrid {
  /** [d] each */
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly cells: number;
}

export interface GridEnergy {
  /** D of all entropies. */
  readonly diffusion: number;
  /** Place of a cell. */
  centre(cell: number): Float64Array;
  /** V + W * rho + f'(rho) of cells. */
  potential(density: Float64Array): Float64Array;
  /** The largest rho f''(rho), by differences. */
  spread(density: Float64Array): number;
  /** F */
  total(density: Float64Array): number;
}

/** Densities below this share of the largest have no pressure that matters. */
const LEAST = 1e-300;

/** Undefined where there is a term that a grid of these columns does not take. */
export function gridEnergy(functional: Functional, { low, high, cells }: VolumeGrid): GridEnergy | undefined {
  const d = low.length;
  const size = cells ** d;
  const side = low.map((v, k) => (high[k] - v) / cells);
  const volume = side.reduce((a, b) => a * b, 1);
  const entropies = functional.terms.filter(isEntropy);
  const pressures = functional.terms.filter((term) => !isEntropy(term) && term.needs.includes("logDensity"));
  const pairs = functional.terms.filter(({ needs }) => needs.includes("pair"));
  const outer = functional.terms.filter(({ needs }) => needs.every((need) => need === "host"));
  const known = entropies.length + pressures.length + pairs.length + outer.length;
  if (known < functional.terms.length || (pairs.length > 0 && d > 1)) return undefined;

  const centre = (cell: number): Float64Array =>
    Float64Array.from({ length: d }, (_, k) => low[k] + ((Math.floor(cell / cells ** k) % cells) + 0.5) * side[k]);
  const rows = new Float64Array(size * d);
  for (let i = 0; i < size; i++) rows.set(centre(i), i * d);
  const fixed = new Float64Array(size);
  for (const term of outer) {
    valuesAtRows(
      term,
      d,
    )(rows).forEach((v, i) => {
      fixed[i] += term.weight * v;
    });
  }
  const kernel = pairs.length === 0 ? undefined : kernelOf(pairs, cells, side[0]);
  const pulls = (density: Float64Array): Float64Array | undefined =>
    kernel &&
    density.map((_, i) => {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += kernel[Math.abs(i - j)] * density[j];
      return sum * volume;
    });
  const gases = pressures.map((term) => ({ weight: term.weight, at: valuesAtDensities(term) }));
  const logsOf = (density: Float64Array): Float64Array => density.map((v) => Math.log(Math.max(v, LEAST)));
  const diffusion = entropies.reduce((sum, { weight }) => sum + weight, 0);
  return {
    diffusion,
    centre,
    potential: (density) => {
      const out = pulls(density) ?? new Float64Array(size);
      for (let i = 0; i < size; i++) out[i] += fixed[i];
      if (gases.length > 0) {
        const logs = logsOf(density);
        for (const { weight, at } of gases) {
          at(logs).slope.forEach((v, i) => {
            out[i] += weight * v;
          });
        }
      }
      return out;
    },
    spread: (density) => {
      if (gases.length === 0) return 0;
      const most = density.reduce((a, b) => Math.max(a, b), LEAST);
      const least = density.reduce((a, b) => (b > LEAST ? Math.min(a, b) : a), most);
      // rho f'' = d f' / d log rho; for a power above 1 it is largest where the density is, below 1 where it is least.
      const looks = [most, least].flatMap((v) => [Math.log(v) - 1e-4, Math.log(v) + 1e-4]);
      return gases.reduce((sum, { weight, at }) => {
        const { slope: s } = at(Float64Array.from(looks));
        return sum + Math.abs(weight / 2e-4) * Math.max(Math.abs(s[1] - s[0]), Math.abs(s[3] - s[2]));
      }, 0);
    },
    total: (density) => {
      const logs = logsOf(density);
      const inner = gases.map(({ weight, at }) => at(logs).perMass.map((v) => weight * v));
      const pull = pulls(density);
      return density.reduce((sum, v, i) => {
        if (v <= 0) return sum;
        const own = fixed[i] + (pull === undefined ? 0 : pull[i] / 2) + diffusion * logs[i];
        return sum + volume * v * inner.reduce((all, values) => all + values[i], own);
      }, 0);
    },
  };
}

const POINTS = 32;

/** W between cells at a distance of 0, 1, ... cells; of a cell to itself the mean over it, for W may be infinite at 0. */
function kernelOf(pairs: readonly Term[], cells: number, side: number): Float64Array {
  const kernel = new Float64Array(cells);
  const apart = Float64Array.from({ length: cells }, (_, k) => Math.max(k, 1) * side);
  // Two places of a cell are at a distance z with density 2 (s - z) / s^2: by the middles of equal shares of that mass.
  const inside = Float64Array.from({ length: POINTS }, (_, k) => side * (1 - Math.sqrt(1 - (k + 0.5) / POINTS)));
  for (const term of pairs) {
    const at = valuesAtRows(term, 1);
    at(apart).forEach((v, k) => {
      if (k > 0) kernel[k] += term.weight * v;
    });
    kernel[0] += (term.weight * at(inside).reduce((a, b) => a + b, 0)) / POINTS;
  }
  return kernel;
}
