/**
 * What all figures share: paper, caption, framed panels with axes, legends.
 */

import { colors } from "./colormap.ts";
import { formatTick, linearScale, type Range, type Scale, tickStep, ticks } from "./scale.ts";
import { element, escapeXml, fitText, label, polyline, textWidth } from "./svg.ts";

/** The two lines above every figure. */
export interface Caption {
  readonly title: string;
  /** Name of the run that made the numbers. */
  readonly run: string;
}

/** What an axis measures; an empty unit means a pure number. */
export interface Quantity {
  readonly name: string;
  readonly unit: string;
}

/** A drawing area in pixels, with its scales. */
export interface Panel {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly x: Scale;
  readonly y: Scale;
}

/** A rectangle in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Distances in pixels. */
export const layout = {
  left: 62,
  right: 20,
  captionHeight: 58,
  bottom: 50,
  gap: 26,
  font: 12,
  titleFont: 16,
} as const;

/** The whole file: white paper of `width` x `height` pixels, caption, then the content. */
export function drawFigure(caption: Caption, width: number, height: number, content: readonly string[]): string {
  const room = width - 40;
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${Math.round(width)} ${Math.round(height)}`,
      role: "img",
      "font-family": "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif",
      "font-size": layout.font,
      fill: colors.ink,
    },
    [
      element("title", {}, [escapeXml(`${caption.title}: ${caption.run}`)]),
      element("rect", { width, height, fill: colors.paper }),
      label(fitText(caption.title, layout.titleFont, room), 20, 27, {
        "font-size": layout.titleFont,
        "font-weight": "bold",
      }),
      label(fitText(caption.run, layout.font, room), 20, 46, { fill: colors.faint }),
      ...content,
    ],
  );
}

/** A panel over `box` whose axes show `x` and `y`; the y scale points upwards. */
export function createPanel(box: Box, x: Range, y: Range): Panel {
  return {
    ...box,
    x: linearScale(x, [box.left, box.left + box.width]),
    y: linearScale(y, [box.top + box.height, box.top]),
  };
}

/** Grid lines, frame, ticks and names of both axes. Draw the data after `background` and before `foreground`. */
export interface Axes {
  readonly background: string;
  readonly foreground: string;
}

/**
 * Axes of a panel. "inner" panels of a row leave out the numbers and the name of the y axis; along "whole"
 * numbers (updates, blocks) no tick falls in between, and an x axis of "named" groups has no ticks of its own.
 */
export function drawAxes(
  panel: Panel,
  x: Quantity,
  y: Quantity,
  place: "outer" | "inner" = "outer",
  along: "numbers" | "whole" | "named" = "numbers",
): Axes {
  const { left, top, width, height } = panel;
  const bottom = top + height;
  const [low, high] = panel.x.domain;
  const most = Math.max(2, width / 70);
  const xs = along === "named" ? [] : tickMarks(panel.x, along === "whole" ? Math.min(most, high - low) : most);
  const ys = tickMarks(panel.y, Math.max(2, height / 50));
  const lines = [
    ...xs.map(({ at }) => polyline([at, top, at, bottom])),
    ...ys.map(({ at }) => polyline([left, at, left + width, at])),
  ].join("");
  const marks = [
    ...xs.map(({ at }) => polyline([at, bottom, at, bottom + 4])),
    ...ys.map(({ at }) => polyline([left, at, left - 4, at])),
  ].join("");
  const middle = top + height / 2;
  const foreground = [
    element("rect", { x: left, y: top, width, height, fill: "none", stroke: colors.frame }),
    element("path", { d: marks, stroke: colors.frame, fill: "none" }),
    ...xs.map(({ at, text }) => label(text, at, bottom + 17, { "text-anchor": "middle", "font-size": 11 })),
    label(axisName(x), left + width / 2, bottom + 36, { "text-anchor": "middle" }),
  ];
  if (place === "outer") {
    const widest = Math.max(0, ...ys.map(({ text }) => textWidth(text, 11)));
    const nameAt = left - 14 - widest;
    foreground.push(
      ...ys.map(({ at, text }) => label(text, left - 7, at + 4, { "text-anchor": "end", "font-size": 11 })),
      label(axisName(y), nameAt, middle, {
        "text-anchor": "middle",
        transform: `rotate(-90 ${Math.round(nameAt)} ${Math.round(middle)})`,
      }),
    );
  }
  return {
    background: element("path", { d: lines, stroke: colors.grid, fill: "none" }),
    foreground: foreground.join(""),
  };
}

/** Content cut off at the panel's frame; `id` must be unique in the figure. */
export function clipped(panel: Box, id: string, content: readonly string[]): string {
  const { left, top, width, height } = panel;
  return (
    element("clipPath", { id }, [element("rect", { x: left, y: top, width, height })]) +
    element("g", { "clip-path": `url(#${id})` }, content.length > 0 ? content : [""])
  );
}

function tickMarks(scale: Scale, count: number): { at: number; text: string }[] {
  const step = tickStep(scale.domain, count);
  return ticks(scale.domain, count).map((value) => ({ at: scale.at(value), text: formatTick(value, step) }));
}

function axisName({ name, unit }: Quantity): string {
  return unit === "" ? name : `${name} (${unit})`;
}
