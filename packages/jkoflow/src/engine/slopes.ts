/** Slopes of activations, which the kernel computes from the activation itself. */
import type { Node } from "../graph/index.ts";
import type { Step } from "./step.ts";
import { CODE } from "./tape.ts";

/** s (1 - s) with s a sigmoid, in either order. */
export function sigmoidOfSlope(m: Node): Node | undefined {
  if (m.op !== "mul") return undefined;
  for (const [s, o] of [m.inputs, [...m.inputs].reverse()]) {
    if (s.op === "sigmoid" && o.op === "affine" && o.at.scale === -1 && o.at.shift === 1 && o.inputs[0] === s) return s;
  }
  return undefined;
}

/** 1 - y^2. */
export function tanhOfSlope(m: Node): Node | undefined {
  const square = m.op === "affine" && m.at.scale === -1 && m.at.shift === 1 ? m.inputs[0] : undefined;
  return square?.op === "mul" && square.inputs[0] === square.inputs[1] ? square.inputs[0] : undefined;
}

/** softplus and sigmoid of one value share their exponential. */
export function pairSoftplus(steps: readonly Step[]): Step[] {
  const key = (step: Step): string => `${step.inputs[0]?.id}|${step.c0}`;
  const slopes = new Map(steps.filter((s) => s.code === CODE.SIGMOID).map((s) => [key(s), s]));
  const taken = new Set<Step>();
  const paired = steps.map((step) => {
    const slope = step.code === CODE.SOFTPLUS ? slopes.get(key(step)) : undefined;
    if (slope === undefined) return step;
    taken.add(slope);
    return { ...step, code: CODE.SOFTPLUS_SIGMOID, outputs: [step.outputs[0], slope.outputs[0]] };
  });
  return paired.filter((step) => !taken.has(step));
}
