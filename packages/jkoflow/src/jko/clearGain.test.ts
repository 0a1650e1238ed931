/** Growth that keeps clear gains only: what chance offers on few held-out rows is refused. */
import { expect, it } from "vitest";
import { createEngine } from "../engine/index.ts";
import { createBlockRunner } from "../maps/index.ts";
import { createKey, fold, normal } from "../random/index.ts";
import { type Acceptance, type BlockReport, grow } from "./index.ts";

const engine = await createEngine({ threads: 1 });

/** Fresh blocks of a rate at which nothing is learnt: all they can have is the drift that they were drawn with. */
async function reports(acceptance: Acceptance, seed: number): Promise<readonly BlockReport[]> {
  const key = fold(createKey("clear"), seed);
  const field = {
    dimension: 2,
    hidden: [16],
    activation: { kind: "softplus" as const, beta: 1 },
    time: "concat" as const,
  };
  const runner = createBlockRunner(engine, { field, divergence: "exact" });
  // Held-out rows lie off the training rows, so that every drift toward them gains clearly there.
  const half = normal(fold(key, "train"), 1000);
  const train = Float32Array.from([...half, ...half.map((z) => -z)]); // no drift lowers their mean energy
  const validation = normal(fold(key, "validation"), 2000).map((z) => z + 0.5);
  const step = {
    ...{ updates: 2, batchSize: 50, learningRate: 1e-12, learningRateFloor: 1, weightDecay: 0, clip: 10, jitter: 0 },
    ...{ solverSteps: 2, scoringSteps: 4, evaluateEvery: 1, patience: 5, validationRows: 1000 },
  };
  const settings = {
    ...{ stepSizes: { kind: "list" as const, values: [8] }, largestBlocks: 3, retries: 0, largestGap: 0.02 },
    ...{ movementRatio: 0, freeBlock: false, initialNoise: 0, outputScale: 0.6, step, acceptance },
  };
  const growth = grow(runner, { train, validation }, settings, fold(key, "grow"));
  for (;;) {
    const next = await growth.next();
    if (!next.done) continue;
    runner.dispose();
    return next.value.reports;
  }
}

it("a drift that held-out rows like by chance is kept by any gain, and not by a clear one", async () => {
  const seeds = Array.from({ length: 12 }, (_, seed) => seed);
  const of = async (acceptance: Acceptance): Promise<readonly BlockReport[]> => {
    const all: BlockReport[] = [];
    for (const seed of seeds) all.push(...(await reports(acceptance, seed)));
    return all;
  };
  const [any, clear] = [await of("any"), await of("clear")];
  expect(any.filter(({ accepted }) => accepted).length).toBeGreaterThan(0);
  expect(clear.filter(({ accepted }) => accepted)).toEqual([]);
  expect(clear.map(({ verdict }) => verdict)).toContain("no gain on training rows");
});
