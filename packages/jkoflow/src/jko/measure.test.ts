/** Sums over particles in the engine against the same sums in float64 by hand. */
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine/index.ts";
import { createParticles, disposeParticles } from "../maps/index.ts";
import { createKey, fold, normal } from "../random/index.ts";
import { createMeasures } from "./measure.ts";

const [n, d] = [3000, 5];
const rows = (name: string, count: number) => normal(fold(createKey(1), name), count);

describe.each(["reference", "auto"] as const)("on the %s engine", (kind) => {
  it.each([false, true])("energies, changes and movements, of a target with means: %s", async (hasMean) => {
    const engine = await createEngine({ kind, threads: 2 });
    const measures = createMeasures(engine, d);
    const x = rows("x", n * d);
    const y = x.map((value, i) => value + 1e-3 * ((i % 7) - 3));
    const mean = hasMean ? rows("mean", n * d) : undefined;
    const logDets = [rows("before", n), rows("after", n)].map((values) => values.map((value) => 1e-3 * value));
    const [before, after] = [x, y].map((values) => createParticles(engine, values, d, undefined, mean));
    before.logDet.write(logDets[0]);
    after.logDet.write(logDets[1]);

    for (const count of [n, 1234]) {
      const energyAt = (values: Float32Array, k: number, i: number): number => {
        let squares = 0;
        for (let j = 0; j < d; j++) squares += (values[i * d + j] - (mean?.[i * d + j] ?? 0)) ** 2;
        return squares / 2 - logDets[k][i];
      };
      const indices = Array.from({ length: count }, (_, i) => i);
      const meanOf = (at: (i: number) => number): number => indices.reduce((sum, i) => sum + at(i), 0) / count;
      const change = meanOf((i) => energyAt(y, 1, i) - energyAt(x, 0, i));
      const spread = meanOf((i) => (energyAt(y, 1, i) - energyAt(x, 0, i) - change) ** 2);
      const squared = (of: (at: number) => number): number =>
        meanOf((i) => Array.from({ length: d }, (_, j) => of(i * d + j) ** 2).reduce((a, b) => a + b));

      // A float32 has 6e-8 of relative error, sums of thousands some of them.
      const close = (value: number, wanted: number, relative: number): void =>
        expect(Math.abs(value - wanted)).toBeLessThan(relative * Math.abs(wanted));
      close(
        measures.energy(before, count),
        meanOf((i) => energyAt(x, 0, i)),
        2e-6,
      );
      const found = measures.compare(before, after, count);
      // The change is a thousandth of the energies: through their difference it would keep three digits.
      const error = Math.sqrt(spread / (count - 1));
      expect(Math.abs(found.change - change)).toBeLessThan(1e-4 * error);
      close(
        found.moved,
        squared((at) => y[at] - x[at]),
        1e-5,
      );
      close(
        found.size,
        squared((at) => y[at]),
        2e-6,
      );
      close(measures.error(before, after, count, found.change), error, 1e-5);
    }
    for (const particles of [before, after]) disposeParticles(particles);
    measures.dispose();
    engine.dispose();
  });
});
