/**
 * Colours that survive grey print and colour blindness.
 *
 * Continuous: nine anchors of viridis (S. van der Walt and N. Smith, 2015; CC0), linear in between.
 * Categories: the palette of M. Okabe and K. Ito, "Color universal design" (2008), without its yellow, which is too
 * faint for lines on white.
 */

const VIRIDIS: readonly string[] = [
  "#440154",
  "#472d7b",
  "#3b528b",
  "#2c728e",
  "#21918c",
  "#28ae80",
  "#5ec962",
  "#addc30",
  "#fde725",
];

const CATEGORIES: readonly string[] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/** Colours with a meaning that is the same in all figures. */
export const colors = {
  data: "#0072b2",
  model: "#d55e00",
  ink: "#222222",
  faint: "#6b6b6b",
  frame: "#9a9a9a",
  grid: "#e6e6e6",
  paper: "#ffffff",
} as const;

/** From most of the data to the middle of it. */
export const dataShades: readonly string[] = ["#d3e6f3", "#9cc8e4", "#5aa2d0"];

/**
 * viridis at `t` in [0, 1], from dark violet to yellow, as #rrggbb.
 *
 * @example
 * ```ts
 * import { category, colors, viridis } from "jkoflow/plot";
 *
 * console.log(viridis(0), viridis(1), category(0), colors.data); // #440154 #fde725 #0072b2 #0072b2
 * ```
 */
export function viridis(t: number): string {
  const place = Math.min(1, Math.max(0, t)) * (VIRIDIS.length - 1);
  const i = Math.min(VIRIDIS.length - 2, Math.floor(place));
  return blend(VIRIDIS[i], VIRIDIS[i + 1], place - i);
}

/** The colour (#rrggbb) at `share` of the way from one to the other. */
export function blend(from: string, to: string, share: number): string {
  const channel = (color: string, at: number): number => Number.parseInt(color.slice(at, at + 2), 16);
  const mixed = [1, 3, 5].map((at) => {
    const value = (1 - share) * channel(from, at) + share * channel(to, at);
    return Math.round(value).toString(16).padStart(2, "0");
  });
  return `#${mixed.join("")}`;
}

/** Colour number `i` for lines and bars; starts again after seven. */
export function category(i: number): string {
  return CATEGORIES[i % CATEGORIES.length];
}
