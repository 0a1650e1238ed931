/**
 * Arrays of a finished run for other programs:
 *
 *   trajectory.npy [K + 1, n, d]       the same particles at every time of the scheme
 *   log-densities.npy [K + 1, n]       their log-densities at these times, nats
 *   density.npz                        log-densities of the flow on a grid, at some times: times [T], x [C], y [R], and
 *                                      logDensity [T, R, C]; in one dimension x [C] and logDensity [T, C]
 */
import { io } from "jkoflow";
import { gridPoints, type Range } from "jkoflow/plot";
import { writeAtomic } from "../files/atomic.ts";
import { type Along, logDensityAfter, type OpenFlow } from "./along.ts";

/** The run that is written. */
interface Written {
  path(name: string): string;
}

/** Of the first `most` particles. */
export function writeTrajectory(run: Written, { times, points, logDensity }: Along, most: number): void {
  const n = Math.min(most, logDensity[0].length);
  const d = points[0].length / logDensity[0].length;
  const join = (parts: readonly Float64Array[], size: number): Float64Array => {
    const all = new Float64Array(parts.length * size);
    parts.forEach((part, k) => {
      all.set(part.subarray(0, size), k * size);
    });
    return all;
  };
  writeAtomic(run.path("trajectory.npy"), io.writeNpy(join(points, n * d), [times.length, n, d]));
  writeAtomic(run.path("log-densities.npy"), io.writeNpy(join(logDensity, n), [times.length, n]));
}

/** Cells along a side in the plane, and on the line. */
const [SIDE, LINE] = [50, 400];

/**
 * density.npz after each of the `steps`, over where the particles are at any of these times. Nothing above two dimensions, and of
 * maps without an inverse. `pause` is awaited before each time.
 */
export async function writeDensity(
  run: Written,
  flow: OpenFlow,
  along: Along,
  steps: readonly number[],
  pause: (phase?: string) => Promise<void>,
): Promise<void> {
  const d = flow.start.dimension;
  if (d > 2 || flow.maps.some(({ invert }) => invert === undefined)) return;
  const clouds = steps.map((k) => along.points[k]);
  const cells = d === 1 ? LINE : SIDE;
  const ranges = Array.from({ length: d }, (_, j) => rangeOf(clouds, j, d));
  const axes = ranges.map(([low, high]) =>
    Float64Array.from({ length: cells }, (_, i) => low + ((i + 0.5) / cells) * (high - low)),
  );
  const rows = d === 1 ? axes[0] : gridPoints(ranges[0], ranges[1], cells, cells);
  const values = new Float64Array(steps.length * (rows.length / d));
  for (const [i, k] of steps.entries()) {
    await pause(i === 0 ? "log-densities on a grid ..." : undefined);
    values.set(logDensityAfter(flow, rows, k).logDensity, (i * rows.length) / d);
  }
  const named = Object.fromEntries(axes.map((axis, j) => [["x", "y"][j], { values: axis }]));
  const times = Float64Array.from(steps, (k) => along.times[k]);
  const logDensity = { values, shape: [steps.length, ...axes.map(({ length }) => length)] };
  writeAtomic(run.path("density.npz"), io.writeNpz({ times: { values: times }, ...named, logDensity }));
}

/** All of it and a little more: what is compared may reach further. */
export function rangeOf(clouds: readonly Float64Array[], column: number, cols: number): Range {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const cloud of clouds) {
    for (let i = column; i < cloud.length; i += cols) {
      low = Math.min(low, cloud[i]);
      high = Math.max(high, cloud[i]);
    }
  }
  const margin = 0.1 * (high - low || 1);
  return [low - margin, high + margin];
}
