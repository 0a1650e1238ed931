import { expect, test } from "vitest";
import { createKey, normal } from "../random/index.ts";
import { barsFigure } from "./bars.ts";
import { viridis } from "./colormap.ts";
import { curvesFigure } from "./curves.ts";
import { densityFigure, gridPoints } from "./density.ts";
import { marginalsFigure } from "./marginals.ts";
import { scatterFigure } from "./scatter.ts";
import { snapshotFrames, snapshotsFigure } from "./snapshots.ts";
import { escapeXml, pixels } from "./svg.ts";
import { trajectoriesFigure } from "./trajectories.ts";

const caption = { title: 'a < b & "c"', run: "run's 1 \u0007" };
const x = { name: "x<1>", unit: "a.u." };
const y = { name: "y", unit: "" };
const points = normal(createKey(1), 200);
const more = normal(createKey(2), 400);
const cells = gridPoints([-3, 3], [-3, 3], 20, 20);
const values = Float64Array.from({ length: 400 }, (_, i) => -(cells[2 * i] ** 2 + cells[2 * i + 1] ** 2) / 2);
const grid = { x: [-3, 3], y: [-3, 3], columns: 20, rows: 20, values } as const;
const steps = [0, 1, 2, 3];

/** Levels 0, 1, ... */
const level = (count: number) => Array.from({ length: count }, (_, k) => ({ name: `l${k}`, values: [k] }));

/** Every kind of figure; what holds for all of them is tested over this list. */
const figures: Readonly<Record<string, () => string>> = {
  density: () => densityFigure({ ...caption, x, y, panels: [{ heading: "h & h", grid, points }] }),
  "densities in lines": () => {
    const panels = [0, 1, 2, 3, 4].map((i) => ({ heading: `${i}`, grid }));
    return densityFigure({ ...caption, x, y, panels });
  },
  scatter: () => {
    const panels = [
      { heading: "data", points, kind: "data" },
      { heading: "model", points: more, kind: "model" },
    ] as const;
    return scatterFigure({ ...caption, x, y, panels });
  },
  marginals: () =>
    marginalsFigure({ ...caption, columns: ["p", "q<", "r", "s"], unit: "kW", data: points, model: more }),
  "marginals with levels": () => {
    const levels = [
      undefined,
      [{ name: "<a>", values: [0] }],
      [...level(2), { name: "rest", values: [2, Number.NaN] }],
    ];
    const rows = Float32Array.from({ length: 120 }, (_, i) =>
      i % 4 === 2 ? [0, 1, 2, Number.NaN][(i >> 2) % 4] : i % 3,
    );
    return marginalsFigure({ ...caption, columns: ["p", "q<", "r", "s"], unit: "", data: rows, model: rows, levels });
  },
  trajectories: () => trajectoriesFigure({ ...caption, x, y, positions: [points, points.map((v) => v / 2)] }),
  snapshots: () => {
    const logDensity = Float64Array.from({ length: 100 }, (_, i) => (i === 3 ? Number.NaN : -(points[2 * i] ** 2)));
    return snapshotsFigure({
      ...caption,
      x,
      y,
      snapshots: [{ heading: "t < 1", points, logDensity, grid }],
      compared: "<e>",
    });
  },
  "profiles of snapshots": () => {
    const profile = { x: [-1, 0, 1], logDensity: [-2, -1, Number.NEGATIVE_INFINITY] };
    const logDensity = Array.from(points, (value) => -(value ** 2) / 2);
    return snapshotsFigure({
      ...caption,
      x,
      snapshots: [{ heading: "0", points, logDensity, profile }],
      compared: "exact",
    });
  },
  curves: () => {
    const curves = [
      { name: "l<1>", x: steps, y: [3, Number.NaN, 2, 1], error: [0.1, 0.1, 0.1, 0.1], kind: "marked" },
      { name: "flat", x: steps, y: [1, 1, 1, 1] },
    ] as const;
    return curvesFigure({ ...caption, x, y, curves, references: [{ name: "floor", y: 0.5 }] });
  },
  bars: () => {
    const series = [
      { name: "up", values: [1, 2, Number.NaN], error: [0.1, 0.2, 0.3] },
      { name: "down", values: [-1, 0, 3] },
    ];
    return barsFigure({ ...caption, groups: ["1", "2", "<3>"], x, y, series });
  },
  "nothing to draw": () => curvesFigure({ ...caption, x, y, curves: [] }),
};

/** Throws unless `text` is one well-formed element; enough of a parser for what we write. */
function parse(text: string): { names: string[]; attributes: string[] } {
  const open: string[] = [];
  const names: string[] = [];
  const attributes: string[] = [];
  let rest = text;
  while (rest !== "") {
    const tag = /^<(\/?)([a-zA-Z]+)((?: [a-zA-Z-]+="[^"<>]*")*)(\/?)>/.exec(rest);
    const content = /^[^<>&]|^&(?:amp|lt|gt|quot|#39);/.exec(rest);
    if (tag !== null) {
      const [, closing, name, written, empty] = tag;
      if (closing === "/") expect(open.pop()).toBe(name);
      else {
        names.push(name);
        const found = [...written.matchAll(/ ([a-zA-Z-]+)="/g)].map((match) => match[1]);
        expect(new Set(found).size).toBe(found.length);
        attributes.push(...found);
        if (empty === "") open.push(name);
      }
    } else if (content === null || open.length === 0) throw new Error(`not XML at: ${rest.slice(0, 60)}`);
    rest = rest.slice((tag ?? content)![0].length);
  }
  expect(open).toEqual([]);
  return { names, attributes };
}

test.each(Object.keys(figures))("%s: valid XML, no style, no script, nothing that is not finite", (name) => {
  const svg = figures[name]();
  const { names, attributes } = parse(svg);
  expect(names[0]).toBe("svg");
  expect(attributes).not.toContain("style");
  expect(names.filter((tag) => ["script", "style", "foreignObject", "image"].includes(tag))).toEqual([]);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(svg).toContain("a &lt; b &amp; &quot;c&quot;");
  expect(svg).toContain("run&#39;s 1 \ufffd");
});

test.each(Object.keys(figures))("%s: equal input, equal bytes, coordinates to a tenth of a pixel", (name) => {
  const svg = figures[name]();
  expect(figures[name]()).toBe(svg);
  const paths = [...svg.matchAll(/ d="([^"]*)"/g)].map((match) => match[1]).join(" ");
  expect(paths).not.toMatch(/\.\d\d/);
});

test("frames of snapshots share their axes, and dense points are dark", () => {
  const logDensity = Float64Array.from({ length: 100 }, (_, i) => -(points[2 * i] ** 2 + points[2 * i + 1] ** 2) / 2);
  const wide = points.map((value) => 2 * value);
  const snapshots = [points, wide].map((cloud, i) => ({ heading: `${i}`, points: cloud, logDensity }));
  const frames = snapshotFrames({ ...caption, x, y, snapshots });
  const ticks = (svg: string): string[] => svg.match(/<text [^>]*font-size="11">[^<]*/g) ?? [];
  expect(frames.length).toBe(2);
  expect(ticks(frames[0])).toEqual(ticks(frames[1]));
  expect(ticks(frames[0]).length).toBeGreaterThan(4);
  // One point at the mode: it has the darkest colour, one far out the lightest.
  const [mode] = snapshotFrames({
    ...caption,
    x,
    y,
    snapshots: [{ heading: "", points: Float64Array.of(0, 0, 3, 3), logDensity: [0, -9] }],
  });
  const colorsInOrder = [...mode.matchAll(/d="M[^"]*h0" stroke="(#[0-9a-f]{6})"/g)].map((match) => match[1]);
  expect(colorsInOrder).toEqual([viridis(0.95), viridis(0)]);
  expect(() => snapshotFrames({ ...caption, x, y, snapshots: [{ heading: "", points, logDensity: [1] }] })).toThrow(
    "200 numbers and 1 log-densities, expected 2 numbers for each log-density",
  );
});

test("axes carry their units", () => {
  expect(figures.curves()).toContain("x&lt;1&gt; (a.u.)");
  expect(figures.marginals()).toContain("q&lt; (kW)");
});

test("the region of a density is drawn at its place, y upwards", () => {
  const blob = Float64Array.from(
    { length: 400 },
    (_, i) => -((cells[2 * i] - 2) ** 2 + (cells[2 * i + 1] - 2) ** 2) * 8,
  );
  const svg = densityFigure({
    ...caption,
    x,
    y,
    panels: [{ heading: "", grid: { ...grid, values: blob } }],
    shares: [0.5],
  });
  const frame = /<rect x="62" y="([\d.]+)" width="420" height="420" fill="none"/.exec(svg)!;
  const path = /d="M([\d.]+) ([\d.]+)[^"]*" fill="#[^"]*" fill-rule/.exec(svg)!;
  // (2, 2) lies at 5/6 of the side from the left and 1/6 from the top; the blob's radius is below 0.5 units = 35 px.
  expect(Math.abs(Number(path[1]) - (62 + (5 / 6) * 420))).toBeLessThan(35);
  expect(Math.abs(Number(path[2]) - (Number(frame[1]) + 420 / 6))).toBeLessThan(35);
});

test("a long curve is thinned, and its spike stays", () => {
  const long = Float64Array.from({ length: 50_000 }, (_, i) => (i === 31_234 ? 100 : Math.sin(i)));
  const svg = curvesFigure({ ...caption, x, y, curves: [{ name: "loss", x: long.map((_, i) => i), y: long }] });
  expect(svg.length).toBeLessThan(40_000);
  const heights = [.../ d="(M[^"]*)" fill="none" stroke="#0072b2"/.exec(svg)![1].matchAll(/[ML][\d.]+ ([\d.]+)/g)];
  // The y axis is the spike's range and 6 % on both sides, over 300 px from 82 px down.
  const highest = Math.min(...heights.map((match) => Number(match[1])));
  expect(highest).toBeLessThan(110);
});

test("tables and lengths that do not fit are refused by name", () => {
  expect(() =>
    marginalsFigure({ ...caption, columns: ["p"], unit: "", data: new Float32Array(0), model: more }),
  ).toThrow("data: 0 numbers");
  expect(() => curvesFigure({ ...caption, x, y, curves: [{ name: "l", x: [1], y: [1, 2] }] })).toThrow('curve "l"');
  expect(() => barsFigure({ ...caption, groups: ["1"], x, y, series: [{ name: "s", values: [] }] })).toThrow("series");
  expect(() => trajectoriesFigure({ ...caption, x, y, positions: [points] })).toThrow("at least two");
  expect(() => trajectoriesFigure({ ...caption, x, y, positions: [points, more] })).toThrow("at place 1");
});

test("texts are escaped and numbers rounded", () => {
  expect(escapeXml(`<a b='c'>&"`)).toBe("&lt;a b=&#39;c&#39;&gt;&amp;&quot;");
  expect(escapeXml("\ud800x😀")).toBe("\ufffdx😀");
  expect([1.25, -0.01, 3, Number.NaN, 1e7 / 3].map(pixels)).toEqual(["1.3", "0", "3", "0", "3333333.3"]);
});

test("viridis is monotone in lightness, so that it survives grey print", () => {
  const lightness = (color: string): number => {
    const [r, g, b] = [1, 3, 5].map((at) => (Number.parseInt(color.slice(at, at + 2), 16) / 255) ** 2.2);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const steps = Array.from({ length: 33 }, (_, i) => lightness(viridis(i / 32)));
  for (let i = 1; i < steps.length; i++) expect(steps[i]).toBeGreaterThan(steps[i - 1]);
});
