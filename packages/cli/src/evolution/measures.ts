/** What a run along a flow is worth, in figures; report.json and the last line of --json hold them by name. */
import { createKey, type Engine, type EvolutionProblem, fold, type Key, type problems } from "jkoflow";
import type { ReportExtent } from "../config/reportExtent.ts";
import { type Accuracy, accuracyOf, type Finer } from "./accuracy.ts";
import { type Along, areEven, logDensityAfter, type OpenFlow, pushAlong } from "./along.ts";
import { type Certificate, certificateOf } from "./certificate.ts";
import type { Comparison } from "./comparison.ts";
import { type Distance, distancesOf } from "./distance.ts";
import { opponentsOf } from "./opponents.ts";
import { countRises, energiesOf, type StepRow, stepTable } from "./steps.ts";
import { type Towards, towardsLine, towardsOf } from "./towards.ts";
import type { CollisionStep, TrainedFlow } from "./train.ts";

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
  /** Standard error of symKl. */
  readonly symKlError: number | null;
  readonly floor: number | null;
  /** What a second flow with half the step says of both; null where none was asked for. */
  readonly accuracy: Accuracy | null;
  /** At several times, the last one included. */
  readonly distances: readonly Distance[];
  /** Where F is a divergence to rows: how near the flow comes; else null. */
  readonly towards: Towards | null;
  /** Of steps by collisions, the least of all and the sum; else null. */
  readonly collisions: CollisionStep | null;
  /** Null for collisions, and where maps give no densities that F asks for. */
  readonly certificate: Certificate | null;
  /** Largest of the gaps between F on held-out rows and the critic's bound of it; null for systems without a critic. */
  readonly gap: number | null;
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
  /** What counts is the end alone. */
  readonly isTarget: boolean;
  readonly published?: readonly problems.Published[];
  /** The flow with half the step. */
  readonly finer?: Finer;
}

/** `pause` is waited for between the parts. */
export async function measureFlow(
  engine: Engine,
  problem: EvolutionProblem,
  flow: OpenFlow,
  trained: TrainedFlow,
  { system, seed, extent, published = [], finer, isTarget }: MeasureWish,
  pause: (phase?: string) => Promise<void>,
): Promise<Measured> {
  const key = keyOf(seed);
  const rows = ROWS[extent];
  await pause("pushing fresh rows along the flow ...");
  const along = alongOf(flow, seed, rows);
  const energies = problem.functional.needs.includes("critic")
    ? trained.reported.map((reported) => ({ ...reported, terms: {} }))
    : await energiesOf(engine, problem, along, rows, pause);
  const certificate =
    extent === "none"
      ? null
      : await certificateOf({ engine, problem, flow, along, energies, key: fold(key, "certificate") }, pause);
  const table = stepTable(problem, along, energies, certificate, trained);
  const { time, step, exact } = problem;
  const last = energies[energies.length - 1];
  const wish = { extent, published, keyAt: (k: number) => fold(key, "exact", k) };
  const distances = await distancesOf(problem, flow, along, wish, pause);
  const inversionError = await invertSome(flow, along, extent, pause);
  const end = distances.find((distance) => distance.time === along.times[flow.maps.length]);
  const exactEnergy = exact?.energyAt?.(time) ?? null;
  const leastEnergy = exact?.leastEnergy ?? null;
  const even = areEven(flow.times, step) ? exact : undefined;
  const schemeEnergy = even?.schemeEnergyAt?.(time, step) ?? null;
  const { symKl = null, error: symKlError = null } = end ?? {};
  const floor = end?.floor ?? even?.floorAt?.(time, step) ?? null;
  const accuracy = finer === undefined ? null : await accuracyOf(engine, problem, flow, finer, { key, rows }, pause);
  const towards = await towardsOf(problem, along, fold(key, "towards"), pause);
  const comparison: Comparison[] = [
    {
      name: "this run",
      energy: last.total,
      symKl,
      symKlError,
      seconds: trained.seconds,
      says: `on ${rows} fresh rows`,
    },
    ...knownRow(exact?.of ?? "exact flow", exactEnergy, symKl === null ? null : 0, "closed form, at the last time"),
    ...knownRow(`exact scheme, h = ${step}`, schemeEnergy, floor, "what no training with this step gets below"),
    ...knownRow("steady state", leastEnergy, null, "closed form, for infinite time"),
    ...towardsLine(towards),
    ...(await opponentsOf({ engine, problem, flow, along, extent, isTarget, key: fold(key, "particles") }, pause)),
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
    symKlError,
    floor,
    accuracy,
    distances,
    certificate,
    towards,
    collisions: collidedOf(trained),
    gap: trained.gaps.length === 0 ? null : Math.max(...trained.gaps.map(Math.abs)),
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

function collidedOf({ collisions }: TrainedFlow): CollisionStep | null {
  if (collisions.length === 0) return null;
  return {
    lambda: Math.min(...collisions.map(({ lambda }) => lambda)),
    determinant: Math.min(...collisions.map(({ determinant }) => determinant)),
    folded: collisions.reduce((sum, { folded }) => sum + folded, 0),
  };
}

const knownRow = (name: string, energy: number | null, symKl: number | null, says: string): Comparison[] =>
  energy === null && symKl === null ? [] : [{ name, energy, symKl, seconds: null, says }];

/** Rows that are taken back to see how well that works. */
const CHECKED = 64;

async function invertSome(
  flow: OpenFlow,
  { points }: Along,
  extent: ReportExtent,
  pause: (phase?: string) => Promise<void>,
): Promise<number | null> {
  const isPossible = flow.maps.every(({ invert }) => invert !== undefined);
  if (!isPossible || flow.maps.length === 0 || extent === "none") return null;
  await pause("taking rows back ...");
  const rows = points[flow.maps.length].subarray(0, CHECKED * flow.start.dimension);
  return logDensityAfter(flow, rows, flow.maps.length).inversionError;
}
