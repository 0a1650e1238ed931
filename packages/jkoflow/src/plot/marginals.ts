/**
 * All one- and two-dimensional marginals of a table: histograms on the diagonal, highest-density regions below it.
 */

import { InputError } from "../errors/index.ts";
import { checkKind } from "../errors/kinds.ts";
import { colors } from "./colormap.ts";
import { massLevels } from "./contour.ts";
import { type DensityGrid, regionPath } from "./density.ts";
import { type Box, type Caption, createPanel, drawFigure, layout } from "./figure.ts";
import { histogram, logHistogram } from "./histogram.ts";
import { drawLegend, type LegendEntry } from "./legend.ts";
import type { Points } from "./points.ts";
import { formatTick, type Range, tickStep, ticks } from "./scale.ts";
import { centralRange } from "./scatter.ts";
import { element, fitText, label, polyline } from "./svg.ts";

export interface MarginalsFigure extends Caption {
  /** Names of the columns; the first six are drawn. */
  readonly columns: readonly string[];
  /** Unit of all columns, for instance "standardised"; empty for pure numbers. */
  readonly unit: string;
  /** [n, columns] */
  readonly data: Points;
  /** [m, columns] */
  readonly model: Points;
}

const MOST_COLUMNS = 6;
/** At so many rows: bins of the histograms, and the blur of those in two dimensions, in cells. */
const ROWS = 2000;
const BINS = 40;
const BLUR = 1.6;
const CELLS = 48;
/** Few rows get wider bins (n^(-1/3)) and kernels (n^(-1/6)), or every row would be an island of its own (Scott 1992). */
const binsFor = (rows: number): number => Math.max(8, Math.round(BINS * Math.min(1, rows / ROWS) ** (1 / 3)));
const blurFor = (rows: number): number => BLUR * Math.max(1, ROWS / rows) ** (1 / 6);
const SHARES: readonly number[] = [0.95, 0.8, 0.5];
const DATA_SHADES: readonly string[] = ["#d3e6f3", "#9cc8e4", "#5aa2d0"];

const LEGEND: readonly LegendEntry[] = [
  { name: "data: 50, 80, 95 % of mass", color: DATA_SHADES[1], mark: "area" },
  { name: "model: the same", color: colors.model, mark: "line" },
];

/** Corner plot of data against model samples. Throws InputError where a table does not fit the column names. */
export function marginalsFigure(figure: MarginalsFigure): string {
  const cols = figure.columns.length;
  for (const [where, table] of [
    ["data", figure.data],
    ["model", figure.model],
  ] as const) {
    checkKind(table, ["Float32Array", "Float64Array"], where);
    if (cols === 0 || table.length === 0 || table.length % cols !== 0) {
      throw new InputError({ where, came: `${table.length} numbers`, expected: `rows of ${cols} named columns` });
    }
  }
  const shown = Math.min(MOST_COLUMNS, cols);
  const side = Math.min(220, Math.floor(690 / shown));
  const gap = 8;
  const top = layout.captionHeight + 34;
  const width = layout.left + shown * (side + gap) + layout.right;
  const height = top + shown * (side + gap) + layout.bottom;
  const ranges = figure.columns.slice(0, shown).map((_, i) => centralRange([figure.data, figure.model], i, cols));
  const data = ranges.map((_, i) => pickColumn(figure.data, i, cols));
  const model = ranges.map((_, i) => pickColumn(figure.model, i, cols));
  const content = [drawLegend(LEGEND, 20, layout.captionHeight, width - 40)];
  for (let row = 0; row < shown; row++) {
    for (let column = 0; column <= row; column++) {
      const box = {
        left: layout.left + column * (side + gap),
        top: top + row * (side + gap),
        width: side,
        height: side,
      };
      const inside =
        row === column
          ? drawHistograms(box, ranges[row], data[row], model[row])
          : drawPair(box, ranges[column], ranges[row], [data[column], data[row]], [model[column], model[row]]);
      content.push(
        inside,
        element("rect", { x: box.left, y: box.top, width: side, height: side, fill: "none", stroke: colors.frame }),
      );
      if (row === shown - 1) content.push(drawBottomAxis(box, ranges[column], nameOf(figure, column)));
      if (column === 0 && row > 0) content.push(drawLeftAxis(box, ranges[row], nameOf(figure, row)));
    }
  }
  return drawFigure(figure, width, height, content);
}

function nameOf({ columns, unit }: MarginalsFigure, i: number): string {
  return unit === "" ? columns[i] : `${columns[i]} (${unit})`;
}

function pickColumn(table: Points, column: number, cols: number): Float64Array {
  return Float64Array.from({ length: table.length / cols }, (_, r) => table[r * cols + column]);
}

function drawHistograms(box: Box, range: Range, data: Float64Array, model: Float64Array): string {
  const bins = binsFor(Math.min(data.length, model.length));
  const [left, right] = [histogram(data, range, bins), histogram(model, range, bins)];
  const highest = Math.max(...left, ...right) || 1;
  const panel = createPanel(box, range, [0, 1.08 * highest]);
  const outline = (bars: Float64Array): string => {
    const points: number[] = [];
    bars.forEach((value, i) => {
      for (const edge of [i, i + 1]) {
        points.push(panel.x.at(range[0] + (edge / bins) * (range[1] - range[0])), panel.y.at(value));
      }
    });
    return polyline(points);
  };
  const base = `L${box.left + box.width} ${box.top + box.height}L${box.left} ${box.top + box.height}Z`;
  return (
    element("path", { d: outline(left) + base, fill: DATA_SHADES[1] }) +
    element("path", { d: outline(right), fill: "none", stroke: colors.model, "stroke-width": 1.5 })
  );
}

function drawPair(box: Box, x: Range, y: Range, data: readonly Float64Array[], model: readonly Float64Array[]): string {
  const panel = createPanel(box, x, y);
  const gridOf = ([xs, ys]: readonly Float64Array[]): DensityGrid => {
    return { x, y, columns: CELLS, rows: CELLS, values: logHistogram(xs, ys, x, y, CELLS, blurFor(xs.length)) };
  };
  const [dataGrid, modelGrid] = [gridOf(data), gridOf(model)];
  const filled = massLevels(dataGrid, SHARES).map((level, i) =>
    element("path", { d: regionPath(panel, dataGrid, level), fill: DATA_SHADES[i], "fill-rule": "evenodd" }),
  );
  const lines = massLevels(modelGrid, SHARES).map((level) =>
    element("path", {
      d: regionPath(panel, modelGrid, level),
      fill: "none",
      stroke: colors.model,
      "stroke-width": 1.2,
    }),
  );
  return [...filled, ...lines].join("");
}

function drawBottomAxis(box: Box, range: Range, name: string): string {
  const { x } = createPanel(box, range, [0, 1]);
  const bottom = box.top + box.height;
  const marks = ticks(range, 3).map((value) => {
    const text = formatTick(value, tickStep(range, 3));
    return (
      element("path", { d: polyline([x.at(value), bottom, x.at(value), bottom + 4]), stroke: colors.frame }) +
      label(text, x.at(value), bottom + 16, { "text-anchor": "middle", "font-size": 10 })
    );
  });
  const short = fitText(name, layout.font, box.width);
  return marks.join("") + label(short, box.left + box.width / 2, bottom + 34, { "text-anchor": "middle" });
}

function drawLeftAxis(box: Box, range: Range, name: string): string {
  const { y } = createPanel(box, [0, 1], range);
  const marks = ticks(range, 3).map((value) => {
    const text = formatTick(value, tickStep(range, 3));
    return (
      element("path", { d: polyline([box.left - 4, y.at(value), box.left, y.at(value)]), stroke: colors.frame }) +
      label(text, box.left - 7, y.at(value) + 4, { "text-anchor": "end", "font-size": 10 })
    );
  });
  const [at, middle] = [Math.round(box.left - 42), Math.round(box.top + box.height / 2)];
  const turned = { "text-anchor": "middle", transform: `rotate(-90 ${at} ${middle})` };
  return marks.join("") + label(fitText(name, layout.font, box.height), at, middle, turned);
}
