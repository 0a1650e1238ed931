/** How far a flow is from the exact density, at times of the scheme. */
import type { EvolutionProblem, Key, problems } from "jkoflow";
import { type SymKl, symKl } from "jkoflow/evaluate";
import type { ReportExtent } from "../config/reportExtent.ts";
import { type Along, areEven, logDensityAfter, type OpenFlow } from "./along.ts";

/** Distances to the exact density at one time. */
export interface Distance {
  readonly time: number;
  readonly symKl: number;
  /** Its standard error, by the spread over rows. */
  readonly error: number;
  /** SymKL of the exact scheme with this step: what no training gets below; null where it is not known. */
  readonly floor: number | null;
  /** Of a publication, on problems of this kind; null where there is none. */
  readonly published: number | null;
}

/** Rows that are taken back through the maps for KL(p|q): each costs an inverse of every map. */
const INVERTED: Readonly<Record<ReportExtent, number>> = { none: 0, quick: 512, full: 2048 };

/** At the last time; of a full report at half of the way too, and at times that are published. */
export async function distancesOf(
  problem: EvolutionProblem,
  flow: OpenFlow,
  along: Along,
  {
    extent,
    published,
    keyAt,
  }: { extent: ReportExtent; published: readonly problems.Published[]; keyAt(k: number): Key },
  pause: (phase?: string) => Promise<void>,
): Promise<Distance[]> {
  const { exact, step } = problem;
  const floorAt = areEven(along.times, step) ? exact?.floorAt : undefined;
  const found: Distance[] = [];
  const times = timesOfDistance(along.times, extent, published);
  if (times.length === 0 || exact?.logDensityAt === undefined) return found;
  await pause("measuring the distance to the exact density ...");
  for (const k of times) {
    const distance = distanceAt(problem, flow, along, k, INVERTED[extent], keyAt(k));
    const time = along.times[k];
    const theirs = published.find(({ time: at }) => at === time)?.symKl ?? null;
    if (distance !== undefined) {
      const { value, error } = distance;
      found.push({ time, symKl: value, error, floor: floorAt?.(time, step) ?? null, published: theirs });
    }
    await pause();
  }
  return found;
}

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

/** On rows of the flow and on rows of the exact density. */
function distanceAt(
  { exact, dimension: d }: EvolutionProblem,
  flow: OpenFlow,
  { times, points, logDensity }: Along,
  k: number,
  inverted: number,
  key: Key,
): SymKl | undefined {
  if (exact?.logDensityAt === undefined || exact.sample === undefined) return undefined;
  // Rows of the exact density have a density under the flow where its maps can be inverted.
  if (flow.maps.some(({ invert }) => invert === undefined)) return undefined;
  const { logDensityAt } = exact;
  const exactOf = (rows: Float64Array): Float64Array =>
    Float64Array.from({ length: rows.length / d }, (_, i) => logDensityAt(rows.subarray(i * d, i * d + d), times[k]));
  const rows = Float64Array.from(exact.sample(key, inverted, times[k]));
  const { logDensity: learned } = logDensityAfter(flow, rows, k);
  const found = symKl({ p: logDensity[k], q: exactOf(points[k]) }, { p: learned, q: exactOf(rows) });
  // Infinite where supports differ, as those of porous media do: no figure to compare with.
  return Number.isFinite(found.value) ? found : undefined;
}
