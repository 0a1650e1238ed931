/** What a run along a flow is worth, in figures; report.json and the last line of --json hold them by name. */
import { createKey, type Engine, type EvolutionProblem, fold, type Key, type problems } from "jkoflow";
import type { ReportExtent } from "../config/reportExtent.ts";
import { type Along, logDensityAfter, type OpenFlow, pushAlong } from "./along.ts";
import type { Comparison } from "./comparison.ts";
import { createEnergyMeter, type Energy } from "./energy.ts";
import { opponentOf } from "./opponent.ts";
import type { TrainedFlow } from "./train.ts";

/** One time of the scheme: names and numbers, in the order of the columns. */
export type StepRow = Readonly<Record<string, number>>;

/** Distances to the exact density at one time. */
export interface Distance {
  readonly time: number;
  readonly symKl: number;
  /** SymKL of the exact scheme with this step: what no training gets below; null where it is not known. */
  readonly floor: number | null;
  /** Of a publication, on problems of this kind; null where there is none. */
  readonly published: number | null;
}

export interface EvolutionMeasures {
  readonly problem: string;
  readonly system: string;
  readonly dimension: number;
  readonly time: number;
  readonly step: number;
  readonly steps: number;
  /** F at the last time on fresh rows, and its standard error; nats. */
  readonly energy: number;
  readonly energyError: number;
  /** What distances are to, where it is not the exact density at that time. */
  readonly exactOf: string | null;
  readonly exactEnergy: number | null;
  /** F of the steady state. */
  readonly leastEnergy: number | null;
  readonly startEnergy: number;
  /** Steps at which F went up by more than two standard errors of the difference. */
  readonly rises: number;
  readonly symKl: number | null;
  readonly floor: number | null;
  /** At several times, the last one included. */
  readonly distances: readonly Distance[];
  /** Largest |T(T^-1 y) - y| of any map over fresh rows. */
  readonly inversionError: number | null;
  readonly parameters: number;
  /** Of training. */
  readonly seconds: number;
  readonly stop: string;
  readonly modelHash: string;
  readonly report: ReportExtent;
  readonly rows: number;
  readonly comparison: readonly Comparison[];
  readonly table: readonly StepRow[];
}

/** Fresh rows that F and densities are measured on. */
const ROWS: Readonly<Record<ReportExtent, number>> = { none: 2048, quick: 4096, full: 8192 };
/** Rows that are taken back through the maps for KL(p|q): each costs an inverse of every map. */
const INVERTED: Readonly<Record<ReportExtent, number>> = { none: 0, quick: 512, full: 2048 };

export interface Measured {
  readonly measures: EvolutionMeasures;
  readonly along: Along;
}

const keyOf = (seed: number): Key => fold(createKey(seed), "report");

/** The rows of a report, again. */
export const alongOf = (flow: OpenFlow, seed: number, rows: number): Along =>
  pushAlong(flow, fold(keyOf(seed), "rows"), rows);

export interface MeasureWish {
  readonly system: string;
  readonly seed: number;
  readonly extent: ReportExtent;
  readonly published?: readonly problems.Published[];
}

/** `pause` is waited for between the parts. */
export async function measureFlow(
  engine: Engine,
  problem: EvolutionProblem,
  flow: OpenFlow,
  trained: TrainedFlow,
  { system, seed, extent, published = [] }: MeasureWish,
  pause: (phase?: string) => Promise<void>,
): Promise<Measured> {
  const key = keyOf(seed);
  const rows = ROWS[extent];
  await pause("pushing fresh rows along the flow ...");
  const along = alongOf(flow, seed, rows);
  const energies = await energiesOf(engine, problem, along, rows, pause);
  const table = stepTable(problem, along, energies);
  const { time, step, exact } = problem;
  const last = energies[energies.length - 1];
  const distances: Distance[] = [];
  const known = timesOfDistance(along.times, extent, published);
  if (known.length > 0 && exact?.logDensityAt) await pause("measuring the distance to the exact density ...");
  for (const k of known) {
    const distance = distanceAt(problem, flow, along, k, INVERTED[extent], fold(key, "exact", k));
    const theirs = published.find(({ time: at }) => at === along.times[k])?.symKl ?? null;
    if (distance !== undefined) distances.push({ ...distance, published: theirs });
    await pause();
  }
  const inversionError = await invertSome(flow, along, extent, pause);
  const end = distances.find((distance) => distance.time === along.times[flow.maps.length]);
  const exactEnergy = exact?.energyAt?.(time) ?? null;
  const leastEnergy = exact?.leastEnergy ?? null;
  const schemeEnergy = exact?.schemeEnergyAt?.(time, step) ?? null;
  const [symKl, floor] = [end?.symKl ?? null, end?.floor ?? exact?.floorAt?.(time, step) ?? null];
  const comparison: Comparison[] = [
    { name: "this run", energy: last.total, symKl, seconds: trained.seconds, says: `on ${rows} fresh rows` },
    ...knownRow(exact?.of ?? "exact flow", exactEnergy, symKl === null ? null : 0, "closed form, at the last time"),
    ...knownRow(`exact scheme, h = ${step}`, schemeEnergy, floor, "what no training with this step gets below"),
    ...knownRow("steady state", leastEnergy, null, "closed form, for infinite time"),
    ...(await opponentOf(engine, problem, extent, fold(key, "particles"), pause)),
  ];
  const measures: EvolutionMeasures = {
    problem: problem.title,
    system,
    dimension: problem.dimension,
    time,
    step,
    steps: flow.maps.length,
    energy: last.total,
    energyError: last.error,
    exactOf: exact?.of ?? null,
    exactEnergy,
    leastEnergy,
    startEnergy: energies[0].total,
    rises: countRises(energies),
    symKl,
    floor,
    distances,
    inversionError,
    parameters: trained.flow.parts[0]?.weights.length ?? 0,
    seconds: trained.seconds,
    stop: trained.stop,
    modelHash: trained.modelHash,
    report: extent,
    rows,
    comparison,
    table,
  };
  return { measures, along };
}

const knownRow = (name: string, energy: number | null, symKl: number | null, says: string): Comparison[] =>
  energy === null && symKl === null ? [] : [{ name, energy, symKl, seconds: null, says }];

async function energiesOf(
  engine: Engine,
  { functional, dimension }: EvolutionProblem,
  { points, logDensity }: Along,
  rows: number,
  pause: (phase?: string) => Promise<void>,
): Promise<Energy[]> {
  const meter = createEnergyMeter(engine, functional, dimension, rows);
  try {
    const energies: Energy[] = [];
    await pause("measuring F at every time ...");
    points.forEach((at, k) => {
      energies.push(meter.at(at, logDensity[k]));
    });
    return energies;
  } finally {
    meter.dispose();
  }
}

function stepTable({ step, exact }: EvolutionProblem, { times, moved }: Along, energies: readonly Energy[]): StepRow[] {
  return energies.map(({ total, error, terms }, k) => ({
    step: k,
    time: times[k],
    F: total,
    error,
    ...(exact?.energyAt ? { exact: exact.energyAt(times[k]) } : {}),
    ...(Object.keys(terms).length > 1 ? terms : {}),
    ...(k === 0
      ? {}
      : {
          moved: moved[k - 1],
          dissipation: (energies[k - 1].total - total) / step,
          speed2: (moved[k - 1] / step) ** 2,
        }),
  }));
}

/** The rows are the same at both times, so that the difference is known better than its parts; this is the safe side. */
const countRises = (energies: readonly Energy[]): number =>
  energies
    .slice(1)
    .filter(({ total, error }, k) => total > energies[k].total + 2 * Math.hypot(error, energies[k].error)).length;

/** The end; of a full report the half of the way too, and times that are published. */
function timesOfDistance(
  times: readonly number[],
  extent: ReportExtent,
  published: readonly problems.Published[],
): number[] {
  const last = times.length - 1;
  if (extent === "none" || last < 1) return [];
  if (extent === "quick") return [last];
  const theirs = published.map(({ time }) => times.indexOf(time));
  return [...new Set([Math.round(last / 2), ...theirs, last])].filter((k) => k > 0).sort((a, b) => a - b);
}

/** KL(q|p) on rows of the flow q, KL(p|q) on rows of the exact density p. */
function distanceAt(
  { exact, step, dimension: d }: EvolutionProblem,
  flow: OpenFlow,
  { times, points, logDensity }: Along,
  k: number,
  inverted: number,
  key: Parameters<NonNullable<NonNullable<EvolutionProblem["exact"]>["sample"]>>[0],
): Omit<Distance, "published"> | undefined {
  if (exact?.logDensityAt === undefined || exact.sample === undefined || inverted === 0) return undefined;
  if (!hasInverses(flow)) return undefined;
  const time = times[k];
  const n = logDensity[k].length;
  let forward = 0;
  for (let i = 0; i < n; i++) {
    forward += (logDensity[k][i] - exact.logDensityAt(points[k].subarray(i * d, i * d + d), time)) / n;
  }
  const rows = Float64Array.from(exact.sample(key, inverted, time));
  const { logDensity: learned } = logDensityAfter(flow, rows, k);
  let backward = 0;
  for (let i = 0; i < inverted; i++) {
    backward += (exact.logDensityAt(rows.subarray(i * d, i * d + d), time) - learned[i]) / inverted;
  }
  const symKl = forward + backward;
  // Infinite where supports differ, as those of porous media do: no figure to compare with.
  return !Number.isFinite(symKl) ? undefined : { time, symKl, floor: exact.floorAt?.(time, step) ?? null };
}

const hasInverses = ({ maps }: OpenFlow): boolean => maps.every(({ invert }) => invert !== undefined);

/** Rows that are taken back to see how well that works. */
const CHECKED = 64;

async function invertSome(
  flow: OpenFlow,
  { points }: Along,
  extent: ReportExtent,
  pause: (phase?: string) => Promise<void>,
): Promise<number | null> {
  if (!hasInverses(flow) || flow.maps.length === 0 || extent === "none") return null;
  await pause("taking rows back ...");
  const rows = points[flow.maps.length].subarray(0, CHECKED * flow.start.dimension);
  return logDensityAfter(flow, rows, flow.maps.length).inversionError;
}
