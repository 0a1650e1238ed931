/**
 * Columns of few values beside others: shares as bars, pairs of such columns as squares of their shares, and what another
 * column does at each level as central ranges. Levels stand at 0, 1, 2, ... along their axis.
 */
import { colors, dataShades } from "./colormap.ts";
import { type Box, createPanel } from "./figure.ts";
import type { Points } from "./points.ts";
import type { Range } from "./scale.ts";
import { element, fitText, label, polyline } from "./svg.ts";

/** One value of a column, or several that are shown as one; NaN is a missing cell. */
export interface Level {
  readonly name: string;
  readonly values: readonly number[];
}

/** The axis of so many levels. */
export const levelRange = (levels: readonly Level[]): Range => [-0.5, levels.length - 0.5];

/** The place of each row's level; NaN for a value that is none of them. [n] */
export function levelPlaces(values: Points, levels: readonly Level[]): Float64Array {
  const places = new Map(levels.flatMap((level, k) => level.values.map((value) => [value, k] as const)));
  return Float64Array.from(values, (value) => places.get(value) ?? Number.NaN);
}

/** Share of the rows at each level. */
function sharesOf(places: Float64Array, levels: number): Float64Array {
  const shares = new Float64Array(levels);
  for (const place of places) if (place >= 0) shares[place] += 1 / places.length;
  return shares;
}

/** Bars from the bottom of the box: data filled, model as an outline. */
export function drawLevelBars(box: Box, levels: readonly Level[], data: Float64Array, model: Float64Array): string {
  const [left, right] = [sharesOf(data, levels.length), sharesOf(model, levels.length)];
  const panel = createPanel(box, levelRange(levels), [0, 1.08 * (Math.max(...left, ...right) || 1)]);
  const bottom = box.top + box.height;
  const bar = (k: number, share: number, half: number) => ({
    x: panel.x.at(k - half),
    y: panel.y.at(share),
    width: panel.x.at(k + half) - panel.x.at(k - half),
    height: bottom - panel.y.at(share),
  });
  const filled = [...left].map((share, k) => element("rect", { ...bar(k, share, 0.38), fill: dataShades[1] }));
  const lines = [...right].map((share, k) =>
    element("rect", { ...bar(k, share, 0.28), fill: "none", stroke: colors.model, "stroke-width": 1.5 }),
  );
  return [...filled, ...lines].join("");
}

/** Places of the same rows in two columns of levels. */
type PlacePair = readonly [x: Float64Array, y: Float64Array];

/** A square for each pair of levels, its area the share of the rows. */
export function drawLevelPairs(
  box: Box,
  x: readonly Level[],
  y: readonly Level[],
  data: PlacePair,
  model: PlacePair,
): string {
  const panel = createPanel(box, levelRange(x), levelRange(y));
  const joint = ([xs, ys]: PlacePair): Float64Array =>
    sharesOf(
      xs.map((place, i) => place * y.length + ys[i]),
      x.length * y.length,
    );
  const [left, right] = [joint(data), joint(model)];
  const most = Math.max(...left, ...right) || 1;
  const slot = Math.min(box.width / x.length, box.height / y.length);
  const square = (share: number, at: number) => {
    const side = 0.92 * slot * Math.sqrt(share / most);
    const [cx, cy] = [panel.x.at(Math.floor(at / y.length)), panel.y.at(at % y.length)];
    return { x: cx - side / 2, y: cy - side / 2, width: side, height: side };
  };
  const drawn = (shares: Float64Array, paint: Readonly<Record<string, string | number>>): string[] =>
    [...shares].flatMap((share, at) => (share > 0 ? [element("rect", { ...square(share, at), ...paint })] : []));
  const outline = { fill: "none", stroke: colors.model, "stroke-width": 1.2 };
  return [...drawn(left, { fill: dataShades[1] }), ...drawn(right, outline)].join("");
}

/** The rows of each level, and their values in the other column. */
function byLevel(places: Float64Array, values: Float64Array, levels: number): Float64Array[] {
  const lists = Array.from({ length: levels }, (): number[] => []);
  places.forEach((place, i) => {
    if (place >= 0 && Number.isFinite(values[i])) lists[place].push(values[i]);
  });
  return lists.map((list) => Float64Array.from(list).sort());
}

/** The value below which a share p of sorted values lies, linear between them. */
function quantile(sorted: Float64Array, p: number): number {
  const at = p * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low] + (at - low) * (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]);
}

/**
 * The central 95 % and 50 % of another column, and its median, at each level: bars of the data, and lines of the model
 * beside them. `along` is the axis of the levels; each pair is [places, values].
 */
export function drawLevelRanges(
  box: Box,
  levels: readonly Level[],
  range: Range,
  data: PlacePair,
  model: PlacePair,
  along: "x" | "y",
): string {
  const panel =
    along === "x" ? createPanel(box, levelRange(levels), range) : createPanel(box, range, levelRange(levels));
  const [place, value] = along === "x" ? [panel.x, panel.y] : [panel.y, panel.x];
  const point = (at: number, v: number): number[] => (along === "x" ? [at, v] : [v, at]);
  const inside = (v: number): number => value.at(Math.min(range[1], Math.max(range[0], v)));
  const slot = Math.abs(place.at(1) - place.at(0));
  /** A band from one quantile to another, `wide` across; 0 is a line. */
  const band = (at: number, wide: number, from: number, to: number): string => {
    const corners = [
      point(at - wide / 2, inside(from)),
      point(at + wide / 2, inside(from)),
      point(at + wide / 2, inside(to)),
      point(at - wide / 2, inside(to)),
    ];
    return `${polyline(corners.flat())}Z`;
  };
  const shapes = ([places, values]: PlacePair, draw: (sorted: Float64Array, k: number) => string[]): string[] =>
    byLevel(places, values, levels.length).flatMap((sorted, k) => (sorted.length > 0 ? draw(sorted, k) : []));
  const bars = shapes(data, (sorted, k) => {
    const at = place.at(k - 0.12);
    const q = (p: number): number => quantile(sorted, p);
    const median = [point(at - 0.25 * slot, inside(q(0.5))), point(at + 0.25 * slot, inside(q(0.5)))];
    return [
      element("path", { d: band(at, 0.5 * slot, q(0.025), q(0.975)), fill: dataShades[0] }),
      element("path", { d: band(at, 0.5 * slot, q(0.25), q(0.75)), fill: dataShades[2] }),
      element("path", { d: polyline(median.flat()), stroke: colors.paper, "stroke-width": 1.5 }),
    ];
  });
  const lines = shapes(model, (sorted, k) => {
    const at = place.at(k + 0.28);
    const line = (from: number, to: number, wide: number): string => {
      const ends = [point(at, inside(quantile(sorted, from))), point(at, inside(quantile(sorted, to)))];
      return element("path", { d: polyline(ends.flat()), stroke: colors.model, "stroke-width": wide });
    };
    const middle = inside(quantile(sorted, 0.5));
    const tick = polyline([...point(at - 0.09 * slot, middle), ...point(at + 0.09 * slot, middle)]);
    return [
      line(0.025, 0.975, 1.2),
      line(0.25, 0.75, 3),
      element("path", { d: tick, stroke: colors.model, "stroke-width": 2 }),
    ];
  });
  return [...bars, ...lines].join("");
}

/** Room for a name, at least, and between two of them. */
const NAME_WIDTH = 30;
const NAME_GAP = 2;
const NAME_SIZE = 10;

/** Names below the levels of a box; where they are many every second, third, ... */
export function levelNamesBelow(box: Box, levels: readonly Level[]): string {
  const { x } = createPanel(box, levelRange(levels), [0, 1]);
  const slot = box.width / levels.length;
  const step = Math.ceil(NAME_WIDTH / slot);
  const bottom = box.top + box.height;
  return levels
    .flatMap(({ name }, k) => {
      if (k % step !== 0) return [];
      const text = fitText(name, NAME_SIZE, slot * step - NAME_GAP);
      return [label(text, x.at(k), bottom + 16, { "text-anchor": "middle", "font-size": NAME_SIZE })];
    })
    .join("");
}

/** Names to the left of a box, in `room` pixels. */
export function levelNamesLeft(box: Box, levels: readonly Level[], room: number): string {
  const { y } = createPanel(box, [0, 1], levelRange(levels));
  const step = Math.ceil((NAME_SIZE + 2) / (box.height / levels.length));
  return levels
    .flatMap(({ name }, k) => {
      if (k % step !== 0) return [];
      const text = fitText(name, NAME_SIZE, room);
      return [label(text, box.left - 7, y.at(k) + 4, { "text-anchor": "end", "font-size": NAME_SIZE })];
    })
    .join("");
}
