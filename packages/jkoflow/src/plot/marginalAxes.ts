/** Ticks, or names of levels, and the name of a column, below and beside the panels of the marginals. */

import { colors } from "./colormap.ts";
import { type Box, createPanel, layout } from "./figure.ts";
import { type Level, levelNamesBelow, levelNamesLeft } from "./levels.ts";
import { formatTick, type Range, tickStep, ticks } from "./scale.ts";
import { element, fitText, label, polyline } from "./svg.ts";

export function drawBottomAxis(box: Box, range: Range, name: string, levels: readonly Level[] | undefined): string {
  const { x } = createPanel(box, range, [0, 1]);
  const bottom = box.top + box.height;
  const marks = (levels ? [] : ticks(range, 3)).map((value) => {
    const text = formatTick(value, tickStep(range, 3));
    return (
      element("path", { d: polyline([x.at(value), bottom, x.at(value), bottom + 4]), stroke: colors.frame }) +
      label(text, x.at(value), bottom + 16, { "text-anchor": "middle", "font-size": 10 })
    );
  });
  const short = fitText(name, layout.font, box.width);
  const names = levels ? levelNamesBelow(box, levels) : "";
  return names + marks.join("") + label(short, box.left + box.width / 2, bottom + 34, { "text-anchor": "middle" });
}

/** `margin` is what the figure has to the left of its first panel. */
export function drawLeftAxis(
  box: Box,
  range: Range,
  name: string,
  margin: number,
  levels: readonly Level[] | undefined,
): string {
  const { y } = createPanel(box, [0, 1], range);
  const marks = (levels ? [] : ticks(range, 3)).map((value) => {
    const text = formatTick(value, tickStep(range, 3));
    return (
      element("path", { d: polyline([box.left - 4, y.at(value), box.left, y.at(value)]), stroke: colors.frame }) +
      label(text, box.left - 7, y.at(value) + 4, { "text-anchor": "end", "font-size": 10 })
    );
  });
  const [at, middle] = [Math.round(box.left - margin + NAME_EDGE), Math.round(box.top + box.height / 2)];
  const rotated = { "text-anchor": "middle", transform: `rotate(-90 ${at} ${middle})` };
  const names = levels ? levelNamesLeft(box, levels, margin - NAME_EDGE - 14) : "";
  return names + marks.join("") + label(fitText(name, layout.font, box.height), at, middle, rotated);
}

/** Of the names of columns from the left edge. */
const NAME_EDGE = 20;
