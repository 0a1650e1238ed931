/**
 * The flow of F = D int rho log rho + int V rho + 1/2 int int W rho rho + int f(rho) on a grid in one or two columns: what a
 * learned flow has to be compared with there, at a cost of a second.
 *
 * Between neighbours at a distance s, with densities u and potentials U = V + W * rho + f'(rho) at their centres, per volume
 * (D. Scharfetter, H. Gummel, IEEE Trans. Electron Devices 16 (1969), 64-77; J. Chang, G. Cooper, J. Comput. Phys. 6 (1970)):
 *
 *   from i to j:  D (B(z) u_i - B(-z) u_j) / s^2,     B(z) = z / (e^z - 1),     z = (U_j - U_i) / D
 *
 * and for D = 0 its limit, the density of the side that gives: max(U_i - U_j, 0) u_i - max(U_j - U_i, 0) u_j (J. Carrillo,
 * A. Chertock, Y. Huang, Commun. Comput. Phys. 17 (2015), 233-258, to first order). Masses stay above 0 and their sum stays, for
 * the explicit steps are as short as that asks, each of two stages of order two (C.-W. Shu, S. Osher, J. Comput. Phys. 77 (1988)).
 * Unlike planeFlow.ts it takes every term; W in two columns is left out, for its sums over all pairs of cells.
 */
import type { Distribution } from "../distributions/index.ts";
import { InputError } from "../errors/index.ts";
import type { Functional } from "../functionals/index.ts";
import { type GridEnergy, gridEnergy, type VolumeGrid } from "./gridEnergy.ts";
import { bernoulli } from "./planeFlow.ts";

/** A density that is constant in cells, x changing fastest. */
export interface VolumeState {
  readonly grid: VolumeGrid;
  /** Per volume: [cells^d] */
  readonly density: Float64Array;
  /** F */
  readonly energy: number;
  /** Explicit steps that were taken. */
  readonly steps: number;
}

const MOST_STEPS = 20_000;
/** Share of a cell's mass that may leave it in a step. */
const SHARE = 0.8;

/**
 * The density at a time after `start`, a density in one or two columns. Undefined where F has a term that a grid of these
 * columns does not take, and where the steps that are needed are more than 20,000.
 * @throws InputError for three columns and more, and for a box without volume.
 *
 * @example
 * ```ts
 * import { distributions, functionals } from "jkoflow";
 * import { finiteVolumes, gridSymKl, type VolumeGrid, type VolumeState } from "jkoflow/evaluate";
 *
 * const [start, target] = [distributions.standardNormal(1), distributions.normalDistribution([1], Float64Array.of(0.25))];
 * const grid: VolumeGrid = { low: [-5], high: [5], cells: 200 };
 * const end = finiteVolumes({ start, functional: functionals.kl(target) }, grid, 2) as VolumeState;
 * console.log(gridSymKl(end, target.logDensityAt) < 0.01); // true
 * ```
 */
export function finiteVolumes(
  { start, functional }: { readonly start: Distribution; readonly functional: Functional },
  grid: VolumeGrid,
  time: number,
): VolumeState | undefined {
  check(start.dimension, grid);
  const d = start.dimension;
  const energy = gridEnergy(functional, grid);
  if (energy === undefined) return undefined;
  const size = grid.cells ** d;
  const sides = grid.low.map((low, k) => (grid.high[k] - low) / grid.cells);
  let density = normalised(
    Float64Array.from({ length: size }, (_, i) => Math.exp(start.logDensityAt(energy.centre(i)))),
  );
  const volume = sides.reduce((a, b) => a * b, 1);
  density = density.map((v) => v / volume);
  const [first, second] = [new Float64Array(size), new Float64Array(size)];
  const trial = new Float64Array(size);
  let [now, steps] = [0, 0];
  while (now < time * (1 - 1e-12)) {
    const leaves = changeOf(energy, density, grid.cells, sides, first);
    const dt = Math.min(time - now, SHARE / leaves);
    // What is far beyond is seen at once: a density that spreads makes steps longer, but not by a factor of ten.
    if (++steps > MOST_STEPS || (time - now) / dt > 10 * MOST_STEPS) return undefined;
    for (let i = 0; i < size; i++) trial[i] = density[i] + dt * first[i];
    changeOf(energy, trial, grid.cells, sides, second);
    for (let i = 0; i < size; i++) density[i] = Math.max(0, (density[i] + trial[i] + dt * second[i]) / 2);
    now += dt;
  }
  return { grid, density, energy: energy.total(density), steps };
}

/** d rho/dt of all cells; gives the largest rate at which mass leaves one, as a share of it. */
function changeOf(
  energy: GridEnergy,
  density: Float64Array,
  cells: number,
  sides: readonly number[],
  change: Float64Array,
): number {
  const potential = energy.potential(density);
  const D = energy.diffusion;
  const leaving = new Float64Array(density.length);
  change.fill(0);
  sides.forEach((side, axis) => {
    const next = axis === 0 ? 1 : cells;
    for (let i = 0; i < density.length; i++) {
      if (Math.floor(i / next) % cells === cells - 1) continue;
      const j = i + next;
      const up = potential[j] - potential[i];
      const [there, back] =
        D > 0 ? [D * bernoulli(up / D), D * bernoulli(-up / D)] : [Math.max(-up, 0), Math.max(up, 0)];
      const flux = (there * density[i] - back * density[j]) / side ** 2;
      change[i] -= flux;
      change[j] += flux;
      leaving[i] += there / side ** 2;
      leaving[j] += back / side ** 2;
    }
  });
  // f'(rho) spreads what it moves: it acts as a diffusion of rho f''(rho).
  const spread = energy.spread(density) * sides.reduce((sum, side) => sum + 2 / side ** 2, 0);
  return leaving.reduce((a, b) => Math.max(a, b), Number.MIN_VALUE) + spread;
}

function normalised(density: Float64Array): Float64Array {
  const total = density.reduce((a, b) => a + b, 0);
  return density.map((v) => v / total);
}

function check(d: number, { low, high, cells }: VolumeGrid): void {
  const fail = (came: string, expected: string): never => {
    throw new InputError({ where: "finite volumes", came, expected });
  };
  if (d > 2) fail(`${d} columns`, "one or two");
  if (low.length !== d || high.length !== d) fail(`a box of ${low.length} columns`, `${d}, as the start has`);
  if (!low.every((v, k) => v < high[k])) fail("a box without volume", "low below high");
  if (!(Number.isInteger(cells) && cells >= 3)) fail(`${cells} cells`, "a whole number of at least 3");
}

/**
 * KL both ways between the density on a grid and another one, nats, by sums over its cells; `looks`, at most so many of them
 * along a side, are enough for smooth densities. Cells where the grid's density is below 1e-12 of its largest count for nothing.
 */
export function gridSymKl(
  { grid, density }: VolumeState,
  logDensityAt: (row: ArrayLike<number>) => number,
  looks: number = grid.cells,
): number {
  const { low, high, cells } = grid;
  const d = low.length;
  const stride = Math.ceil(cells / looks);
  const most = density.reduce((a, b) => Math.max(a, b), 0);
  const places: number[] = [];
  density.forEach((v, i) => {
    const isLooked = low.every((_, k) => (Math.floor(i / cells ** k) % cells) % stride === 0);
    if (isLooked && v > 1e-12 * most) places.push(i);
  });
  const other = Float64Array.from(places, (i) => {
    const at = (k: number): number => (Math.floor(i / cells ** k) % cells) + 0.5;
    return Math.exp(
      logDensityAt(Float64Array.from({ length: d }, (_, k) => low[k] + (at(k) * (high[k] - low[k])) / cells)),
    );
  });
  const [p, q] = [normalised(Float64Array.from(places, (i) => density[i])), normalised(other)];
  return p.reduce((sum, v, i) => (v > 0 && q[i] > 0 ? sum + (v - q[i]) * Math.log(v / q[i]) : sum), 0);
}
