/**
 * Lines over an axis of steps or blocks: losses, negative log-likelihood with its standard error, step sizes.
 */

import { InputError } from "../errors/index.ts";
import { checkNumbers } from "../errors/kinds.ts";
import { category, colors } from "./colormap.ts";
import {
  type Caption,
  clipped,
  createPanel,
  drawAxes,
  drawFigure,
  layout,
  type Panel,
  type Quantity,
} from "./figure.ts";
import { drawLegend, type LegendEntry, legendHeight } from "./legend.ts";
import { extent, padded } from "./scale.ts";
import { element, polyline } from "./svg.ts";

export interface Curve {
  readonly name: string;
  readonly x: ArrayLike<number>;
  /** As long as `x`; the line breaks where a value is not finite. */
  readonly y: ArrayLike<number>;
  /** Half length of the error bars, as long as `x`. */
  readonly error?: ArrayLike<number>;
  /** Default "line"; "marked" also draws a dot per value. */
  readonly kind?: "line" | "marked";
}

/** A level to compare with, drawn dashed over the whole width. */
export interface Reference {
  readonly name: string;
  readonly y: number;
}

export interface CurvesFigure extends Caption {
  readonly x: Quantity;
  readonly y: Quantity;
  readonly curves: readonly Curve[];
  readonly references?: readonly Reference[];
}

const WIDTH = 640;
const HEIGHT = 300;

/** Curves with error bars and reference levels on common axes. Throws InputError where a curve's lengths differ. */
export function curvesFigure(figure: CurvesFigure): string {
  const { curves, references = [] } = figure;
  for (const { name, x, y, error } of curves) {
    checkNumbers(x, `curve "${name}"`, "x");
    checkNumbers(y, `curve "${name}"`, "y");
    if (error !== undefined) checkNumbers(error, `curve "${name}"`, "error");
    if (y.length !== x.length || (error !== undefined && error.length !== x.length)) {
      throw new InputError({
        where: `curve "${name}"`,
        came: `${y.length} values${error === undefined ? "" : ` and ${error.length} errors`}`,
        expected: `${x.length}, one per x`,
      });
    }
  }
  const entries: LegendEntry[] = [
    ...curves.map(({ name }, i): LegendEntry => ({ name, color: category(i), mark: "line" })),
    ...references.map(({ name }, i): LegendEntry => ({ name, color: referenceColor(i), mark: "dashed" })),
  ];
  const width = layout.left + WIDTH + layout.right;
  const top = layout.captionHeight + legendHeight(entries, width - 40) + 4;
  const box = { left: layout.left + 8, top, width: WIDTH - 8, height: HEIGHT };
  const xs = extent(curves.flatMap(({ x }) => Array.from(x)));
  const ys = extent([
    ...curves.flatMap(({ y, error }) =>
      Array.from(y).flatMap((value, i) => [value - (error?.[i] ?? 0), value + (error?.[i] ?? 0)]),
    ),
    ...references.map(({ y }) => y),
  ]);
  const panel = createPanel(box, padded(xs, 0.02), padded(ys, 0.06));
  const whole = curves.every(({ x }) => Array.from(x).every(Number.isInteger));
  const axes = drawAxes(panel, figure.x, figure.y, "outer", whole ? "whole" : "numbers");
  const levels = references.map(({ y }, i) =>
    element("path", {
      d: polyline([box.left, panel.y.at(y), box.left + box.width, panel.y.at(y)]),
      stroke: referenceColor(i),
      "stroke-width": 1.5,
      "stroke-dasharray": "5 3",
    }),
  );
  const lines = curves.map((curve, i) => drawCurve(panel, curve, category(i)));
  return drawFigure(figure, width, top + HEIGHT + layout.bottom, [
    drawLegend(entries, 20, layout.captionHeight, width - 40),
    clipped(box, "panel0", [axes.background, ...levels, ...lines]),
    axes.foreground,
  ]);
}

function drawCurve(panel: Panel, { x, y, error, kind }: Curve, color: string): string {
  const runs: number[][] = [[]];
  let dots = "";
  let bars = "";
  for (const i of drawnPlaces(y)) {
    if (!Number.isFinite(y[i])) {
      runs.push([]);
      continue;
    }
    const [at, height] = [panel.x.at(x[i]), panel.y.at(y[i])];
    runs.at(-1)?.push(at, height);
    if (kind === "marked") dots += element("circle", { cx: at, cy: height, r: 3, fill: color });
    if (error !== undefined && Number.isFinite(error[i])) {
      const [high, low] = [panel.y.at(y[i] + error[i]), panel.y.at(y[i] - error[i])];
      bars +=
        polyline([at, high, at, low]) + polyline([at - 3, high, at + 3, high]) + polyline([at - 3, low, at + 3, low]);
    }
  }
  const line = element("path", {
    d: runs.map(polyline).join(""),
    fill: "none",
    stroke: color,
    "stroke-width": 1.8,
    "stroke-linejoin": "round",
  });
  return (
    line + (bars === "" ? "" : element("path", { d: bars, stroke: color, "stroke-width": 1.2, fill: "none" })) + dots
  );
}

/** All places of a short curve; of a long one the lowest and highest value of each pixel's share, so that spikes stay. */
function drawnPlaces(y: ArrayLike<number>): readonly number[] {
  const shares = Math.min(y.length, WIDTH);
  if (y.length <= 4 * shares) return Array.from({ length: y.length }, (_, i) => i);
  const places: number[] = [];
  for (let share = 0; share < shares; share++) {
    const from = Math.floor((share * y.length) / shares);
    const to = Math.floor(((share + 1) * y.length) / shares);
    let [low, high] = [from, from];
    for (let i = from; i < to; i++) {
      if (!(y[i] >= y[low])) low = i; // also moves to a NaN, which breaks the line
      if (y[i] > y[high]) high = i;
    }
    places.push(Math.min(low, high));
    if (low !== high) places.push(Math.max(low, high));
  }
  return places;
}

function referenceColor(i: number): string {
  return i === 0 ? colors.ink : colors.faint;
}
