/**
 * Clouds of points side by side on the same axes: data against samples, or a flow block by block.
 */

import { checkKind } from "../errors/kinds.ts";
import { colors } from "./colormap.ts";
import { type Caption, createPanel, drawAxes, drawFigure, layout, type Quantity } from "./figure.ts";
import { headedPanel, panelGrid } from "./panels.ts";
import { drawPoints, type Points } from "./points.ts";
import { padded, type Range } from "./scale.ts";

export interface ScatterPanel {
  readonly heading: string;
  /** [n, 2]; at most 4,000 are drawn. */
  readonly points: Points;
  /** What the points are; decides the colour. */
  readonly kind: "data" | "model";
}

export interface ScatterFigure extends Caption {
  readonly panels: readonly ScatterPanel[];
  readonly x: Quantity;
  readonly y: Quantity;
}

const MOST_POINTS = 4000;

/**
 * All panels share their axes, which show the central 99.8 % of all points in each direction.
 *
 * @example
 * ```ts
 * import { scatterFigure, trajectoriesFigure } from "jkoflow/plot";
 *
 * const axes = { title: "Two rows", run: "first", x: { name: "a", unit: "" }, y: { name: "b", unit: "" } };
 * const [before, after] = [Float32Array.of(0, 0, 2, 1), Float32Array.of(0, 1, 1, 1)]; // [2, 2]
 * const panels = [{ heading: "before", points: before, kind: "data" as const }];
 * console.log(scatterFigure({ ...axes, panels }).startsWith("<svg")); // true
 * console.log(trajectoriesFigure({ ...axes, positions: [before, after] }).startsWith("<svg")); // true
 * ```
 */
export function scatterFigure(figure: ScatterFigure): string {
  const { panels } = figure;
  const lines = panelGrid(panels.length, (perLine) => (perLine <= 2 ? 320 : 240));
  const clouds = panels.map((panel) => panel.points);
  const [x, y] = [centralRange(clouds, 0, 2), centralRange(clouds, 1, 2)];
  const content = panels.map(({ heading, points, kind }, i) => {
    const box = lines.box(i, layout.captionHeight);
    const panel = createPanel(box, x, y);
    const axes = drawAxes(panel, figure.x, figure.y, lines.place(i));
    return headedPanel(box, `panel${i}`, heading, axes, [drawPoints(panel, points, colors[kind], MOST_POINTS)]);
  });
  return drawFigure(figure, lines.width, lines.height(layout.captionHeight), content);
}

/** Range of column `column` over several tables of `cols` columns without its extreme 0.1 % at each end, padded. */
export function centralRange(tables: readonly Points[], column: number, cols: number): Range {
  const values: number[] = [];
  for (const table of tables) {
    checkKind(table, ["Float32Array", "Float64Array"], "points");
    for (let i = column; i < table.length; i += cols) if (Number.isFinite(table[i])) values.push(table[i]);
  }
  if (values.length === 0) return [0, 1];
  const sorted = Float64Array.from(values).sort();
  const skip = Math.floor(sorted.length * 0.001);
  return padded([sorted[skip], sorted[sorted.length - 1 - skip]], 0.04);
}
