/** What a caller of `train` may rely on: after `onMoved` the training rows are not looked at again, and nothing changes by it. */
import { describe, expect, it } from "vitest";
import { createTable, type Problem } from "../data/index.ts";
import { createEngine } from "../engine/index.ts";
import { createKey, fold, normal } from "../random/index.ts";
import { jkoIflow } from "./jkoIflow.ts";
import type { Trained } from "./system.ts";

const rows = (name: string, n: number) => createTable(normal(fold(createKey(1), name), 2 * n), ["x", "y"]);

async function numbersOf(problem: Problem): Promise<unknown> {
  const engine = await createEngine({ kind: "wasm", threads: 1 });
  try {
    const settings = { ...jkoIflow.defaults(problem, createKey(2)), blocks: 1, updates: 3, hidden: [8] };
    const losses: number[] = [];
    const training = jkoIflow.train(engine, problem, settings, createKey(3));
    for (;;) {
      const next = await training.next();
      if (next.done) return [losses, (next.value as Trained).model.scores];
      if (next.value.type === "update") losses.push(Number(next.value.values.loss));
    }
  } finally {
    engine.dispose();
  }
}

describe("training rows", () => {
  it("may be let go when they are on the engine", async () => {
    const [train, validation] = [rows("train", 20_000), rows("validation", 200)]; // more rows than one part has
    let held: Problem["train"] | undefined = train;
    const numbers = await numbersOf({
      get train() {
        if (held === undefined) throw new Error("looked at after onMoved");
        return held;
      },
      validation,
      onMoved: () => {
        held = undefined;
      },
    });
    expect(held).toBeUndefined();
    expect(numbers).toEqual(await numbersOf({ train, validation }));
  });
});
