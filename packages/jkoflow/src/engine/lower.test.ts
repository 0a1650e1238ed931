import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cases, drawFrom } from "../graph/cases.testing.ts";
import {
  add,
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
  square,
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
});
