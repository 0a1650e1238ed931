import { describe, expect, it } from "vitest";
import { drawFrom } from "../graph/cases.testing.ts";
import {
  add,
  createGraph,
  createProgram,
  type Node,
  type Operation,
  type Program,
  print,
  rowSum,
  rules,
  scale,
  square,
} from "../graph/index.ts";
import { recipeNodes } from "../graph/recipe.testing.ts";
import { randomRecipe } from "../graph/recipes.testing.ts";
import { createRandom, report } from "../graph/values.testing.ts";
import { kernels, type Numbers, reference, requireKernels, runOn, worstOf } from "./engines.testing.ts";

const programs = 240;
const widths = [1, 2, 3, 5, 8, 15, 16, 17, 31, 33];
const rowCounts = [1, 2, 7, 12, 13, 50, 100, 200];

/** A random program: results of every kind from the lines of a recipe, with all parameters, used or not. */
function randomProgram(seed: number): Program {
  const random = createRandom(seed);
  const among = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const length = 12 + Math.floor(random() * 30);
  const recipe = randomRecipe(random, { widths, length, sums: true });
  const g = createGraph();
  const nodes = recipeNodes(recipe, g, "simplified");
  const some = (indices: readonly number[], count: number): Record<string, Node> =>
    Object.fromEntries(
      Array.from({ length: indices.length === 0 ? 0 : count }, () => among(indices)).map((i) => [
        `line ${i}`,
        nodes[i],
      ]),
    );
  const term = (): Node => {
    const y = nodes[among(recipe.rowResults.slice(0, 6))];
    return scale(rowSum(square(y)), 1 / y.cols);
  };
  const parameters = g.nodes.filter((n) => n.op === "parameter");
  return createProgram({
    name: `seed ${seed}`,
    parameters,
    loss: random() < 0.8 ? add(term(), scale(term(), -0.3)) : undefined,
    outputs: some(recipe.rowResults, 2),
    means: Object.fromEntries(Object.entries(some(recipe.rowResults, 1)).map(([name, node]) => [`mean ${name}`, node])),
    values: { ...some(recipe.prologueResults, 2), ...some(recipe.epilogueResults, 4) },
  });
}

/**
 * float32 rounds to 6e-8, and up to 40 operations with slopes of at most about 10 lie between input and result; errors of
 * lowering are of order one.
 */
const tolerance = 5e-5;

describe("random programs, every executor, against the reference", () => {
  requireKernels();
  it(`${programs} programs: outputs, means, values, loss and gradient`, async () => {
    const truth = await reference.create();
    const engines = await Promise.all(kernels.map(async ({ name, create }) => ({ name, engine: await create() })));
    const used = new Set<Operation>();
    let worst = { error: 0, what: "" };
    for (let seed = 0; seed < programs; seed++) {
      const program = randomProgram(seed);
      for (const node of program.nodes) used.add(node.op);
      const random = createRandom(seed);
      const draw = (n: number): Float32Array =>
        Float32Array.from({ length: n }, () => drawFrom("nonzero", random) / 1.5);
      const numbers: Numbers = {
        parameters: draw(program.parameters.reduce((n, p) => n + (p.rows as number) * p.cols, 0)),
        inputs: Object.fromEntries(program.inputs.map((x) => [x.at.name!, draw(200 * x.cols)])),
        scalars: { s: 0.7 },
      };
      const oracle = truth.load(program);
      const rowList = [rowCounts[seed % rowCounts.length], rowCounts[(5 * seed + 3) % rowCounts.length]];
      const expected = rowList.map((rows) => runOn(truth, oracle, numbers, rows));
      for (const { name, engine } of engines) {
        const executable = engine.load(program);
        rowList.forEach((rows, i) => {
          const { error, what } = worstOf(runOn(engine, executable, numbers, rows), expected[i], 0.1);
          if (!(error <= worst.error)) worst = { error, what: `seed ${seed}, ${name}, ${rows} rows: ${what}` };
          if (!(error <= tolerance)) expect.fail(`${worst.what}: ${error}\n${print(program)}`);
        });
        executable.dispose();
      }
    }
    report(`random programs (${worst.what})`, worst.error);
    for (const { engine } of engines) engine.dispose();
    const missing = (Object.keys(rules) as Operation[]).filter((op) => !used.has(op));
    expect(missing, "operations that no random program had").toEqual([]);
  });
});
