import { expect, it } from "vitest";
import { normalDistribution } from "../distributions/index.ts";
import { createKey } from "../random/index.ts";
import { gaussianSymKl } from "./gaussianFlow.ts";
import { symKl } from "./symKl.ts";

// The second pair is far apart and q / p has no variance: the plain means must carry it.
it.each([
  [[1, 0.1, 0.1, 0.5], [1.1, 0, 0, 0.6], 0.05],
  [[0.2, 0, 0, 0.2], [2, 0.5, 0.5, 3], 1],
])("SymKL of Gaussians is that of the closed form, %#", (s, t, shift) => {
  const [a, b] = [s, t].map((c) => Float64Array.from(c));
  const [p, q] = [normalDistribution([0, 0], a), normalDistribution([shift, 0], b)];
  const n = 20_000;
  const at = (rows: Float32Array) => {
    const log = (of: typeof p) =>
      Float64Array.from({ length: n }, (_, i) => of.logDensityAt(rows.subarray(2 * i, 2 * i + 2)));
    return { p: log(p), q: log(q) };
  };
  const { value, error } = symKl(at(p.sample(createKey(1), n)), at(q.sample(createKey(2), n)));
  const exact = gaussianSymKl(p, q);
  expect(error).toBeLessThan(0.05 * exact);
  expect(Math.abs(value - exact)).toBeLessThan(4 * error);
});
