/** Words of problems: what they mean, and one line for what means nothing. */
import { describe, expect, it } from "vitest";
import { countSteps, parseInternal, parseStart } from "./parts.ts";

describe("starts", () => {
  it("have a dimension, a deviation and a mean", () => {
    expect(parseStart("normal:2")).toEqual({ mean: Float64Array.of(0, 0), deviation: 1 });
    expect(parseStart("normal:1:0.5")).toEqual({ mean: Float64Array.of(0), deviation: 0.5 });
    expect(parseStart("normal:2:3:1,-2e1")).toEqual({ mean: Float64Array.of(1, -20), deviation: 3 });
  });
  it.each([
    "",
    "normal",
    "normal:",
    "normal:0",
    "normal:65",
    "normal:1.5",
    "normal:2:0",
    "normal:2:-1",
    "normal:2:x",
    "normal:2:1:1",
    "normal:2:1:1,",
    "normal:2:1:1,x",
    "normal:1:1:1:1",
    "uniform:2",
    "normal:2:Infinity",
  ])("%s", (text) => {
    expect(() => parseStart(text, "--start")).toThrow(new RegExp(`^--start: ${JSON.stringify(text)}, expected .+$`));
  });
});

describe("internal energies", () => {
  it.each([
    ["rho^2", 1, 2],
    ["rho*rho/2", 0.5, 2],
    ["3*rho^1.7", 3, 1.7],
    ["sqrt(rho)*rho", 1, 1.5],
    ["-rho^0.9", -1, 0.9],
  ])("%s", (text, weight, power) => {
    expect(parseInternal(text, 3)).toEqual({ weight, power });
  });
  it.each([
    ["rho + rho^2", "expected a power of the density, c*rho^m"],
    ["exp(rho)", "expected a power of the density"],
    ["0", "expected a power of the density"],
    ["rho^0.5", "which is not displacement convex, expected c*rho^m with m above 1"],
    ["-rho^2", "which is not displacement convex, expected -c*rho^m with m from 0.667 to 1"],
    ["-rho^0.5", "which is not displacement convex"],
    ["rho", "which is not displacement convex"],
    ["rho^", "at character 5: the end"],
    ["y^2", 'at character 1: "y"'],
  ])("refuses %s", (text, message) => {
    expect(() => parseInternal(text, 3, "--internal")).toThrow(message);
  });
});

describe("times", () => {
  it("are whole numbers of steps, up to rounding", () => {
    expect(countSteps(1, 0.05)).toBe(20);
    expect(countSteps(0.3, 0.1)).toBe(3);
    expect(countSteps(0.05, 0.05)).toBe(1);
  });
  it.each([
    [1, 0, "step: 0, expected a number above 0"],
    [1, -1, "step: -1"],
    [0, 1, "time: 0"],
    [Number.NaN, 1, "time: NaN"],
    [
      1,
      0.3,
      "time: 1 with a step of 0.3, expected a whole number of steps; take a step of 0.333333333333, or a time of 0.9",
    ],
    [0.1, 1, "time: 0.1 with a step of 1, expected a whole number of steps; take a step of 0.1, or a time of 1"],
    [1, 1e-9, "step: 1e-9, which makes 1000000000 steps, expected at most 10000"],
  ])("time %d, step %d", (time, step, message) => {
    expect(() => countSteps(time, step)).toThrow(message);
  });
});
