/**
 * Tempered SMC beside a flow to a target: a mixture fitted to its rows is the cheap density, and its rows are a witness from outside.
 * What a flow never reaches none of its own figures sees; on rows that came another way ln (target / flow) does.
 */
import { distributions, type EvolutionProblem, fold, InputError, type Key, sampling } from "jkoflow";
import { symKl, type Witness, witness } from "jkoflow/evaluate";
import { type SmcResult, temperedSmc } from "jkoflow/systems";
import { count, small } from "../progress/numbers.ts";
import type { Against } from "./against.ts";
import { logDensityAfter } from "./along.ts";
import type { Comparison } from "./comparison.ts";

/** Rows on which densities are compared. */
const ROWS = 1000;

/** Undefined where there is no way to the target: a functional that is no KL to a density. */
export async function samplingOf(against: Against): Promise<Comparison | undefined> {
  const { engine, problem, key } = against;
  try {
    temperedSmc.checkProblem(problem);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
  const start = performance.now();
  const run = temperedSmc.run({ engine, problem, settings: temperedSmc.defaults, key: fold(key, "smc") });
  let next = await run.next();
  while (!next.done) next = await run.next();
  const result = next.value;
  const seconds = (performance.now() - start) / 1000;
  const { logZ, logZError, weighed, rows } = result;
  const says = [
    `${count(rows.length / problem.dimension)} rows, and a mixture fitted to them; ln Z ${small(logZ)} +- ${small(logZError)}, by the mixture's weights ${small(weighed.logZ)} +- ${small(weighed.logZError)}`,
    ...(await witnessOf(against, result)),
  ].join("; ");
  // F is KL less ln Z: E ln (mixture / target).
  return { name: "tempered SMC", energy: -weighed.meanLogRatio, ...symKlOf(problem, result, key), seconds, says };
}

/** What the flow's own rows and those of the target say of ln Z, and of what the flow lacks. */
async function witnessOf({ engine, flow, along, problem }: Against, { rows }: SmcResult): Promise<string[]> {
  if (flow.maps.some(({ invert }) => invert === undefined)) return [];
  const d = problem.dimension;
  const steps = flow.maps.length;
  const target = sampling.targetOf(engine, problem.functional, d);
  try {
    const ratiosOf = async (points: Float32Array, own: ArrayLike<number>): Promise<Float64Array> => {
      const { logDensity } = await target.evaluate(points);
      return Float64Array.from(own, (value, i) => orNone(logDensity[i]) - orNone(value));
    };
    const some = spreadRows(rows, d);
    const outside = await ratiosOf(some, logDensityAfter(flow, Float64Array.from(some), steps).logDensity);
    const points = Float32Array.from(along.points[steps].subarray(0, ROWS * d));
    const own = await ratiosOf(points, along.logDensity[steps].subarray(0, points.length / d));
    return witnessSays(witness(own, outside));
  } finally {
    target.dispose();
  }
}

function witnessSays({ lower, upper, missed, lacks }: Witness): string[] {
  const [most, least] = [upper, lower].map(({ mean, standardError }) => `${small(mean)} +- ${small(standardError)}`);
  const bounds = `on its rows ln Z by the flow is at most ${most}, on the flow's own at least ${least}`;
  if (!lacks) return [bounds];
  const share = `${small(100 * missed.mean)} +- ${small(100 * missed.standardError)} %`;
  return [bounds, `the flow LACKS ${share} of the target, by rows where it has less than a tenth of the density`];
}

/** A row that cannot be has no density. */
const orNone = (logDensity: number): number => (Number.isNaN(logDensity) ? Number.NEGATIVE_INFINITY : logDensity);

/** Rows from all over: those that stand next to each other come from one group, and often from one row. */
function spreadRows(rows: Float32Array, d: number): Float32Array {
  const n = rows.length / d;
  const count = Math.min(ROWS, n);
  return Float32Array.from({ length: count * d }, (_, at) => {
    return rows[Math.floor((Math.floor(at / d) * n) / count) * d + (at % d)];
  });
}

/** Of the mixture to the exact density; null where that is not known. */
function symKlOf(
  { exact, time, dimension: d }: EvolutionProblem,
  { mixture }: SmcResult,
  key: Key,
): Pick<Comparison, "symKl" | "symKlError"> {
  if (exact?.logDensityAt === undefined || exact.sample === undefined) return { symKl: null };
  const { logDensityAt } = exact;
  const drawn = distributions.sampleMixtureBase(mixture, fold(key, "mixture"), ROWS, d);
  const rows = exact.sample(fold(key, "exact"), ROWS, time);
  const exactOf = (of: Float32Array): Float64Array =>
    Float64Array.from({ length: ROWS }, (_, i) => logDensityAt(of.subarray(i * d, i * d + d), time));
  const { value, error } = symKl(
    { p: distributions.mixtureLogDensity(mixture, drawn, d), q: exactOf(drawn) },
    { p: exactOf(rows), q: distributions.mixtureLogDensity(mixture, rows, d) },
  );
  return Number.isFinite(value) ? { symKl: value, symKlError: error } : { symKl: null };
}
