import { describe, expect, it } from "vitest";
import { standardNormal } from "../distributions/index.ts";
import { type GaussianState, gaussianFlowAt, gaussianJkoStep, gaussianSymKl } from "../evaluate/gaussianFlow.ts";
import { beginControl, judgePair, pairLength, reached, type StepControl } from "./stepControl.ts";

/** A start N(0, I) and a target that is narrow along one axis and wide along another: fast at first, slow later. */
const d = 3;
const precision = Float64Array.of(40, 0, 0, 0, 1, 0.2, 0, 0.2, 0.5);
const target = { mean: Float64Array.of(0.5, -1, 1), precision };
const start: GaussianState = { mean: new Float64Array(d), covariance: standardNormal(d).covariance };
const worstOf = (path: readonly { readonly time: number; readonly state: GaussianState }[]): number =>
  Math.max(...path.map(({ time, state }) => gaussianSymKl(gaussianFlowAt(start, target, time), state)));

/** The exact scheme under control. */
function follow(control: StepControl) {
  let [at, state] = [beginControl(control), start];
  const path: { time: number; state: GaussianState }[] = [];
  const gaps: number[] = [];
  let refused = 0;
  for (let length = pairLength(at, control); length !== undefined; length = pairLength(at, control)) {
    const first = gaussianJkoStep(state, target, length / 2);
    const second = gaussianJkoStep(first, target, length / 2);
    const gap = gaussianSymKl(gaussianJkoStep(state, target, length), second);
    const { accepted, next } = judgePair(at, gap, control);
    if (accepted) {
      const from = reached(at, control);
      path.push({ time: from + length / 2, state: first }, { time: from + length, state: second });
      state = second;
      gaps.push(gap);
    } else refused++;
    at = next;
  }
  return { path, gaps, refused, at };
}

describe("step-size control by step doubling, on the exact scheme between Gaussians", () => {
  it.each([1e-2, 1e-3])("reaches a tolerance of %d with a third of the steps that equal ones need", (tolerance) => {
    const control = { time: 2, step: 0.1, tolerance };
    const { path, gaps, at } = follow(control);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(tolerance);
    expect(path.at(-1)!.time).toBe(2);
    expect(reached(at, control)).toBe(2);
    expect(at.lengths.reduce((a, b) => a + b, 0)).toBe(2);
    const worst = worstOf(path);
    // Errors of steps add up, less what has decayed.
    expect(Math.sqrt(worst)).toBeLessThan(gaps.reduce((sum, gap) => sum + Math.sqrt(gap), 0));
    // Three times as many equal steps do worse.
    const equal = 3 * path.length;
    let state = start;
    const states = Array.from({ length: equal }, (_, k) => {
      state = gaussianJkoStep(state, target, 2 / equal);
      return { time: (2 * (k + 1)) / equal, state };
    });
    expect(worstOf(states)).toBeGreaterThan(worst);
    // Short at first, long at the end.
    expect(at.lengths.at(-1)!).toBeGreaterThanOrEqual(4 * at.lengths[0]);
  });

  it("the distance of a step to its two halves is the error of the halves, to leading order", () => {
    const [h, from] = [0.002, gaussianFlowAt(start, target, 0.5)];
    const pair = gaussianJkoStep(gaussianJkoStep(from, target, h / 2), target, h / 2);
    const error = gaussianSymKl(gaussianFlowAt(from, target, h), pair);
    const gap = gaussianSymKl(gaussianJkoStep(from, target, h), pair);
    expect(Math.abs(Math.sqrt(gap / error) - 1)).toBeLessThan(0.1);
  });

  it("accepts the shortest pair, and says that the tolerance is not met", () => {
    const control = { time: 1, step: 0.5, tolerance: 1e-30 };
    const { path, refused } = follow(control);
    expect(path.length).toBe(2 * 2 ** 6);
    expect(refused).toBe(6);
    const last = { ...beginControl(control), level: 6 };
    expect(judgePair(last, 1, control)).toMatchObject({ accepted: true, met: false });
  });

  it("a step that does not divide the time begins with the next shorter power of two", () => {
    const control = { time: 0.9, step: 0.05, tolerance: 1 };
    expect(pairLength(beginControl(control), control)).toBe(0.9 / 16);
    expect(pairLength(beginControl({ ...control, step: 5 }), { ...control, step: 5 })).toBe(0.9);
  });

  it("refuses what is no number", () => {
    const control = { time: 1, step: 0.5, tolerance: 1e-3 };
    expect(() => beginControl({ ...control, tolerance: 0 })).toThrow("tolerance");
    expect(() => judgePair(beginControl(control), Number.NaN, control)).toThrow("expected rows with a mean");
  });
});
