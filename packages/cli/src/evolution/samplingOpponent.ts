/**
 * Tempered SMC beside a flow to a target: a mixture fitted to its rows is the cheap density, and its rows are a witness from outside.
 * What a flow never reaches none of its own figures sees; on rows that came another way ln (target / flow) does.
 */
import { distributions, type EvolutionProblem, fold, InputError, type Key, sampling } from "jkoflow";
import { symKl } from "jkoflow/evaluate";
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
  const start = performance.now();
  let result: SmcResult;
  try {
    temperedSmc.checkProblem(problem);
    const run = temperedSmc.run({ engine, problem, settings: temperedSmc.defaults, key: fold(key, "smc") });
    let next = await run.next();
    while (!next.done) next = await run.next();
    result = next.value;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
  const seconds = (performance.now() - start) / 1000;
  const { logZ, logZError, weighed, rows } = result;
  const says = [
    `${count(rows.length / problem.dimension)} rows, and a mixture fitted to them; ln Z ${small(logZ)} +- ${small(logZError)}, by the mixture's weights ${small(weighed.logZ)} +- ${small(weighed.logZError)}`,
    ...(await witnessOf(against, result)),
  ].join("; ");
  // F is KL less ln Z: E ln (mixture / target).
  return { name: "tempered SMC", energy: -weighed.meanLogRatio, ...symKlOf(problem, result, key), seconds, says };
}

/** E ln (target / flow) over rows of the target is ln Z + KL(target | flow); over rows of the flow it is ln Z - KL(flow | target). */
async function witnessOf({ engine, flow, along, problem }: Against, { rows }: SmcResult): Promise<string[]> {
  if (flow.maps.some(({ invert }) => invert === undefined)) return [];
  const d = problem.dimension;
  const steps = flow.maps.length;
  const target = sampling.targetOf(engine, problem.functional, d);
  try {
    const ratioOf = async (points: Float32Array, own: ArrayLike<number>): Promise<number> => {
      const { logDensity } = await target.evaluate(points);
      let sum = 0;
      for (let i = 0; i < own.length; i++) sum += (logDensity[i] - own[i]) / own.length;
      return sum;
    };
    const some = rows.slice(0, ROWS * d);
    const upper = await ratioOf(some, logDensityAfter(flow, Float64Array.from(some), steps).logDensity);
    const own = along.points[steps].subarray(0, ROWS * d);
    const lower = await ratioOf(Float32Array.from(own), along.logDensity[steps].subarray(0, own.length / d));
    return [`on its rows ln Z by the flow is at most ${small(upper)}, on the flow's own at least ${small(lower)}`];
  } finally {
    target.dispose();
  }
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
