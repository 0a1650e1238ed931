import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cases, drawFrom } from "../graph/cases.testing.ts";
import {
  add,
  affine,
  createGraph,
  createProgram,
  isRow,
  mul,
  type Node,
  type Operation,
  type Program,
  rowSum,
  rules,
  scale,
  sigmoid,
  softplus,
  square,
  sub,
  tanh,
  topological,
} from "../graph/index.ts";
import { createRandom, report, total } from "../graph/values.testing.ts";
import type { Engine } from "./engine.ts";
import { kernels, type Numbers, reference, requireKernels, runOn, worstOf } from "./engines.testing.ts";

const widths = [1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 64, 130];
const rowCounts = [1, 2, 7, 12, 13, 50, 200];

/** A node that depends on a sum over rows. */
const isSummed = (node: Node): boolean => topological([node]).some((n) => !isRow(n) && n.inputs.some(isRow));

/** All cases of one operation in one program: rows as outputs, the rest as values, all of them in the loss. */
function programOf(op: Operation, c: number): Program {
  const g = createGraph();
  const results = cases[op].build(g, c);
  const outputs: Record<string, Node> = {};
  const values: Record<string, Node> = {};
  let loss = square(g.rows("one", 1));
  results.forEach((y, i) => {
    if (isRow(y)) {
      outputs[`y${i}`] = y;
      loss = add(loss, scale(rowSum(square(y)), 1 / y.cols));
    } else {
      values[`y${i}`] = y;
      const size = (y.rows as number) * y.cols;
      if (!isSummed(y)) loss = add(loss, mul(g.rows("one", 1), scale(total(square(y)), 1 / size)));
    }
  });
  const parameters = topological([...results, loss]).filter((n) => n.op === "parameter");
  return createProgram({ name: op, parameters, loss, outputs, values });
}

/**
 * float32 rounds to 6e-8; a sum of n terms of one size is off by about sqrt(n) 6e-8 of its norm, n <= 200 * 130 terms in
 * shards and lanes; elementary functions are good to 3e-7. Errors of lowering are of order one.
 */
const tolerance = 3e-6;

/** Forms for which the kernel has one operation; fused only where the inner value has no other user. */
const fusions: Readonly<Record<string, (x: Node, y: Node, z: Node, p: Node) => Node>> = {
  "x + y z": (x, y, z) => add(x, mul(y, z)),
  "x - y z": (x, y, z) => sub(x, mul(y, z)),
  "y z - x": (x, y, z) => sub(mul(y, z), x),
  "x + 3 y z": (x, y, z) => add(x, scale(mul(y, z), 3)),
  "x - 3 y z": (x, y, z) => sub(x, scale(mul(y, z), 3)),
  "x + p y": (x, y, _, p) => add(x, mul(y, p)),
  "x - 3 p y": (x, y, _, p) => sub(x, scale(mul(y, p), 3)),
  "x y - z p": (x, y, z, p) => sub(mul(x, y), mul(z, p)),
  "2 x + 3 y": (x, y) => add(scale(x, 2), scale(y, 3)),
  "2 x - 3 y": (x, y) => sub(scale(x, 2), scale(y, 3)),
  "x - 3 y": (x, y) => sub(x, scale(y, 3)),
  "p - x": (x, _y, _z, p) => sub(p, x),
  "x - p": (x, _y, _z, p) => sub(x, p),
  "2 x y + 1": (x, y) => affine(mul(x, y), 2, 1),
  "x s(y) (1 - s(y))": (x, y) => mul(x, mul(sigmoid(y, 3), affine(sigmoid(y, 3), -1, 1))),
  "-2 x s(y) (1 - s(y))": (x, y) => scale(mul(x, mul(sigmoid(y), affine(sigmoid(y), -1, 1))), -2),
  "x (1 - tanh(y)^2)": (x, y) => mul(x, affine(square(tanh(y)), -1, 1)),
  "-2 x (1 - tanh(y)^2)": (x, y) => scale(mul(x, affine(square(tanh(y)), -1, 1)), -2),
  "z + x (1 - tanh(y)^2)": (x, y, z) => add(z, mul(x, affine(square(tanh(y)), -1, 1))),
  "softplus(x) and its slope": (x, y) => add(mul(softplus(x, 3), y), sigmoid(x, 3)),
  "slope before softplus": (x, y) => mul(softplus(mul(sigmoid(x, 3), y), 1), softplus(x, 3)),
};

describe("every operation, every executor, against the reference", () => {
  requireKernels();
  let engines: readonly { readonly name: string; readonly engine: Engine }[] = [];
  let truth: Engine;
  beforeAll(async () => {
    truth = await reference.create();
    engines = await Promise.all(kernels.map(async ({ name, create }) => ({ name, engine: await create() })));
  });
  afterAll(() => {
    for (const { engine } of engines) engine.dispose();
  });

  for (const op of Object.keys(rules) as Operation[]) {
    it(`${op}: values and gradients at ${widths.length} widths and ${rowCounts.length} numbers of rows`, () => {
      let worst = { error: 0, what: "" };
      for (const c of widths) {
        const program = programOf(op, c);
        const random = createRandom(c);
        const domain = cases[op].domain ?? "any";
        const draw = (n: number): Float32Array => Float32Array.from({ length: n }, () => drawFrom(domain, random));
        const numbers: Numbers = {
          parameters: draw(program.parameters.reduce((n, p) => n + (p.rows as number) * p.cols, 0)),
          inputs: Object.fromEntries(
            program.inputs.map((x) => [x.at.name!, x.at.name === "one" ? draw(200).map(Math.abs) : draw(200 * x.cols)]),
          ),
          scalars: Object.fromEntries(program.scalars.map((s) => [s.at.name!, 0.7])),
        };
        const oracle = truth.load(program);
        const loaded = engines.map(({ name, engine }) => ({ name, engine, executable: engine.load(program) }));
        for (const rows of rowCounts) {
          const expected = runOn(truth, oracle, numbers, rows);
          for (const { name, engine, executable } of loaded) {
            const { error, what } = worstOf(runOn(engine, executable, numbers, rows), expected, 0.1);
            if (!(error <= worst.error)) worst = { error, what: `${name}, width ${c}, ${rows} rows: ${what}` };
          }
        }
        for (const { executable } of loaded) executable.dispose();
      }
      report(`${op} (${worst.what})`, worst.error);
      expect(worst.error, worst.what).toBeLessThanOrEqual(tolerance);
    });
  }

  it.each(Object.keys(fusions))("%s as one operation", (form) => {
    for (const c of [1, 2, 16, 17, 33]) {
      const g = createGraph();
      const [x, y, z] = ["x", "y", "z"].map((name) => g.rows(name, c));
      const outputs = Object.fromEntries(
        // p: a number per row, a row for all, a number for all
        [g.rows("p", 1), g.parameter("q", 1, c), g.parameter("r", 1, 1)].map((p, i) => [
          `${i}`,
          fusions[form](x, y, z, p),
        ]),
      );
      const parameters = topological(Object.values(outputs)).filter((n) => n.op === "parameter");
      const program = createProgram({ name: form, parameters, outputs });
      const random = createRandom(c);
      const draw = (n: number): Float32Array => Float32Array.from({ length: n }, () => 2 * random() - 1);
      const numbers: Numbers = {
        parameters: draw(parameters.reduce((n, q) => n + q.cols, 0)),
        inputs: Object.fromEntries(program.inputs.map((n) => [n.at.name!, draw(30 * n.cols)])),
      };
      for (const rows of [1, 13, 30]) {
        const expected = runOn(truth, truth.load(program), numbers, rows);
        for (const { name, engine } of engines) {
          const { error, what } = worstOf(runOn(engine, engine.load(program), numbers, rows), expected, 0.1);
          expect(error, `${name}, width ${c}, ${rows} rows: ${what}`).toBeLessThanOrEqual(tolerance);
        }
      }
    }
  });
});
