/**
 * The bits of training: every system at two seeds, on the reference executor and on this machine's native kernel, and two
 * runs that are resumed, must come to the weights, scores and history that are written down in guard.json.
 *
 * The values there are those of the version that first had this test; they are no truth by themselves (closed forms are
 * tested elsewhere) but a change of them is a change of every user's results and needs a reason. To write them anew:
 * GUARD=write npx vitest run packages/jkoflow/test/guard.test.ts
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../src/engine/index.ts";
import { createKey } from "../src/random/index.ts";
import type { Settings } from "../src/settings/index.ts";
import { systems } from "../src/systems/index.ts";
import { moons, small } from "../src/systems/small.testing.ts";
import type { Trained, TrainingEvent, TrainingState } from "../src/systems/system.ts";
import { type Fingerprint, fingerprint, sha256, sortedJson } from "./fingerprint.ts";

interface Run extends Fingerprint {
  /** What was seen on the way: losses, gradients, held-out scores, reports. */
  readonly history: string;
}
type Golden = Readonly<Record<string, Readonly<Record<string, Run>>>>;

const FILE = fileURLToPath(new URL("./guard.json", import.meta.url));
const writes = process.env.GUARD === "write";
const golden: Golden = JSON.parse(readFileSync(FILE, "utf8"));
const found: Record<string, Record<string, Run>> = {};

const reference = await createEngine({ kind: "reference" });
const fast = await createEngine({ threads: 2 });
// Of a native kernel all instruction sets of this machine are written down, so that other machines find theirs.
const others = writes && fast.kind === "native" ? await Promise.all(["avx2", "portable"].map(withSet)) : [];
const engines = [reference, fast, ...others];
afterAll(() => {
  for (const each of engines) each.dispose();
  if (writes) writeFileSync(FILE, `${JSON.stringify({ ...golden, ...found }, null, 2)}\n`);
});

function withSet(isa: string) {
  return createEngine({ kind: "native", threads: 2, isa });
}

/** Training in the middle of which the run is broken off and taken up again from a copy of its state, where that is asked for. */
async function run(
  engine: typeof reference,
  name: string,
  given: Settings,
  seed: number,
  isBreak: (event: TrainingEvent, events: number) => boolean = () => false,
): Promise<Run> {
  const system = systems[name];
  const settings = system.check({ ...system.defaults(moons, createKey(1)), ...given });
  const history: string[] = [];
  let resume: TrainingState | undefined;
  let broken = false;
  for (;;) {
    const training: AsyncIterator<TrainingEvent, Trained> = system.train(
      engine,
      moons,
      settings,
      createKey(seed),
      resume,
    );
    let next = await training.next();
    for (; !next.done; next = await training.next()) {
      const event = next.value;
      if (event.type === "start") continue;
      history.push(sortedJson({ type: event.type, place: event.place, values: event.values }));
      if (broken || !isBreak(event, history.length)) continue;
      broken = true;
      resume = structuredClone(event.state());
      break;
    }
    if (!next.done) {
      await training.return?.();
      continue;
    }
    return { ...fingerprint(next.value.model), history: sha256(history) };
  }
}

/** Growth of several blocks, and every stage after it. */
const staged: Settings = {
  ...small["jko-iflow"].settings,
  stages: "reparameterise,refine,remove,joint",
  ...{ updates: 10, rounds: 2, roundUpdates: 5, jointUpdates: 5 },
};

describe.each(engines.map((engine) => [engine.kernelId, engine] as const))("%s", (id, engine) => {
  const known = golden[id];
  const expectGolden = (name: string, made: Run): void => {
    if (writes) {
      found[id] = { ...found[id], [name]: made };
      return;
    }
    expect(made).toEqual(known[name]);
  };
  // Of another processor or of WebAssembly no values are written down, and its bits may be others: the reference is checked.
  const title = known || writes ? "" : " (no values of this kernel: the reference executor alone is checked)";
  const each = it.skipIf(!known && !writes);

  each.each(Object.keys(small).flatMap((name) => [2, 3].map((seed) => [name, seed] as const)))(
    `%s, seed %d: the same bits${title}`,
    async (name, seed) => {
      expectGolden(`${name} ${seed}`, await run(engine, name, small[name].settings, seed));
    },
  );

  each(`a run of all stages, resumed in growth and resumed in the stages${title}`, async () => {
    const whole = await run(engine, "jko-iflow", staged, 5);
    const inStages = ({ type, values }: TrainingEvent): boolean =>
      type === "update" && values.stage === "joint" && values.update === 3;
    const resumed = {
      growth: await run(engine, "jko-iflow", staged, 5, (_, events) => events === 13),
      stages: await run(engine, "jko-iflow", staged, 5, inStages),
    };
    expectGolden("staged", whole);
    for (const [place, made] of Object.entries(resumed)) {
      expectGolden(`staged, resumed in ${place}`, made);
      // The reference computes in float64 and its state is kept in float32: there a resumed run has bits of its own.
      if (engine.kind !== "reference") expect(made).toEqual(whole);
    }
  });
});
