/**
 * Legends: a row of names with the marks they stand for, between the caption and the panels.
 */

import { type Attributes, element, label, polyline, textWidth } from "./svg.ts";

/** One entry of a legend; `mark` is how the series is drawn. */
export interface LegendEntry {
  readonly name: string;
  readonly color: string;
  readonly mark: "line" | "dashed" | "area" | "point";
}

const ROW = 20;
const FONT = 12;
/** From the left end of a mark to its name, and from the name to the next mark. */
const NAME_AT = 28;
const GAP = 20;

/** A row of legend entries that starts at (left, top) and breaks where it would pass `width`. */
export function drawLegend(entries: readonly LegendEntry[], left: number, top: number, width: number): string {
  return placeLegend(entries, width)
    .map(({ entry, x, row }) => {
      const y = top + row * ROW;
      return drawMark(entry, left + x, y + 8) + label(entry.name, left + x + NAME_AT, y + 12);
    })
    .join("");
}

/** Height in pixels of {@link drawLegend}. */
export function legendHeight(entries: readonly LegendEntry[], width: number): number {
  const last = placeLegend(entries, width).at(-1);
  return last === undefined ? 0 : (last.row + 1) * ROW + 6;
}

function placeLegend(entries: readonly LegendEntry[], width: number): { entry: LegendEntry; x: number; row: number }[] {
  let x = 0;
  let row = 0;
  return entries.map((entry) => {
    const wide = NAME_AT + textWidth(entry.name, FONT) + GAP;
    if (x > 0 && x + wide > width) {
      x = 0;
      row++;
    }
    const placed = { entry, x, row };
    x += wide;
    return placed;
  });
}

function drawMark({ color, mark }: LegendEntry, x: number, y: number): string {
  if (mark === "area") return element("rect", { x, y: y - 5, width: 20, height: 10, fill: color });
  if (mark === "point") return element("circle", { cx: x + 10, cy: y, r: 3.5, fill: color });
  const dash: Attributes = mark === "dashed" ? { "stroke-dasharray": "5 3" } : {};
  return element("path", { d: polyline([x, y, x + 20, y]), stroke: color, "stroke-width": 2, ...dash });
}
