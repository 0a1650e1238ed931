/** Panels of one size side by side, in lines of at most four, each with its heading. */
import { type Axes, type Box, clipped, layout } from "./figure.ts";
import { label } from "./svg.ts";

const PER_LINE = 4;
/** Above a panel, for its heading. */
const HEADING = 24;

export interface PanelGrid {
  /** Of the figure. */
  readonly width: number;
  /** Of a figure whose panels begin at `top`. */
  height(top: number): number;
  box(i: number, top: number): Box;
  /** Which axes a panel has: those of the first of a line carry the quantity. */
  place(i: number): "outer" | "inner";
}

/** `side` of a panel, by how many there are in a line. */
export function panelGrid(count: number, side: (perLine: number) => number): PanelGrid {
  const perLine = Math.min(PER_LINE, Math.max(1, count));
  const size = side(perLine);
  const lineHeight = HEADING + size + layout.bottom;
  return {
    width: layout.left + perLine * size + (perLine - 1) * layout.gap + layout.right,
    height: (top) => top + Math.ceil(count / perLine) * lineHeight + 4,
    box: (i, top) => ({
      left: layout.left + (i % perLine) * (size + layout.gap),
      top: top + HEADING + Math.floor(i / perLine) * lineHeight,
      width: size,
      height: size,
    }),
    place: (i) => (i % perLine === 0 ? "outer" : "inner"),
  };
}

/** A panel in its box: what is `inside` is clipped to it, between the two layers of the axes. */
export function headedPanel(box: Box, id: string, heading: string, axes: Axes, inside: readonly string[]): string {
  const middle = { "text-anchor": "middle", "font-weight": "bold" };
  const name = label(heading, box.left + box.width / 2, box.top - 8, middle);
  return clipped(box, id, [axes.background, ...inside]) + axes.foreground + name;
}
