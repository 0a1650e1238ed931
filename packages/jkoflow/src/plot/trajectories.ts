/**
 * The paths of particles through the blocks of a flow.
 */

import { InputError } from "../errors/index.ts";
import { checkKind } from "../errors/kinds.ts";
import { colors, viridis } from "./colormap.ts";
import { type Caption, clipped, createPanel, drawAxes, drawFigure, layout, type Quantity } from "./figure.ts";
import { drawLegend, type LegendEntry, legendHeight } from "./legend.ts";
import { drawPoints, type Points, spread } from "./points.ts";
import { centralRange } from "./scatter.ts";
import { element, polyline } from "./svg.ts";

export interface TrajectoriesFigure extends Caption {
  /** Positions before the first block and after each block, [n, 2] each, row i always the same particle. */
  readonly positions: readonly Points[];
  readonly x: Quantity;
  readonly y: Quantity;
}

const MOST_PATHS = 300;
const SIDE = 440;
/** Up to this many blocks are named one by one in the legend. */
const MOST_NAMED = 8;

/** Paths coloured by block, from start (blue points) to end (orange ones). Throws InputError where the sets differ in size. */
export function trajectoriesFigure(figure: TrajectoriesFigure): string {
  const { positions } = figure;
  for (const points of positions) checkKind(points, ["Float32Array", "Float64Array"], "positions");
  const n = positions.length === 0 ? 0 : positions[0].length / 2;
  const odd = positions.findIndex((points) => points.length !== 2 * n);
  if (positions.length < 2 || odd >= 0) {
    throw new InputError({
      where: "positions",
      came: odd >= 0 ? `${positions[odd].length} numbers at place ${odd}` : `${positions.length} sets`,
      expected: odd >= 0 ? `${2 * n} as in the first` : "at least two",
    });
  }
  const blocks = positions.length - 1;
  const color = (block: number): string => viridis(blocks === 1 ? 0.5 : 0.05 + (0.85 * block) / (blocks - 1));
  const chosen = spread(n, MOST_PATHS);
  const paths = Array.from({ length: blocks }, (_, block) => (i: number): number[] => [
    panel.x.at(positions[block][2 * i]),
    panel.y.at(positions[block][2 * i + 1]),
    panel.x.at(positions[block + 1][2 * i]),
    panel.y.at(positions[block + 1][2 * i + 1]),
  ]);
  const width = layout.left + SIDE + layout.right + 10;
  const entries = legendEntries(blocks, color);
  const top = layout.captionHeight + legendHeight(entries, width - 40) + 4;
  const box = { left: layout.left, top, width: SIDE, height: SIDE };
  const panel = createPanel(box, centralRange(positions, 0, 2), centralRange(positions, 1, 2));
  const axes = drawAxes(panel, figure.x, figure.y);
  const pick = (points: Points): Float64Array =>
    Float64Array.from(chosen.flatMap((i) => [points[2 * i], points[2 * i + 1]]));
  const inside = [
    axes.background,
    ...paths.map((segment, block) =>
      element("path", {
        d: chosen.map((i) => polyline(segment(i))).join(""),
        fill: "none",
        stroke: color(block),
        "stroke-width": 0.9,
        "stroke-opacity": "0.75",
        "stroke-linecap": "round",
      }),
    ),
    drawPoints(panel, pick(positions[0]), colors.data, MOST_PATHS),
    drawPoints(panel, pick(positions[blocks]), colors.model, MOST_PATHS),
  ];
  return drawFigure(figure, width, top + SIDE + layout.bottom, [
    drawLegend(entries, 20, layout.captionHeight, width - 40),
    clipped(box, "panel0", inside),
    axes.foreground,
  ]);
}

function legendEntries(blocks: number, color: (block: number) => string): readonly LegendEntry[] {
  const named = blocks <= MOST_NAMED ? Array.from({ length: blocks }, (_, i) => i) : [0, blocks >> 1, blocks - 1];
  return [
    { name: "start", color: colors.data, mark: "point" },
    ...named.map((block): LegendEntry => ({ name: `block ${block + 1}`, color: color(block), mark: "line" })),
    { name: "end", color: colors.model, mark: "point" },
  ];
}
