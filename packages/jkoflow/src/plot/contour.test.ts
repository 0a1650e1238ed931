import { expect, test } from "vitest";
import { contour, type Grid, massLevels } from "./contour.ts";

/** Twice the signed area of a ring. */
function area(ring: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < ring.length; i += 2) {
    const j = (i + 2) % ring.length;
    sum += ring[i] * ring[j + 1] - ring[j] * ring[i + 1];
  }
  return sum / 2;
}

function grid(columns: number, rows: number, value: (column: number, row: number) => number): Grid {
  const values = Float64Array.from({ length: columns * rows }, (_, i) => value(i % columns, Math.floor(i / columns)));
  return { columns, rows, values };
}

const n = 201;
const h = 0.05; // node distance; the grid spans [-5, 5]
const gaussian = grid(n, n, (column, row) => -(((column - 100) * h) ** 2 + ((row - 100) * h) ** 2) / 2);

test.each([0.5, 0.8, 0.95, 0.99])("the region of share %d of a standard Gaussian has the right area", (share) => {
  const [level] = massLevels(gaussian, [share]);
  const rings = contour(gaussian, level);
  expect(rings.length).toBe(1);
  // {|x|^2 <= -2 log(1 - share)}; a cell more or less at the border moves the area by about 1 %.
  const exact = -2 * Math.PI * Math.log(1 - share);
  expect(Math.abs((area(rings[0]) * h * h) / exact - 1)).toBeLessThan(0.012);
});

test("a circle through linear values is met exactly along the axes", () => {
  const cone = grid(11, 11, (column, row) => -Math.hypot(column - 5, row - 5));
  const [ring] = contour(cone, -2.5);
  const onAxis = Array.from({ length: ring.length / 2 }, (_, i) => [ring[2 * i], ring[2 * i + 1]]).filter(
    ([, y]) => y === 5,
  );
  expect(onAxis.map(([x]) => x).sort((a, b) => a - b)).toEqual([2.5, 7.5]);
});

test("an annulus is a ring with a hole of the opposite sense", () => {
  const annulus = grid(61, 61, (column, row) => -Math.abs(Math.hypot(column - 30, row - 30) - 15));
  const areas = contour(annulus, -5)
    .map(area)
    .sort((a, b) => a - b);
  expect(areas.length).toBe(2);
  expect(areas[0]).toBeCloseTo(-Math.PI * 100, -1);
  expect(areas[1]).toBeCloseTo(Math.PI * 400, -1);
});

test("a region that touches the border closes along it", () => {
  const [ring, ...others] = contour(
    grid(4, 3, () => 1),
    0,
  );
  expect(others).toEqual([]);
  expect(area(ring)).toBe(6); // the whole rectangle between the outer nodes, 3 by 2
});

test("two opposite corners stay apart below the middle and join above it", () => {
  const saddle = grid(2, 2, (column, row) => (column === row ? 1 : -1));
  expect(contour(saddle, 0.5).length).toBe(2);
  expect(contour(saddle, -0.5).length).toBe(1);
});

test("log-densities of minus infinity and NaN count as no mass", () => {
  const spike = grid(5, 5, (column, row) => (column === 2 && row === 2 ? 0 : column === 0 ? Number.NaN : -Infinity));
  expect(massLevels(spike, [0.5, 1])).toEqual([0, 0]);
  const [ring] = contour(spike, -1);
  expect(Array.from(ring).every(Number.isFinite)).toBe(true);
  expect(contour(spike, 1)).toEqual([]);
});
