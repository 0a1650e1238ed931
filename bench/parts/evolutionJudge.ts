/** What a trained evolution is judged by: distances to known densities, energies over pairs, radii, inverses. */
import { need, type OpenChain, openChain } from "../../packages/jkoflow/src/chain/index.ts";
import { type Distribution, normalDistribution } from "../../packages/jkoflow/src/distributions/index.ts";
import type { Engine } from "../../packages/jkoflow/src/engine/index.ts";
import { type LogDensities, symKl } from "../../packages/jkoflow/src/evaluate/symKl.ts";
import type { GradientConfig } from "../../packages/jkoflow/src/maps/index.ts";
import { createKey, fold } from "../../packages/jkoflow/src/random/index.ts";
import type { EvolutionProblem, Evolved, Settings } from "../../packages/jkoflow/src/systems/index.ts";

export type Figures = Readonly<Record<string, number>>;

export interface Trained {
  readonly problem: EvolutionProblem;
  readonly evolved: Evolved<GradientConfig>;
  readonly cpuSeconds: number;
}

export interface EvolutionTest {
  /** Cases: random targets with one seed, or seeds of one problem. */
  readonly of: "targets" | "seeds";
  /** How many targets there are. */
  readonly targets?: number;
  /** Numbers that are run where none are asked for. */
  readonly cases?: readonly number[];
  problem(number: number): EvolutionProblem;
  judge(trained: Trained, number: number): Figures;
  /** In place of defaults. */
  readonly settings?: Settings;
  readonly published?: Readonly<Record<string, string>>;
  /** In words. */
  readonly expected?: string;
}

/** A test that trains by itself. */
export interface OwnTest {
  readonly of: "seeds";
  readonly cases: readonly number[];
  figures(engine: Engine, number: number, settings: Settings): Promise<Figures>;
  /** In words. */
  readonly expected: string;
  readonly published?: undefined;
}

/** Rows of each density. */
const ROWS = 2048;
/** Rows by which radii are taken. */
const END_ROWS = 10_000;
/** Rows of which all pairs are taken. */
const PAIR_ROWS = 4000;

/** The flow with the number of steps as its times. */
export const openEvolved = ({ problem, evolved }: Trained): OpenChain =>
  openChain(
    {
      system: "jko-icnn",
      columns: problem.columns,
      base: "start",
      direction: "from base",
      parts: evolved.maps.map((weights) => ({ config: evolved.map, weights })),
      times: Array.from({ length: evolved.maps.length + 1 }, (_, step) => step),
    },
    { start: evolved.start },
  );

const stepsOf = ({ times }: OpenChain): number => times!.length - 1;

const logsOf = (p: Distribution, x: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: x.length / p.dimension }, (_, i) =>
    p.logDensityAt(Array.from({ length: p.dimension }, (_, k) => x[i * p.dimension + k])),
  );

/** SymKL of the flow after `step` maps to a density with samples. */
export function symKlTo(
  flow: OpenChain,
  step: number,
  p: Distribution,
  seed: number,
): { value: number; error: number } {
  const key = fold(createKey("judge"), seed);
  const ours = need(flow, "draw")(fold(key, "flow"), ROWS, { at: step });
  const theirs = p.sample!(fold(key, "exact"), ROWS);
  const [here, there]: LogDensities[] = [
    { p: ours.logProb, q: logsOf(p, ours.values) },
    { p: need(flow, "logProb")(theirs, { at: step }), q: logsOf(p, theirs) },
  ];
  return symKl(here, there);
}

/** The largest |T(T^-1 y) - y| over rows of the end. */
export function inversionError(flow: OpenChain): number {
  const d = flow.columns.length;
  const rows = need(flow, "sample")(createKey("inverse"), 1000).values;
  const again = need(flow, "fromBase")(need(flow, "toBase")(rows));
  let worst = 0;
  for (let r = 0; r < rows.length; r += d)
    worst = Math.max(worst, Math.hypot(...rows.subarray(r, r + d).map((v, k) => v - again[r + k])));
  return worst;
}

/** Rows of the start, and where the maps take them. */
export function endsOf(trained: Trained): {
  readonly secondMoments: readonly [start: number, end: number];
  readonly meanRadius: number;
} {
  const flow = openEvolved(trained);
  const d = flow.columns.length;
  const radiiAt = (step: number): Float64Array => {
    const { values: x } = need(flow, "sample")(createKey("end"), END_ROWS, { at: step });
    return Float64Array.from({ length: END_ROWS }, (_, r) => Math.hypot(...x.subarray(r * d, (r + 1) * d)));
  };
  const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / END_ROWS;
  const [start, end] = [radiiAt(0), radiiAt(stepsOf(flow))];
  return { secondMoments: [mean(start.map((r) => r * r)), mean(end.map((r) => r * r))], meanRadius: mean(end) };
}

/** 1/2 E W(|y - y'|) over all pairs of fresh rows of the end: far less noise than by one partner for each. */
export function pairEnergy(trained: Trained, kernel: (r: number) => number): number {
  const flow = openEvolved(trained);
  const d = flow.columns.length;
  const { values: x } = need(flow, "sample")(createKey("pairs"), PAIR_ROWS);
  let sum = 0;
  for (let i = 0; i < PAIR_ROWS; i++) {
    for (let j = 0; j < i; j++) {
      let squares = 0;
      for (let k = 0; k < d; k++) squares += (x[i * d + k] - x[j * d + k]) ** 2;
      sum += kernel(Math.sqrt(squares));
    }
  }
  return sum / (PAIR_ROWS * (PAIR_ROWS - 1));
}

export const lastOf = ({ evolved }: Trained): Figures => {
  const { energy, energyError } = evolved.reports[evolved.reports.length - 1];
  return { energy, energyError };
};

/** Steps at which F rose by more than three of its standard errors. */
export const risesOf = ({ evolved: { reports } }: Trained): number =>
  reports.filter(({ energy, energyError }, k) => k > 0 && energy > reports[k - 1].energy + 3 * energyError).length;

/** Mean of |log rho - log q| over rows of the end that q has, nats. */
export function logDensityGap(trained: Trained, q: Distribution): number {
  const { values: x, logProb: logDensity } = need(openEvolved(trained), "draw")(createKey("gap"), END_ROWS);
  const gaps = logsOf(q, x)
    .map((log, i) => Math.abs(log - logDensity[i]))
    .filter(Number.isFinite);
  return gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
}

/** x1, x2, ... */
export const namesOf = (d: number): string[] => Array.from({ length: d }, (_, k) => `x${k + 1}`);

export const roundNormal = (d: number, sd: number): Distribution =>
  normalDistribution(
    new Float64Array(d),
    Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? sd * sd : 0)),
  );
