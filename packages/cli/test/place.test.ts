/** Report and figures read where steps happened from their places, whatever it is that a system trains. */
import { expect, it } from "vitest";
import { isRound, placeOf, stageOf } from "../src/progress/place.ts";
import { progressFigures } from "../src/report/progressFigures.ts";

it.each([
  [["block 3"], { of: "block", number: 3, attempt: 1 }],
  [["block 3", "try 2"], { of: "block", number: 3, attempt: 2 }],
  [["step 12", "saddle", "update 40"], { of: "step", number: 12, attempt: 1 }],
  [["refine-joint round 2", "all blocks"], { of: "refine-joint round", number: 2, attempt: 1 }],
  [["whole"], { of: "whole", number: 0, attempt: 1 }],
  [[], { of: "", number: 0, attempt: 1 }],
  [undefined, { of: "", number: 0, attempt: 1 }],
])("%j", (place, found) => {
  expect(placeOf(place)).toEqual(found);
});

it("rounds are those of stages", () => {
  expect(isRound(["joint round 1"])).toBe(true);
  expect(stageOf(["joint round 1", "block 2"])).toBe("joint");
  for (const place of [["block 1"], ["round trip 1"], ["around 1"], undefined]) expect(isRound(place)).toBe(false);
});

it("figures are of what the places name", () => {
  const figures = { change: -0.5, changeError: 0.1, arcLength: 1, accepted: 1, updates: 2, verdict: "improved" };
  const events = [1, 2].flatMap((k) => [
    { event: "update", place: [`step ${k}`], loss: 2, validationNll: 2 },
    { event: "update", place: [`step ${k}`], loss: 1, validationNll: 1 },
    { event: "step", place: [`step ${k}`], ...figures, validationNll: 1 },
  ]);
  const drawn = progressFigures({ events, baselines: [], run: "test" });
  expect(drawn.map(({ name }) => name)).toEqual(["loss", "validation", "gains", "movement"]);
  const text = drawn.map(({ svg }) => svg).join("\n");
  for (const words of ["What each step gained", "How far each step moved the rows", "update, all steps"])
    expect(text).toContain(words);
  expect(text).not.toContain("block");
});
