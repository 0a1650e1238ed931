/**
 * What flows with steps of h and of h / 2 say of each other: the scheme is of order one in h, so that 2 q(h / 2) - q(h) is of
 * order two for moments, F and the log-density at a place (L. Richardson, Phil. Trans. R. Soc. A 210 (1911), 307-357). The
 * distance of each flow to what comes out is the estimate of its error.
 *
 * Moments are those of rows of the start that have its mean and covariance exactly, so that affine maps have exact ones.
 */
import { type Engine, type EvolutionProblem, fold, type Key } from "jkoflow";
import { type GaussianState, gaussianSymKl, matchMoments, momentsOf } from "jkoflow/evaluate";
import { logDensityAfter, type OpenFlow, pushRows } from "./along.ts";
import { fine } from "./comparison.ts";
import { createEnergyMeter } from "./energy.ts";

/** One figure for the run, the flow with half the step, and both extrapolated. */
export interface Levels {
  readonly run: number;
  readonly half: number;
  readonly extrapolated: number;
}

export interface Accuracy {
  /** h / 2 */
  readonly step: number;
  readonly energy: Levels;
  /** Extrapolated: [d], [d, d] */
  readonly mean: readonly number[];
  readonly covariance: readonly number[];
  /** SymKL between Gaussians of the moments, to the extrapolated ones: the estimated error; null where those are none. */
  readonly estimate: Pick<Levels, "run" | "half"> | null;
  /** The same to the exact moments. */
  readonly momentError: Levels | null;
  /** Root mean square difference of log-densities at rows of the flow, nats; null where maps have no inverse. */
  readonly logDensityChange: number | null;
  /** The same to the exact log-density. */
  readonly logDensityError: Levels | null;
  /** Of the second training. */
  readonly seconds: number;
}

/** The flow with half the step, and what it took to train. */
export interface Finer {
  readonly flow: OpenFlow;
  readonly seconds: number;
}

/** Rows at which log-densities are compared: each costs an inverse of every map of both flows. */
const LOOKS = 512;

export async function accuracyOf(
  engine: Engine,
  { start, exact, functional, time, dimension: d }: EvolutionProblem,
  run: OpenFlow,
  { flow: half, seconds }: Finer,
  { key, rows }: { readonly key: Key; readonly rows: number },
  pause: (phase?: string) => Promise<void>,
): Promise<Accuracy> {
  await pause("comparing the two steps ...");
  const drawn = Float64Array.from(start.sample!(fold(key, "accuracy"), rows));
  const first = start.moments === undefined ? drawn : matchMoments(drawn, start.moments);
  const flows = [run, half].map((flow) => pushRows(flow, first));
  const meter = createEnergyMeter(engine, functional, d, rows);
  const energies = flows.map(({ points, logDensity }) => meter.at(points, logDensity).total);
  meter.dispose();
  const states = flows.map(({ points }) => momentsOf(points, d));
  const better: GaussianState = {
    mean: states[1].mean.map((v, i) => 2 * v - states[0].mean[i]),
    covariance: states[1].covariance.map((v, i) => 2 * v - states[0].covariance[i]),
  };
  const to = (other: GaussianState): Levels => {
    const [ofRun, ofHalf, extrapolated] = [...states, better].map((state) => gaussianSymKl(state, other));
    return { run: ofRun, half: ofHalf, extrapolated };
  };
  const estimate = to(better);
  const exactMoments = exact?.momentsAt?.(time);
  const momentError = exactMoments && to(exactMoments);

  await pause();
  const looks = Math.min(LOOKS, rows);
  const places = flows[1].points.subarray(0, looks * d);
  const ofHalf = flows[1].logDensity.subarray(0, looks);
  const canInvert = run.maps.every(({ invert }) => invert !== undefined);
  const ofRun = canInvert ? logDensityAfter(run, places, run.maps.length).logDensity : undefined;
  const apart = (a: Float64Array, b: Float64Array): number =>
    Math.sqrt(a.reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0) / looks);
  const exactOf = exact?.of === undefined ? exact?.logDensityAt : undefined;
  const truth =
    exactOf && Float64Array.from({ length: looks }, (_, i) => exactOf(places.subarray(i * d, i * d + d), time));
  const errorsOf = (coarse: Float64Array, exactly: Float64Array): Levels => {
    const extrapolated = ofHalf.map((v, i) => 2 * v - coarse[i]);
    return { run: apart(coarse, exactly), half: apart(ofHalf, exactly), extrapolated: apart(extrapolated, exactly) };
  };
  return {
    step: half.step,
    energy: { run: energies[0], half: energies[1], extrapolated: 2 * energies[1] - energies[0] },
    mean: [...better.mean],
    covariance: [...better.covariance],
    estimate: Number.isFinite(estimate.run) ? { run: estimate.run, half: estimate.half } : null,
    momentError: momentError && Number.isFinite(momentError.extrapolated) ? momentError : null,
    logDensityChange: ofRun === undefined ? null : apart(ofHalf, ofRun),
    logDensityError: ofRun && truth?.every(Number.isFinite) ? errorsOf(ofRun, truth) : null,
    seconds,
  };
}

/** For the verdict. */
export function accuracySays(accuracy: Accuracy | null): string {
  if (accuracy === null) return "";
  const { step, energy, estimate, momentError, logDensityChange, logDensityError } = accuracy;
  const parts = [`. With steps of ${step} too: F extrapolated to ${fine(energy.extrapolated)}`];
  if (estimate) {
    const truth = momentError ? ` (to the exact ones ${fine(momentError.run)})` : "";
    parts.push(`SymKL of this run by moments estimated at ${fine(estimate.run)}${truth}`);
  }
  if (momentError) parts.push(`of the extrapolated moments ${fine(momentError.extrapolated)} to the exact ones`);
  const known = logDensityError
    ? `, off by ${fine(logDensityError.run)} before and ${fine(logDensityError.extrapolated)} after`
    : "";
  if (logDensityChange !== null) parts.push(`log-densities change by ${fine(logDensityChange)} nats${known}`);
  return parts.join("; ");
}
