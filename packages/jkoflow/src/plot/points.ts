/**
 * Many points as few path elements.
 *
 * A point is a line of length zero with round ends: five times fewer bytes than a circle each. Points of one path do not
 * darken each other, so they are dealt out to a few half-transparent paths, and dense places show.
 */

import { checkKind } from "../errors/kinds.ts";
import type { Panel } from "./figure.ts";
import { element, pixels } from "./svg.ts";

/** Points in the plane: x0, y0, x1, y1, ... [n, 2] */
export type Points = Float32Array | Float64Array;

const LAYERS = 6;

/** At most `most` of `points`, spread evenly over their order, drawn in `panel` with this colour. */
export function drawPoints(panel: Panel, points: Points, color: string, most: number): string {
  checkKind(points, ["Float32Array", "Float64Array"], "points");
  const layers = new Array<string>(LAYERS).fill("");
  const chosen = spread(points.length / 2, most);
  chosen.forEach((i, place) => {
    const [x, y] = [points[2 * i], points[2 * i + 1]];
    if (Number.isFinite(x) && Number.isFinite(y)) {
      layers[place % LAYERS] += `M${pixels(panel.x.at(x))} ${pixels(panel.y.at(y))}h0`;
    }
  });
  return layers
    .filter((d) => d !== "")
    .map((d) =>
      element("path", {
        d,
        stroke: color,
        "stroke-width": pointSize(chosen.length),
        "stroke-linecap": "round",
        "stroke-opacity": "0.55",
        fill: "none",
      }),
    )
    .join("");
}

/** `most` indices below n at equal distances; all of them where there are fewer. Takes no random numbers. */
export function spread(n: number, most: number): readonly number[] {
  const count = Math.min(n, most);
  return Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
}

function pointSize(count: number): number {
  return count > 1500 ? 2 : count > 400 ? 2.6 : 4;
}
