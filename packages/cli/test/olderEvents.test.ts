/** Lines of events.jsonl as version 0.1.0 first wrote them are read as lines of today. */
import { expect, it } from "vitest";
import { currentLine } from "../src/run/olderEvents.ts";

const figures = { verdict: "improved", stepSize: 1, steps: 1, updates: 12, change: -0.4, changeError: 0.1 };

it.each([
  [
    { event: "start", parametersPerBlock: 60, settings: { blocks: 2 }, notes: ["a", "b"] },
    { event: "start", place: [], parametersPerBlock: 60, notes: "a\nb" },
  ],
  [
    {
      event: "update",
      block: 1,
      attempt: 1,
      update: 3,
      loss: 2,
      integrals: { transport: 4 },
      evaluations: { forward: 8, backward: 6 },
    },
    {
      event: "update",
      place: ["block 1", "try 2"],
      block: 1,
      attempt: 1,
      update: 3,
      loss: 2,
      transport: 4,
      forward: 8,
      backward: 6,
    },
  ],
  [
    { event: "round update", stage: "joint", round: 1, block: 0, loss: 2, evaluations: { forward: 8, backward: 6 } },
    {
      event: "update",
      place: ["joint round 1", "all blocks"],
      stage: "joint",
      round: 1,
      block: 0,
      loss: 2,
      forward: 8,
      backward: 6,
    },
  ],
  [
    { event: "block", block: 2, attempt: 0, accepted: false, ...figures, validationNll: 3 },
    { event: "step", place: ["block 2"], block: 2, attempt: 0, accepted: 0, ...figures, validationNll: 3 },
  ],
  [
    {
      event: "stage",
      stage: "refine",
      place: 2,
      round: 1,
      ...figures,
      verdict: "kept",
      stepSizes: [1, null],
      arcLengths: [0.5, 2],
    },
    {
      event: "step",
      place: ["refine round 1"],
      stage: "refine",
      round: 1,
      ...figures,
      verdict: "kept",
      accepted: 1,
      stepSizes: "1 Infinity",
      arcLengths: "0.5 2",
    },
  ],
  [
    { event: "trained", stop: "no gain", solverGap: 0, modelHash: "a" },
    { event: "trained", stop: "no gain", solverGap: 0, modelHash: "a" },
  ],
])("%o", (old, now) => {
  expect(currentLine(old)).toEqual(now);
  expect(currentLine(now)).toEqual(now);
});

it("what is no event of theirs comes as it is", () => {
  for (const line of [{ event: "constructor" }, { event: 1 }, {}]) expect(currentLine(line)).toEqual(line);
});
