/** A functional of many rows together, followed by maps. */
import { afterAll, expect, it } from "vitest";
import { standardNormal } from "../distributions/index.ts";
import { createEngine } from "../engine/index.ts";
import { sinkhornToRows } from "../functionals/index.ts";
import { createKey, normal } from "../random/index.ts";
import { jkoIcnn } from "./jkoIcnn.ts";

const engine = await createEngine({ threads: 1 });
afterAll(() => engine.dispose());

it("a step of jko-icnn by the Sinkhorn divergence goes h / (1 + h) of the way to a translate", async () => {
  const target = Float64Array.from(normal(createKey(1), 60), (z) => z + 2);
  const problem = {
    ...{ title: "rows", dimension: 1, columns: ["x"], start: standardNormal(1) },
    ...{ functional: sinkhornToRows(target, 0.5), time: 1, step: 1 },
  };
  const small = { width: 8, rank: 1, updates: 80, identityUpdates: 60, batchSize: 60, poolRows: 500, heldOutRows: 120 };
  const run = jkoIcnn.run({ engine, problem, settings: { ...jkoIcnn.defaults(problem), ...small }, key: createKey(2) });
  let next = await run.next();
  while (!next.done) next = await run.next();
  const [before, after] = next.value.reports;
  // S = |m|^2 / 2 about, and (1 / (1 + h))^2 of it after a step: 2 and 1/2; the target's own mean and 60 rows a block add a tenth.
  expect(before.energy).toBeGreaterThan(1.5);
  expect(Math.abs(after.energy / before.energy - 1 / 4)).toBeLessThan(0.1);
});
