/** What a terminal shows of a training: a step stays, an update moves, whichever verb trains. */
import { stripVTControlCharacters } from "node:util";
import { expect, it } from "vitest";
import { startText } from "../src/progress/lines.ts";
import { liveTraining } from "../src/progress/live.ts";
import type { Shell } from "../src/shell.ts";

const shellOf = (draw: (text: string) => void): Shell => ({
  out: async () => {},
  err: draw,
  draw,
  async *stdin() {},
  display: "terminal",
  width: 120,
  onSignal: () => () => {},
});

/** The last thing drawn, without what moves on the terminal. */
function lastOf(show: (view: ReturnType<typeof liveTraining>) => void): string {
  let last = "";
  show(
    liveTraining(
      shellOf((text) => {
        last = text;
      }),
    ),
  );
  return stripVTControlCharacters(last).replaceAll("\r", "");
}

const update = (place: string[], values: Record<string, number>) => ({ type: "update" as const, place, values });

it("an update of a table moves by its updates, one of a flow by the share of its steps", () => {
  const ofTable = lastOf(({ event }) => event(update(["block 1"], { update: 30, updates: 100, loss: 2 })));
  expect(ofTable).toMatch(/^███░░░░░░░ block 1 {2}30\/100 {2}loss 2\.00/);
  const ofFlow = lastOf(({ event }) => event(update(["step 4 of 5", "step", "update 20"], { loss: 2 }), 3 / 5));
  expect(ofFlow).toMatch(/^██████░░░░ step 4 of 5 {2}step {2}update 20 {2}loss 2\.00/);
});

it("a step says F with its standard error, before all else", () => {
  const values = { time: 0.1, F: 1.25, energyError: 0.01 };
  const said = lastOf(({ event }) => event({ type: "step", place: ["step 2 of 5"], values }, 2 / 5));
  expect(said).toBe("step 2 of 5  F 1.25 +- 0.01  time 0.1\n");
});

it("a training begins with its size in words, of blocks and of steps", () => {
  const start = (values: Record<string, number>) => startText({ type: "start", place: [], values });
  expect(start({ parametersPerBlock: 60, blocks: 1 })).toBe("60 parameters per block, at most 1 block");
  expect(start({ steps: 3, parametersPerStep: 1370, F: 0.5 })).toBe("1,370 parameters per step, F 0.5");
});
