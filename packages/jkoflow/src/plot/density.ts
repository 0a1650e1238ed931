/**
 * Log-densities in the plane as filled regions of highest density, with points on top if wanted.
 */

import { blend, colors, viridis } from "./colormap.ts";
import { contour, type Grid, massLevels } from "./contour.ts";
import { type Caption, createPanel, drawAxes, drawFigure, layout, type Panel, type Quantity } from "./figure.ts";
import { drawLegend, type LegendEntry, legendHeight } from "./legend.ts";
import { headedPanel, panelGrid } from "./panels.ts";
import { drawPoints, type Points } from "./points.ts";
import type { Range } from "./scale.ts";
import { element, polyline } from "./svg.ts";

/** log p (nats) at the centres of the cells of a rectangle, row after row from the lowest y upwards: [rows, columns]. */
export interface DensityGrid extends Grid {
  readonly x: Range;
  readonly y: Range;
}

/** One picture of the row. */
export interface DensityPanel {
  readonly heading: string;
  readonly grid: DensityGrid;
  /** [n, 2]; at most 2,000 are drawn. */
  readonly points?: Points;
}

export interface DensityFigure extends Caption {
  readonly panels: readonly DensityPanel[];
  readonly x: Quantity;
  readonly y: Quantity;
  /** Shares of mass that the regions enclose; default 50, 80, 95 and 99 %. */
  readonly shares?: readonly number[];
}

const SHARES: readonly number[] = [0.5, 0.8, 0.95, 0.99];
const MOST_POINTS = 2000;
const POINTS_ENTRY: LegendEntry = { name: "rows", color: colors.ink, mark: "point" };

/** The cell centres of a grid, in its order: [columns * rows, 2]. Evaluate log p there for {@link densityFigure}. */
export function gridPoints(x: Range, y: Range, columns: number, rows: number): Float32Array {
  const out = new Float32Array(columns * rows * 2);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = 2 * (row * columns + column);
      out[at] = x[0] + ((column + 0.5) / columns) * (x[1] - x[0]);
      out[at + 1] = y[0] + ((row + 0.5) / rows) * (y[1] - y[0]);
    }
  }
  return out;
}

/**
 * Densities side by side, each as nested regions that enclose the given shares of its mass.
 *
 * @example
 * ```ts
 * import { standardNormal } from "jkoflow/distributions";
 * import { densityFigure, gridPoints } from "jkoflow/plot";
 *
 * const [x, y] = [[-3, 3], [-3, 3]] as const;
 * const points = gridPoints(x, y, 40, 40); // [1600, 2], where the log-density is wanted
 * const values = Array.from({ length: 1600 }, (_, k) => standardNormal(2).logDensityAt(points.subarray(2 * k, 2 * k + 2)));
 * const panels = [{ heading: "N(0, I)", grid: { x, y, columns: 40, rows: 40, values } }];
 * const axes = { x: { name: "x", unit: "" }, y: { name: "y", unit: "" } };
 * console.log(densityFigure({ title: "Density", run: "first", ...axes, panels }).startsWith("<svg")); // true
 * ```
 */
export function densityFigure(figure: DensityFigure): string {
  const { panels } = figure;
  const shares = [...(figure.shares ?? SHARES)].sort((a, b) => b - a);
  const lines = panelGrid(panels.length, (perLine) => (perLine === 1 ? 420 : perLine === 2 ? 320 : 240));
  const { width } = lines;
  const withPoints = panels.some((panel) => panel.points !== undefined);
  const color = withPoints ? paleColor : fullColor;
  const regions = shares.map((share, i): LegendEntry => {
    const percent = Number((100 * share).toFixed(1));
    return { name: `${percent} % of mass`, color: color(i, shares.length), mark: "area" };
  });
  const entries = withPoints ? [...regions, POINTS_ENTRY] : regions;
  const top = layout.captionHeight + legendHeight(entries, width - 40);
  const content = panels.map(({ heading, grid, points }, i) => {
    const box = lines.box(i, top);
    const panel = createPanel(box, grid.x, grid.y);
    const axes = drawAxes(panel, figure.x, figure.y, lines.place(i));
    const rows = points === undefined ? [] : [drawPoints(panel, points, colors.ink, MOST_POINTS)];
    return headedPanel(box, `panel${i}`, heading, axes, [...drawRegions(panel, grid, shares, color), ...rows]);
  });
  const legend = drawLegend(entries, 20, layout.captionHeight, width - 40);
  return drawFigure(figure, width, lines.height(top), [legend, ...content]);
}

/** The regions of `shares` (largest first), filled with `color(i, count)`. */
function drawRegions(
  panel: Panel,
  grid: DensityGrid,
  shares: readonly number[],
  color: (i: number, count: number) => string,
): readonly string[] {
  return massLevels(grid, shares).map((level, i) =>
    element("path", { d: regionPath(panel, grid, level), fill: color(i, shares.length), "fill-rule": "evenodd" }),
  );
}

/** Path data of {log p >= level}. A value belongs to the centre of its cell, hence the half cells. */
export function regionPath(panel: Panel, grid: DensityGrid, level: number): string {
  const { x, y, columns, rows } = grid;
  return contour(grid, level)
    .map((ring) => {
      const points = ring.map((value, i) =>
        i % 2 === 0
          ? panel.x.at(x[0] + ((value + 0.5) / columns) * (x[1] - x[0]))
          : panel.y.at(y[0] + ((value + 0.5) / rows) * (y[1] - y[0])),
      );
      return `${polyline(points)}Z`;
    })
    .join("");
}

/** Light outside, dark inside, so that white paper reads as "no mass". */
function fullColor(i: number, count: number): string {
  return viridis(0.92 - 0.8 * (count === 1 ? 1 : i / (count - 1)));
}

/** The same colours half way to white, on which points can be seen. */
function paleColor(i: number, count: number): string {
  return blend(fullColor(i, count), colors.paper, 0.5);
}
