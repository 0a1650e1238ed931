/**
 * Clouds of points side by side on the same axes: data against samples, or a flow block by block.
 */

import { checkKind } from "../errors/kinds.ts";
import { colors } from "./colormap.ts";
import { type Caption, clipped, createPanel, drawAxes, drawFigure, layout, type Quantity } from "./figure.ts";
import { drawPoints, type Points } from "./points.ts";
import { padded, type Range } from "./scale.ts";
import { label } from "./svg.ts";

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
const PER_LINE = 4;

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
  const perLine = Math.min(PER_LINE, Math.max(1, panels.length));
  const side = perLine <= 2 ? 320 : 240;
  const width = layout.left + perLine * side + (perLine - 1) * layout.gap + layout.right;
  const lineHeight = 24 + side + layout.bottom;
  const clouds = panels.map((panel) => panel.points);
  const [x, y] = [centralRange(clouds, 0, 2), centralRange(clouds, 1, 2)];
  const content = panels.map(({ heading, points, kind }, i) => {
    const column = i % perLine;
    const box = {
      left: layout.left + column * (side + layout.gap),
      top: layout.captionHeight + 24 + Math.floor(i / perLine) * lineHeight,
      width: side,
      height: side,
    };
    const panel = createPanel(box, x, y);
    const axes = drawAxes(panel, figure.x, figure.y, column === 0 ? "outer" : "inner");
    const inside = [axes.background, drawPoints(panel, points, colors[kind], MOST_POINTS)];
    const name = label(heading, box.left + side / 2, box.top - 8, { "text-anchor": "middle", "font-weight": "bold" });
    return clipped(box, `panel${i}`, inside) + axes.foreground + name;
  });
  const height = layout.captionHeight + Math.ceil(panels.length / perLine) * lineHeight + 4;
  return drawFigure(figure, width, height, content);
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
