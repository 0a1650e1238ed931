import { describe, expect, it } from "vitest";
import { accepts, type Check, judge } from "./heldOut.ts";

const check = (change: number, changeError: number): Check => ({
  ...{ change, changeError, solverGap: 0, movementRatio: 1, arcLength: 1 },
});
const kept = (change: number, acceptance: "any" | "clear", block: number): boolean => {
  const found = check(change, 0.01);
  return accepts(judge(found, 0.02), found, acceptance, block);
};

describe("acceptance of a block, by its gain in standard errors", () => {
  it("any: what does not raise the NLL", () => {
    expect([-0.05, -0.025, -0.01, 0, 0.01, 0.05].map((m) => kept(m, "any", 1))).toEqual([
      ...[true, true, true, true, false, false],
    ]);
  });
  it("clear: three for the first block", () => {
    expect([-0.05, -0.031, -0.025, -0.01, 0].map((m) => kept(m, "clear", 1))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect([-0.05, -0.01, 0.01, 0.05].map((m) => kept(m, "clear", 2))).toEqual([true, true, false, false]);
  });
  it("neither: a gain of the solver's grid, or no weights at all", () => {
    for (const acceptance of ["any", "clear"] as const) {
      const fake = { ...check(-1, 0.01), solverGap: 0.03 };
      expect(accepts(judge(fake, 0.02), fake, acceptance, 2)).toBe(false);
      expect(accepts(judge(undefined, 0.02), undefined, acceptance, 2)).toBe(false);
    }
  });
});
