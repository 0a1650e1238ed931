import { describe, expect, it } from "vitest";
import { InputError } from "../errors/index.ts";
import {
  add,
  columnSum,
  createGraph,
  createProgram,
  matmul,
  mul,
  outer,
  rowDot,
  rowSum,
  slice,
  squaredNorm,
  sub,
  tanh,
} from "./index.ts";

const setting = () => {
  const g = createGraph();
  return { g, x: g.rows("x", 3), W: g.parameter("W", 3, 3), b: g.parameter("b", 1, 3) };
};
const problem = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  return expect.fail("no error");
};

describe("what a program refuses", () => {
  it("a row value that depends on a sum over rows", () => {
    const { x, W } = setting();
    const centred = sub(x, columnSum(x));
    expect(problem(() => createProgram({ name: "p", outputs: { centred } }))).toMatch(/depends on a sum over rows/);
    const coupled = matmul(x, outer(x, x));
    const loss = squaredNorm(coupled);
    expect(problem(() => createProgram({ name: "p", parameters: [W], loss }))).toMatch(/independent of one another/);
  });

  it("a parameter that is missing from the list", () => {
    const { x, W, b } = setting();
    const loss = squaredNorm(add(matmul(x, W), b));
    expect(problem(() => createProgram({ name: "p", parameters: [W], loss }))).toMatch(/parameter "b"/);
  });

  it("a leaf of another kind, or the same parameter twice, in the list", () => {
    const { g, x, W } = setting();
    const loss = squaredNorm(matmul(x, W));
    expect(problem(() => createProgram({ name: "p", parameters: [W, tanh(W)], loss }))).toMatch(/parameter/);
    expect(problem(() => createProgram({ name: "p", parameters: [W, g.scalar("s")], loss }))).toMatch(/parameter/);
    expect(problem(() => createProgram({ name: "p", parameters: [W, W], loss }))).toMatch(/twice/);
  });

  it("a loss that is not one number per row", () => {
    const { x, W, b } = setting();
    expect(problem(() => createProgram({ name: "p", parameters: [W], loss: matmul(x, W) }))).toMatch(
      /\[B, 3\].*\[B, 1\]/,
    );
    expect(problem(() => createProgram({ name: "p", parameters: [b], loss: rowSum(b) }))).toMatch(/\[1, 1\].*\[B, 1\]/);
  });

  it("rows among the values, parameter-space values among outputs and means, nothing at all", () => {
    const { x, W } = setting();
    expect(problem(() => createProgram({ name: "p", values: { x } }))).toMatch(/p":x: rows/);
    expect(problem(() => createProgram({ name: "p", parameters: [W], outputs: { W } }))).toMatch(/rows \[B, c\]/);
    expect(problem(() => createProgram({ name: "p", parameters: [W], means: { W } }))).toMatch(/rows \[B, c\]/);
    expect(problem(() => createProgram({ name: "p" }))).toMatch(/nothing to compute/);
  });

  it("one name for two results", () => {
    const { x } = setting();
    const loss = squaredNorm(x);
    expect(problem(() => createProgram({ name: "p", loss, means: { loss } }))).toMatch(/"loss".*twice|loss: .*twice/);
    expect(problem(() => createProgram({ name: "p", means: { x }, values: { x: columnSum(x) } }))).toMatch(/twice/);
  });

  it("nodes of two graphs, one leaf with two shapes, shapes that do not fit", () => {
    const { g, x } = setting();
    expect(problem(() => add(x, createGraph().rows("x", 3)))).toMatch(/two graphs/);
    expect(problem(() => g.rows("x", 4))).toMatch(/\[B, 3\] as declared before/);
    expect(problem(() => g.parameter("Z", 0, 1))).toMatch(/whole number above 0/);
    expect(problem(() => add(x, g.rows("y", 2)))).toMatch(/equal shapes/);
    expect(problem(() => mul(x, g.parameter("P", 2, 3)))).toMatch(/equal shapes/);
    expect(problem(() => matmul(x, x))).toMatch(/matmul/);
    expect(problem(() => slice(x, 1, 4))).toMatch(/slice.*to <= 3/);
    expect(problem(() => rowDot(x, g.parameter("b", 1, 3)))).toMatch(/rowDot/);
  });
});

describe("what a program holds", () => {
  it("phases, leaves and gradients in the order of the parameters", () => {
    const { g, x, W, b } = setting();
    const s = g.scalar("s");
    const W2 = mul(W, s);
    const loss = squaredNorm(add(matmul(x, W2), b));
    const program = createProgram({ name: "p", parameters: [b, W], loss, means: { x }, values: { W2 } });
    expect(program.phases.get(W2)).toBe("prologue");
    expect(program.phases.get(loss)).toBe("rows");
    expect(program.gradients.map((n) => [n.rows, n.cols])).toEqual([
      [1, 3],
      [3, 3],
    ]);
    expect(program.gradients.map((n) => program.phases.get(n))).toEqual(["epilogue", "epilogue"]);
    expect(program.values.map((v) => v.name)).toEqual(["loss", "W2", "x"]);
    expect([program.inputs, program.scalars]).toEqual([[x], [s]]);
  });
});
