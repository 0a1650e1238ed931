/**
 * Grouped bars: one group per block or method, one bar per series.
 */

import { InputError } from "../errors/index.ts";
import { checkNumbers } from "../errors/kinds.ts";
import { category, colors } from "./colormap.ts";
import { type Caption, clipped, createPanel, drawAxes, drawFigure, layout, type Quantity } from "./figure.ts";
import { drawLegend, type LegendEntry, legendHeight } from "./legend.ts";
import { extent, padded } from "./scale.ts";
import { element, fitText, label, polyline } from "./svg.ts";

export interface BarSeries {
  readonly name: string;
  /** One value per group; a value that is not finite leaves a gap. */
  readonly values: ArrayLike<number>;
  /** Half length of the error bars, one per group. */
  readonly error?: ArrayLike<number>;
}

export interface BarsFigure extends Caption {
  /** Names under the groups. */
  readonly groups: readonly string[];
  /** What the groups are, for instance block. */
  readonly x: Quantity;
  readonly y: Quantity;
  readonly series: readonly BarSeries[];
}

const HEIGHT = 300;

/**
 * Bars from zero, upwards or downwards. Throws InputError where a series does not have one value per group.
 *
 * @example
 * ```ts
 * import { barsFigure } from "jkoflow/plot";
 *
 * const axes = { x: { name: "block", unit: "" }, y: { name: "gain", unit: "nats" } };
 * const series = [{ name: "validation", values: [0.8, 0.3] }];
 * console.log(barsFigure({ title: "Gains", run: "first", ...axes, groups: ["1", "2"], series }).startsWith("<svg")); // true
 * ```
 */
export function barsFigure(figure: BarsFigure): string {
  const { groups, series } = figure;
  for (const { name, values, error } of series) {
    checkNumbers(values, `series "${name}"`);
    if (error !== undefined) checkNumbers(error, `series "${name}"`, "error");
    if (values.length !== groups.length) {
      throw new InputError({
        where: `series "${name}"`,
        came: `${values.length} values`,
        expected: `${groups.length}, one per group`,
      });
    }
  }
  const plot = Math.min(1000, Math.max(400, groups.length * Math.max(46, 16 * series.length + 18)));
  const width = layout.left + plot + layout.right;
  const entries =
    series.length < 2 ? [] : series.map(({ name }, i): LegendEntry => ({ name, color: category(i), mark: "area" }));
  const top = layout.captionHeight + legendHeight(entries, width - 40) + 4;
  const box = { left: layout.left + 8, top, width: plot - 8, height: HEIGHT };
  const ends = series.flatMap(({ values, error }) =>
    Array.from(values).flatMap((value, i) => [value - (error?.[i] ?? 0), value + (error?.[i] ?? 0)]),
  );
  const reach = extent([0, ...ends]);
  const [low, high] = padded(reach, 0.06);
  // The axis ends at zero where no bar crosses it.
  const panel = createPanel(
    box,
    [0, groups.length],
    [reach[0] < 0 ? low : 0, reach[1] > 0 || reach[0] === 0 ? high : 0],
  );
  // Ticks of the x axis are group names, so the axis itself has no numbers.
  const axes = drawAxes(panel, figure.x, figure.y, "outer", "named");
  const slot = box.width / Math.max(1, groups.length);
  const wide = Math.min(40, (0.72 * slot) / Math.max(1, series.length));
  const zero = panel.y.at(0);
  const bars = series.flatMap(({ values, error }, s) =>
    groups.map((_, g) => {
      const middle = panel.x.at(g + 0.5) + (s - (series.length - 1) / 2) * wide;
      if (!Number.isFinite(values[g])) return "";
      const end = panel.y.at(values[g]);
      const bar = element("rect", {
        x: middle - wide / 2 + 0.5,
        y: Math.min(zero, end),
        width: wide - 1,
        height: Math.abs(zero - end),
        fill: category(s),
      });
      if (error === undefined || !Number.isFinite(error[g])) return bar;
      const [up, down] = [panel.y.at(values[g] + error[g]), panel.y.at(values[g] - error[g])];
      const d = polyline([middle, up, middle, down]) + polyline([middle - 3, up, middle + 3, up]);
      return bar + element("path", { d: d + polyline([middle - 3, down, middle + 3, down]), stroke: colors.ink });
    }),
  );
  const names = groups.map((name, g) =>
    label(fitText(name, 11, slot), panel.x.at(g + 0.5), top + HEIGHT + 17, {
      "text-anchor": "middle",
      "font-size": 11,
    }),
  );
  const base = element("path", { d: polyline([box.left, zero, box.left + box.width, zero]), stroke: colors.ink });
  return drawFigure(figure, width, top + HEIGHT + layout.bottom, [
    drawLegend(entries, 20, layout.captionHeight, width - 40),
    clipped(box, "panel0", [axes.background, ...bars, base]),
    axes.foreground,
    ...names,
  ]);
}
