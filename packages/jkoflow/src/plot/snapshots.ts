/**
 * A density on its way: particles at several times, on the same axes, each in the colour of its log-density. In the plane
 * the contours of a density to compare with may lie over them; on the line the profile itself is drawn over x.
 */
import { InputError } from "../errors/index.ts";
import { checkKind } from "../errors/kinds.ts";
import { colors, viridis } from "./colormap.ts";
import { massLevels } from "./contour.ts";
import { type DensityGrid, regionPath } from "./density.ts";
import {
  type Box,
  type Caption,
  createPanel,
  drawAxes,
  drawFigure,
  layout,
  type Panel,
  type Quantity,
} from "./figure.ts";
import { drawLegend, type LegendEntry, legendHeight } from "./legend.ts";
import { headedPanel, panelGrid } from "./panels.ts";
import { type Points, spread } from "./points.ts";
import { padded, type Range } from "./scale.ts";
import { centralRange } from "./scatter.ts";
import { element, pixels, polyline } from "./svg.ts";

/** Particles at one time. */
export interface Snapshot {
  readonly heading: string;
  /** In the plane [n, 2]: x0, y0, x1, y1, ...; on the line [n]. */
  readonly points: Points;
  /** Log-density at each of them, nats: [n]. */
  readonly logDensity: ArrayLike<number>;
  /** A density in the plane to compare with, drawn as contours of 50 and 95 % of its mass. */
  readonly grid?: DensityGrid;
  /** A density on the line to compare with: places, and its log there (nats). */
  readonly profile?: { readonly x: ArrayLike<number>; readonly logDensity: ArrayLike<number> };
}

export interface SnapshotsFigure extends Caption {
  readonly x: Quantity;
  /** In the plane only; on the line y is the density. */
  readonly y?: Quantity;
  readonly snapshots: readonly Snapshot[];
  /** What grids and profiles are, for the legend. */
  readonly compared?: string;
}

const MOST_POINTS = 800;
/** Colours of the scale; few, since each is a path of its own. */
const COLORS = 12;
const SHARES: readonly number[] = [0.5, 0.95];

/** One picture per snapshot, all of the same size, axes and colours: to be shown one after the other. */
export function snapshotFrames(figure: SnapshotsFigure): readonly string[] {
  const drawer = createDrawer(figure);
  const box = { left: layout.left, top: drawer.top + 24, width: 440, height: figure.y ? 440 : 300 };
  const [width, height] = [layout.left + 440 + layout.right, box.top + box.height + layout.bottom];
  return figure.snapshots.map((snapshot) =>
    drawFigure(figure, width, height, [drawer.legend(width), drawer.panel(snapshot, box, "outer", "panel0")]),
  );
}

/**
 * The snapshots side by side.
 *
 * @example
 * ```ts
 * import { snapshotFrames, snapshotsFigure } from "jkoflow/plot";
 *
 * const axes = { title: "Two times", run: "first", x: { name: "a", unit: "" }, y: { name: "b", unit: "" } };
 * const points = Float32Array.of(0, 0, 2, 1); // [2, 2]
 * const snapshots = ["t = 0", "t = 1"].map((heading) => ({ heading, points, logDensity: [-1, -2] }));
 * console.log(snapshotsFigure({ ...axes, snapshots }).startsWith("<svg"), snapshotFrames({ ...axes, snapshots }).length);
 * ```
 */
export function snapshotsFigure(figure: SnapshotsFigure): string {
  const drawer = createDrawer(figure);
  const lines = panelGrid(figure.snapshots.length, () => 240);
  const panels = figure.snapshots.map((snapshot, i) =>
    drawer.panel(snapshot, lines.box(i, drawer.top), lines.place(i), `panel${i}`),
  );
  return drawFigure(figure, lines.width, lines.height(drawer.top), [drawer.legend(lines.width), ...panels]);
}

interface Drawer {
  readonly top: number;
  legend(width: number): string;
  panel(snapshot: Snapshot, box: Box, place: "outer" | "inner", id: string): string;
}

function createDrawer({ snapshots, x, y, compared }: SnapshotsFigure): Drawer {
  const cols = y === undefined ? 1 : 2;
  for (const { points, logDensity, heading } of snapshots) {
    checkKind(points, ["Float32Array", "Float64Array"], "points");
    if (points.length === cols * logDensity.length) continue;
    const came = `${points.length} numbers and ${logDensity.length} log-densities`;
    throw new InputError({ where: `snapshot "${heading}"`, came, expected: `${cols} numbers for each log-density` });
  }
  const clouds = snapshots.map(({ points }) => points);
  const finite = snapshots
    .flatMap(({ logDensity }) => Array.from(logDensity).filter(Number.isFinite))
    .sort((a, b) => a - b);
  const at = (place: number): number => finite[place] ?? 0;
  const last = finite.length - 1;
  const scale: Range = [at(Math.floor(0.02 * last)), at(Math.ceil(0.995 * last))];
  const xs = padded(centralRange(clouds, 0, cols), 0.06);
  const ys: Range = y === undefined ? [0, 1.08 * Math.exp(scale[1])] : padded(centralRange(clouds, 1, 2), 0.06);
  const marks: LegendEntry[] = [
    { name: "low density", color: viridis(0.95), mark: "point" },
    { name: "high density", color: viridis(0), mark: "point" },
    ...(compared === undefined ? [] : [{ name: compared, color: colors.ink, mark: "dashed" } as const]),
  ];
  const drawn = y === undefined ? marks.filter(({ mark }) => mark === "dashed") : marks;
  const quantity = y ?? { name: "density", unit: "" };
  return {
    top: layout.captionHeight + legendHeight(drawn, 400),
    legend: (width) => drawLegend(drawn, 20, layout.captionHeight, width - 40),
    panel: (snapshot, box, place, id) => {
      const panel = createPanel(box, xs, ys);
      const axes = drawAxes(panel, x, quantity, place);
      const inside = y === undefined ? profileOf(panel, snapshot) : cloudOf(panel, snapshot, scale);
      return headedPanel(box, id, snapshot.heading, axes, inside);
    },
  };
}

/** Points by colour, the densest on top, then contours. */
function cloudOf(panel: Panel, { points, logDensity, grid }: Snapshot, [low, high]: Range): readonly string[] {
  const paths = new Array<string>(COLORS).fill("");
  for (const i of spread(logDensity.length, MOST_POINTS)) {
    const share = high > low ? (logDensity[i] - low) / (high - low) : 0.5;
    const color = Math.min(COLORS - 1, Math.max(0, Math.floor(share * COLORS)));
    if (Number.isNaN(color)) continue;
    paths[color] += `M${pixels(panel.x.at(points[2 * i]))} ${pixels(panel.y.at(points[2 * i + 1]))}h0`;
  }
  const dots = paths.map((d, i) => {
    const stroke = viridis(0.95 * (1 - i / (COLORS - 1)));
    return element("path", { d, stroke, "stroke-width": 3.2, "stroke-linecap": "round", fill: "none" });
  });
  const rings = grid === undefined ? [] : massLevels(grid, SHARES).map((level) => regionPath(panel, grid, level));
  const contours = rings.map((d) =>
    element("path", { d, stroke: colors.ink, "stroke-width": 1.2, "stroke-dasharray": "5 3", fill: "none" }),
  );
  return [...dots.filter((_, i) => paths[i] !== ""), ...contours];
}

/** The density over the line through its particles, filled; then what it is compared with. */
function profileOf(panel: Panel, { points, logDensity, profile }: Snapshot): readonly string[] {
  const order = Array.from(spread(points.length, MOST_POINTS)).sort((i, j) => points[i] - points[j]);
  const base = panel.y.at(0);
  const line = order.flatMap((i) => [panel.x.at(points[i]), panel.y.at(Math.exp(logDensity[i]))]);
  const [first, last] = [line[0], line[line.length - 2]];
  const area = order.length === 0 ? [] : [first, base, ...line, last, base];
  const rug = order.map((i) => `M${pixels(panel.x.at(points[i]))} ${pixels(base)}v-6`).join("");
  const drawn = [
    element("path", { d: polyline(area), fill: colors.model, "fill-opacity": "0.15", stroke: "none" }),
    element("path", { d: polyline(line), fill: "none", stroke: colors.model, "stroke-width": 2 }),
    element("path", { d: rug, fill: "none", stroke: colors.model, "stroke-opacity": "0.35" }),
  ];
  if (profile === undefined) return drawn;
  const compared = Array.from({ length: profile.x.length }, (_, i) => [
    panel.x.at(profile.x[i]),
    panel.y.at(Math.exp(profile.logDensity[i])),
  ]).flat();
  const dashed = { fill: "none", stroke: colors.ink, "stroke-width": 1.6, "stroke-dasharray": "5 3" };
  return [...drawn, element("path", { d: polyline(compared), ...dashed })];
}
