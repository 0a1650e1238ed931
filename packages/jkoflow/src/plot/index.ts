/**
 * Figures as SVG text: no DOM, no dependency, the same bytes in Node and in a browser.
 *
 * @example
 * ```ts
 * import { marginalsFigure } from "jkoflow/plot";
 *
 * const [data, model] = [Float32Array.of(0, 1, 1, 2, 2, 3), Float32Array.of(0, 1, 1, 3, 2, 2)]; // [3, 2]
 * const svg = marginalsFigure({ title: "Rows", run: "first", columns: ["a", "b"], unit: "", data, model });
 * console.log(svg.startsWith("<svg")); // true
 * ```
 */

export { type BarSeries, type BarsFigure, barsFigure } from "./bars.ts";
export { category, colors, viridis } from "./colormap.ts";
export { contour, type Grid, massLevels } from "./contour.ts";
export { type Curve, type CurvesFigure, curvesFigure, type Reference } from "./curves.ts";
export { type DensityFigure, type DensityGrid, type DensityPanel, densityFigure, gridPoints } from "./density.ts";
export type { Caption, Quantity } from "./figure.ts";
export type { Level } from "./levels.ts";
export { type MarginalsFigure, marginalsFigure } from "./marginals.ts";
export type { Points } from "./points.ts";
export type { Range } from "./scale.ts";
export { type ScatterFigure, type ScatterPanel, scatterFigure } from "./scatter.ts";
export { type Snapshot, type SnapshotsFigure, snapshotFrames, snapshotsFigure } from "./snapshots.ts";
export { type TrajectoriesFigure, trajectoriesFigure } from "./trajectories.ts";
