/**
 * All one- and two-dimensional marginals of a table: histograms on the diagonal, highest-density regions below it. Columns
 * of few values have bars, squares and ranges in their place, see levels.ts.
 */

import { InputError } from "../errors/index.ts";
import { checkKind } from "../errors/kinds.ts";
import { colors, dataShades } from "./colormap.ts";
import { massLevels } from "./contour.ts";
import { type DensityGrid, regionPath } from "./density.ts";
import { type Box, type Caption, createPanel, drawFigure, layout } from "./figure.ts";
import { histogram, logHistogram } from "./histogram.ts";
import { drawLegend, type LegendEntry } from "./legend.ts";
import { drawLevelBars, drawLevelPairs, drawLevelRanges, type Level, levelPlaces } from "./levels.ts";
import { drawBottomAxis, drawLeftAxis } from "./marginalAxes.ts";
import type { Points } from "./points.ts";
import type { Range } from "./scale.ts";
import { centralRange } from "./scatter.ts";
import { element, label, polyline } from "./svg.ts";

export interface MarginalsFigure extends Caption {
  /** Names of the columns; the first six are drawn. */
  readonly columns: readonly string[];
  /** Unit of all columns, for instance "standardised"; empty for pure numbers. */
  readonly unit: string;
  /** [n, columns]; NaN for a missing cell, whose share is written into the histogram. */
  readonly data: Points;
  /** [m, columns] */
  readonly model: Points;
  /** Of columns of few values, by the place of the column: what is drawn as bars. */
  readonly levels?: readonly (readonly Level[] | undefined)[];
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

const LEGEND: readonly LegendEntry[] = [
  { name: "data: 50, 80, 95 % of mass", color: dataShades[1], mark: "area" },
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
  const levels = Array.from({ length: shown }, (_, i) => figure.levels?.[i]);
  const left = layout.left + (levels.some(Boolean) ? NAME_ROOM : 0);
  const top = layout.captionHeight + 34;
  const width = left + shown * (side + gap) + layout.right;
  const height = top + shown * (side + gap) + layout.bottom;
  const ranges = figure.columns.slice(0, shown).map((_, i) => centralRange([figure.data, figure.model], i, cols));
  const pick = (table: Points): Float64Array[] =>
    levels.map((own, i) => {
      const values = pickColumn(table, i, cols);
      return own ? levelPlaces(values, own) : values;
    });
  const [data, model] = [pick(figure.data), pick(figure.model)];
  const content = [drawLegend(LEGEND, 20, layout.captionHeight, width - 40)];
  for (let row = 0; row < shown; row++) {
    for (let column = 0; column <= row; column++) {
      const box = {
        left: left + column * (side + gap),
        top: top + row * (side + gap),
        width: side,
        height: side,
      };
      const [x, y] = [levels[column], levels[row]];
      const [of, from] = [data, model].map((columns) => [columns[column], columns[row]] as const);
      const inside =
        row === column
          ? drawColumn(box, ranges[row], x, data[row], model[row])
          : drawColumns(box, [ranges[column], ranges[row]], [x, y], of, from);
      content.push(
        inside,
        element("rect", { x: box.left, y: box.top, width: side, height: side, fill: "none", stroke: colors.frame }),
      );
      if (row === shown - 1) content.push(drawBottomAxis(box, ranges[column], nameOf(figure, column), x));
      if (column === 0 && row > 0) content.push(drawLeftAxis(box, ranges[row], nameOf(figure, row), left, y));
    }
  }
  return drawFigure(figure, width, height, content);
}

/** Of names of levels, left of the figure. */
const NAME_ROOM = 44;

const turned = ([a, b]: Columns): Columns => [b, a];

function nameOf({ columns, unit }: MarginalsFigure, i: number): string {
  return unit === "" ? columns[i] : `${columns[i]} (${unit})`;
}

function pickColumn(table: Points, column: number, cols: number): Float64Array {
  return Float64Array.from({ length: table.length / cols }, (_, r) => table[r * cols + column]);
}

type Levels = readonly Level[] | undefined;
/** The same rows in the columns of the x and of the y axis. */
type Columns = readonly [x: Float64Array, y: Float64Array];

function drawColumn(box: Box, range: Range, levels: Levels, data: Float64Array, model: Float64Array): string {
  return levels ? drawLevelBars(box, levels, data, model) : drawHistograms(box, range, data, model);
}

function drawColumns(
  box: Box,
  [xs, ys]: readonly [Range, Range],
  [x, y]: readonly [Levels, Levels],
  data: Columns,
  model: Columns,
): string {
  if (x && y) return drawLevelPairs(box, x, y, data, model);
  if (x) return drawLevelRanges(box, x, ys, data, model, "x");
  if (y) return drawLevelRanges(box, y, xs, turned(data), turned(model), "y");
  return drawPair(box, xs, ys, data, model);
}

function drawHistograms(box: Box, around: Range, data: Float64Array, model: Float64Array): string {
  const { range, bins } = binsOf(around, data, model);
  const [left, right] = [histogram(data, range, bins), histogram(model, range, bins)];
  const gaps = [data, model].map((values) => values.reduce((n, x) => n + (Number.isNaN(x) ? 1 : 0), 0) / values.length);
  const hasGaps = gaps.some((share) => share > 0);
  const highest = Math.max(...left, ...right) || 1;
  const panel = createPanel(box, around, [0, (hasGaps ? 1.2 : 1.08) * highest]); // room for a line of text
  const ends = [box.left, box.left + box.width];
  const outline = (bars: Float64Array): string => {
    const points: number[] = [];
    bars.forEach((value, i) => {
      for (const edge of [i, i + 1]) {
        const at = panel.x.at(range[0] + (edge / bins) * (range[1] - range[0]));
        points.push(Math.min(ends[1], Math.max(ends[0], at)), panel.y.at(value));
      }
    });
    return polyline(points);
  };
  const base = `L${ends[1]} ${box.top + box.height}L${ends[0]} ${box.top + box.height}Z`;
  const empty = `empty: ${gaps.map((share) => Number((100 * share).toPrecision(2))).join(" / ")} %`;
  return (
    element("path", { d: outline(left) + base, fill: dataShades[1] }) +
    element("path", { d: outline(right), fill: "none", stroke: colors.model, "stroke-width": 1.5 }) +
    (hasGaps ? label(empty, box.left + 4, box.top + 11, { "font-size": 9 }) : "")
  );
}

/** Equal bins; of whole numbers each has as many of them, or some bins would stand out. */
function binsOf(
  around: Range,
  data: Float64Array,
  model: Float64Array,
): { readonly range: Range; readonly bins: number } {
  const bins = binsFor(Math.min(data.length, model.length));
  const isWhole = (x: number): boolean => Number.isNaN(x) || Number.isInteger(x);
  if (!data.every(isWhole) || !model.every(isWhole)) return { range: around, bins };
  const [low, high] = [Math.floor(around[0]), Math.ceil(around[1])];
  const each = Math.max(1, Math.ceil((high - low + 1) / bins));
  const count = Math.ceil((high - low + 1) / each);
  return { range: [low - 0.5, low - 0.5 + count * each], bins: count };
}

function drawPair(box: Box, x: Range, y: Range, data: readonly Float64Array[], model: readonly Float64Array[]): string {
  const panel = createPanel(box, x, y);
  const gridOf = ([xs, ys]: readonly Float64Array[]): DensityGrid => {
    return { x, y, columns: CELLS, rows: CELLS, values: logHistogram(xs, ys, x, y, CELLS, blurFor(xs.length)) };
  };
  const [dataGrid, modelGrid] = [gridOf(data), gridOf(model)];
  const filled = massLevels(dataGrid, SHARES).map((level, i) =>
    element("path", { d: regionPath(panel, dataGrid, level), fill: dataShades[i], "fill-rule": "evenodd" }),
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
