/** The gradient over accepted steps equals that of the same grid unrolled into one program, on the float64 engine. */
import { expect, it } from "vitest";
import { createReferenceEngine } from "../engine/index.ts";
import { type Functional, jacobian, kinetic, likelihood, movement, sum } from "../functionals/index.ts";
import { add, createGraph, createProgram, mul, type Node, scale, squaredNorm, sub } from "../graph/index.ts";
import type { MlpConfig } from "../nn/index.ts";
import { dopri5, unroll } from "../ode/index.ts";
import { createKey, normal, rademacher } from "../random/index.ts";
import { createAdaptiveTraining } from "./adaptiveTraining.ts";
import type { BlockConfig } from "./blockPrograms.ts";
import { initBlock } from "./blockWeights.ts";
import { createField } from "./fieldKinds.ts";
import { pathIntegrands, weightName, weightScalars } from "./pathIntegrands.ts";

const engine = createReferenceEngine();
const field: MlpConfig = {
  dimension: 2,
  hidden: [6],
  activation: { kind: "tanh" },
  time: "concatsquash",
  endTime: 0.8,
};
const block: BlockConfig = { field, divergence: "hutchinson", chain: 2 };
const weights = initBlock(block, createKey(1)).map((w) => 1.5 * w);
const n = 7;
const [x, probe] = [normal(createKey(2), 2 * n), rademacher(createKey(3), 2 * n)];
const accuracy = { rtol: 1e-5, atol: 1e-5 };

it("equals the unrolled program on the same grid", () => {
  const objective = sum([1, likelihood()], [0.3, kinetic()], [0.2, jacobian()]);
  const training = createAdaptiveTraining(engine, block, objective, accuracy);
  const { values, gradient, grids, evaluations } = training.gradient(weights, x, probe);
  expect(grids.length).toBe(2);

  const graph = createGraph();
  const rows = graph.rows("x", 2);
  const terms = ["kinetic", "jacobian"] as const;
  let state: (Node | undefined)[] = [rows, undefined, undefined, undefined];
  const parameters: Node[] = [];
  grids.forEach((times, link) => {
    const inputs = { divergence: "hutchinson", probe: graph.rows("probe", 2), prefix: `${link}.` } as const;
    const one = createField(graph, field, inputs);
    parameters.push(...one.parameters);
    state = unroll(
      ([position], s) => {
        const value = one.at(position, s);
        return [value.velocity, value.divergence, ...terms.map((term) => pathIntegrands[term](value))];
      },
      dopri5,
      state,
      { times },
    );
  });
  const [y, logDet, ...integrals] = state as Node[];
  const weighted = terms.map((term, i) => mul(integrals[i], graph.scalar(weightName(term))));
  const ofEnds = mul(sub(scale(squaredNorm(y), 1 / 2), logDet), graph.scalar(weightName("likelihood")));
  const loss = weighted.reduce((a, b) => add(a, b), ofEnds);
  const program = engine.load(createProgram({ name: "unrolled", parameters, loss }));
  const wanted = program.gradient({
    parameters: engine.parameters(weights),
    inputs: { x: engine.table(n, 2, x), probe: engine.table(n, 2, probe) },
    scalars: weightScalars(objective),
  });
  // Between steps, positions and cotangents pass through float32.
  expect(Math.abs(values.loss - wanted.values.loss[0])).toBeLessThan(2e-6);
  gradient.forEach((g, i) => {
    expect(Math.abs(g - wanted.gradient[i])).toBeLessThan(2e-6);
  });
  const steps = grids[0].length + grids[1].length - 2;
  expect(evaluations.backward).toBe(6 * steps);
  expect(evaluations.forward).toBeGreaterThanOrEqual(4 + 6 * steps); // two starts of two, rejected steps besides
});

it("penalties change no accepted step, and a tighter tolerance takes more of them", () => {
  const grids = (objective: Functional, rtol: number) =>
    createAdaptiveTraining(engine, block, objective, { rtol, atol: rtol }).gradient(weights, x, probe).grids;
  const plain = grids(likelihood(), 1e-4);
  expect(grids(sum([1, likelihood()], [10, kinetic()], [10, jacobian()]), 1e-4)).toEqual(plain);
  expect(grids(likelihood(), 1e-7)[0].length).toBeGreaterThan(plain[0].length);
});

it("refuses what the ends of adaptive steps do not give", () => {
  const create = (objective: Functional) => () => createAdaptiveTraining(engine, block, objective, accuracy);
  const expected = "expected the likelihood, and integrals along the path";
  expect(create(sum([1, likelihood()], [2, movement()]))).toThrow(`likelihood, movement, ${expected}`);
  expect(create(kinetic())).toThrow(`kinetic, ${expected}`);
});
