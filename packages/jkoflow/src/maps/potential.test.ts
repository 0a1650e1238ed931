/** Golden values: independent float64 codes (see nn/potential.testing.ts). Closed forms: Gaussian and linear potentials. */
import { afterAll, describe, expect, it } from "vitest";
import { createEngine, createReferenceEngine, type Engine, type Table } from "../engine/index.ts";
import { type Functional, hjb, likelihood, movement, sum, transport } from "../functionals/index.ts";
import { add, createGraph, createProgram, type Node, rowDot, scale, vjp } from "../graph/index.ts";
import { createPotential, initPotential, type PotentialConfig, potentialSize } from "../nn/index.ts";
import { goldenParameters, tiny } from "../nn/potential.testing.ts";
import { createKey, fold, normal, rademacher, uniform } from "../random/index.ts";
import { type BlockConfig, pushProgram, trainingProgram } from "./blockPrograms.ts";
import { divergenceByUnitVectors, potentialField } from "./field.ts";
import { weightScalars } from "./pathIntegrands.ts";

const reference = createReferenceEngine();
const fast = await createEngine({ threads: 1 });
afterAll(() => fast.dispose());

/** Float64 behind the tables of the reference engine. */
const wide = (table: Table): ArrayLike<number> =>
  (table as unknown as { data?: () => Float64Array }).data?.() ?? table.read();
/** The reference engine takes float64 where others take float32. */
const as32 = (values: ArrayLike<number>): Float32Array => Float64Array.from(values) as unknown as Float32Array;
const tableOf = (engine: Engine, rows: readonly (readonly number[])[]): Table => {
  const values = rows.flat();
  return engine.table(rows.length, rows[0].length, engine === reference ? as32(values) : Float32Array.from(values));
};
const parametersOf = (engine: Engine, values: ArrayLike<number>) =>
  engine.parameters(engine === reference ? as32(values) : Float32Array.from(values));

/** Rounding: sums of some thirty terms of order 1. */
const tolerances = [
  ["float64", reference, 1e-11],
  ["float32", fast, 2e-5],
] as const;

const config: PotentialConfig = { kind: "potential", dimension: 2, width: 3, layers: 2, rank: 2 };
const close = (came: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void => {
  expect(came.length).toBe(wanted.length);
  const size = Math.max(1, ...Array.from(wanted, Math.abs));
  for (let i = 0; i < wanted.length; i++) expect(Math.abs(came[i] - wanted[i])).toBeLessThan(tolerance * size);
};

describe.each(tolerances)("golden values, %s", (_, engine, tolerance) => {
  const theta = parametersOf(engine, goldenParameters(potentialSize(config)));

  it.each(tiny.points)("value, gradient and Laplacian at $s", ({ s, phi, gradPhi, traceHessX }) => {
    const graph = createGraph();
    const potential = createPotential(graph, config);
    const outputs = { ...potential.at(graph.rows("x", 2), s[2]) } as unknown as Record<string, Node>;
    const program = engine.load(createProgram({ name: "potential", parameters: potential.parameters, outputs }));
    const wanted = { value: [phi], gradient: gradPhi.slice(0, 2), rate: [gradPhi[2]], laplacian: [traceHessX] };
    const tables = Object.fromEntries(Object.entries(wanted).map(([name, v]) => [name, engine.table(1, v.length)]));
    program.run({ parameters: theta, inputs: { x: tableOf(engine, [s.slice(0, 2)]) }, outputs: tables });
    for (const [name, values] of Object.entries(wanted)) close(wide(tables[name]), values, tolerance);
  });

  it.each([1, 2, 4, 8])("the flow with %d steps, and its loss", (steps) => {
    const { state, L, C, R, loss } = tiny.byNt[String(steps) as "1"];
    const block: BlockConfig = { field: config, divergence: "exact" };
    const push = engine.load(pushProgram(block, steps, "forward", "positions and log-determinants"));
    const [y, logDet, zero] = [engine.table(2, 2), engine.table(2, 1), engine.table(2, 1)];
    const x = tableOf(engine, tiny.x);
    push.run({ parameters: theta, inputs: { x, logDet: zero }, outputs: { y, logDet } });
    close(
      wide(y),
      state.flatMap((row) => row.slice(0, 2)),
      tolerance,
    );
    close(
      wide(logDet),
      state.map((row) => row[2]),
      tolerance,
    );
    const objective = sum([5, likelihood()], [1, transport()], [2, hjb()]);
    const program = engine.load(trainingProgram(block, steps, "plain", objective.terms));
    const { values, gradient } = program.gradient({
      parameters: theta,
      inputs: { x },
      scalars: weightScalars(objective),
    });
    // Values and gradients come back in float32. C has log 2 pi besides, d / 2 times.
    const log2Pi = Math.log(2 * Math.PI);
    close([values.transport[0], values.hjb[0]], [L, R], 2e-5);
    close([values.energy[0] - values.logDet[0] + log2Pi], [C], 2e-5);
    close([values.loss[0] + 5 * log2Pi], [loss], 2e-5);
    if (steps === 2) close(gradient, tiny.gradient, 2e-5);
  });

  it("the inverse with its log-determinant", () => {
    const block: BlockConfig = { field: config, divergence: "exact" };
    const push = engine.load(pushProgram(block, 2, "inverse", "positions and log-determinants"));
    const [y, logDet, zero] = [engine.table(2, 2), engine.table(2, 1), engine.table(2, 1)];
    const z = tableOf(
      engine,
      tiny.byNt[2].state.map((row) => row.slice(0, 2)),
    );
    push.run({ parameters: theta, inputs: { x: z, logDet: zero }, outputs: { y, logDet } });
    close(wide(y), tiny.inverse.x.flat(), tolerance);
    close(wide(logDet), tiny.inverse.logDet, tolerance);
  });

  it("another alpha", () => {
    const { alpha, L, R, loss, gradNorm } = tiny.alternative;
    const block: BlockConfig = { field: { ...config, inertia: alpha[0] }, divergence: "exact" };
    const objective = sum([alpha[1], likelihood()], [alpha[0], transport()], [alpha[2], hjb()]);
    const program = engine.load(trainingProgram(block, 2, "plain", objective.terms));
    const { values, gradient } = program.gradient({
      parameters: theta,
      inputs: { x: tableOf(engine, tiny.x) },
      scalars: weightScalars(objective),
    });
    close([values.transport[0], values.hjb[0]], [L, R], 2e-5);
    close([values.loss[0] + alpha[1] * Math.log(2 * Math.PI)], [loss], 2e-5);
    close([Math.hypot(...gradient)], [gradNorm], 2e-5);
  });

  it("a vjp of gradient and Laplacian", () => {
    const { s, gradient: g, laplacian: tau, parameters, result } = tiny.vjp;
    const graph = createGraph();
    const one = { ...config, layers: 1 };
    const potential = createPotential(graph, one);
    const x = graph.rows("x", 2);
    const { gradient, rate, laplacian } = potential.at(x, s[2]);
    const along = rowDot(gradient, graph.rows("g", 2));
    const loss = add(add(along, scale(rate, g[2])), scale(laplacian, tau));
    const [byX] = vjp([[loss, graph.constant(1)]], [x]);
    const program = engine.load(
      createProgram({ name: "vjp", parameters: potential.parameters, loss, outputs: { byX } }),
    );
    const out = engine.table(1, 2);
    const inputs = { x: tableOf(engine, [s.slice(0, 2)]), g: tableOf(engine, [g.slice(0, 2)]) };
    const theta37 = parametersOf(engine, goldenParameters(potentialSize(one)));
    const { gradient: byTheta } = program.gradient({ parameters: theta37, inputs, outputs: { byX: out } });
    close(byTheta, parameters, 2e-5);
    close(wide(out), result.slice(0, 2), tolerance);
  });
});

describe("parameter counts", () => {
  // Published for OT-Flow's tables; toys from the same architecture.
  it.each([
    [2, 32, 1229],
    [6, 128, 17_721],
    [8, 350, 126_791],
    [21, 256, 72_179],
    [43, 256, 78_053],
    [63, 512, 297_153],
    [128, 128, 34_700],
  ])("d = %d, m = %d has %d", (dimension, width, count) => {
    expect(potentialSize({ kind: "potential", dimension, width })).toBe(count);
  });
});

/** Weights with a random w: where w = 1, a wrong recursion passes. */
function randomParameters(c: PotentialConfig, key = createKey(5)): Float32Array {
  return Float32Array.from(uniform(key, potentialSize(c)), (u) => 2 * u - 1);
}

describe.each([
  [1, 1],
  [2, 1],
  [5, 2],
  [2, 3],
  [43, 1],
])("d = %d, M = %d", (d, layers) => {
  const c: PotentialConfig = { kind: "potential", dimension: d, width: 4, layers, inertia: 1.7 };
  const theta = reference.parameters(randomParameters(c));
  const rows = reference.table(5, d, normal(createKey(6), 5 * d));
  const run = (outputs: (x: Node, t: number) => Record<string, Node>, parameters: readonly Node[], x: Node) => {
    const program = reference.load(createProgram({ name: "check", parameters, outputs: outputs(x, 0.3) }));
    const tables = Object.fromEntries(program.program.outputs.map((o) => [o.name, reference.table(5, o.node.cols)]));
    program.run({ parameters: theta, inputs: { x: rows }, outputs: tables });
    return Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, wide(table)]));
  };

  it("gradient and Laplacian equal automatic differentiation, the rate a difference in time", () => {
    const graph = createGraph();
    const potential = createPotential(graph, c);
    const x = graph.rows("x", d);
    const { a, b, trace, byUnitVectors, rate, after, before } = run(
      (x, t) => {
        const { value, gradient, laplacian, rate } = potential.at(x, t);
        const [byVjp] = vjp([[value, graph.constant(1)]], [x]);
        return {
          a: gradient,
          b: byVjp,
          trace: laplacian,
          byUnitVectors: divergenceByUnitVectors(byVjp, x),
          rate,
          after: potential.at(x, t + 1e-5).value,
          before: potential.at(x, t - 1e-5).value,
        };
      },
      potential.parameters,
      x,
    );
    close(a, b, 1e-12);
    close(trace, byUnitVectors, 1e-12);
    // second-order differences with a step of 1e-5, rounding 1e-16 / 1e-5
    close(
      rate,
      Array.from(after, (v, i) => (v - before[i]) / 2e-5),
      1e-8,
    );
  });

  it("the field is -gradient / inertia with its divergence", () => {
    const graph = createGraph();
    const field = potentialField(graph, c, { divergence: "exact" });
    const x = graph.rows("x", d);
    const { velocity, divergence, byUnitVectors } = run(
      (x, t) => {
        const value = field.at(x, t);
        return {
          ...{ velocity: value.velocity, divergence: value.divergence },
          byUnitVectors: divergenceByUnitVectors(value.velocity, x),
        };
      },
      field.parameters,
      x,
    );
    expect(velocity.length).toBe(5 * d);
    close(divergence, byUnitVectors, 1e-12);
  });
});

it("the mean of 4,000 probes lies within 4 standard errors of the exact divergence", () => {
  const [n, d] = [4000, 5];
  const c: PotentialConfig = { kind: "potential", dimension: d, width: 8 };
  const graph = createGraph();
  const field = potentialField(graph, c, { divergence: "exact" });
  const [x, probe] = [graph.rows("x", d), graph.rows("probe", d)];
  const { velocity, divergence } = field.at(x, 0.3);
  const [probed] = vjp([[velocity, probe]], [x]);
  const outputs = { divergence, estimate: rowDot(probed, probe) };
  const program = reference.load(createProgram({ name: "probes", parameters: field.parameters, outputs }));
  const row = normal(createKey(8), d);
  const rows = Float32Array.from({ length: n * d }, (_, i) => row[i % d]);
  const [exact, estimate] = [reference.table(n, 1), reference.table(n, 1)];
  program.run({
    parameters: reference.parameters(randomParameters(c)),
    inputs: { x: reference.table(n, d, rows), probe: reference.table(n, d, rademacher(createKey(9), n * d)) },
    outputs: { divergence: exact, estimate },
  });
  const values = Array.from(wide(estimate));
  const mean = values.reduce((s, v) => s + v / n, 0);
  const error = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / (n * (n - 1)));
  expect(error).toBeGreaterThan(0);
  expect(Math.abs(mean - wide(exact)[0])).toBeLessThan(4 * error);
});

describe("closed forms", () => {
  const c: PotentialConfig = { kind: "potential", dimension: 2, width: 3, rank: 2 };
  const block: BlockConfig = { field: c, divergence: "exact" };
  const pushed = (theta: Float64Array, steps: number) => {
    const program = reference.load(pushProgram(block, steps, "forward", "positions and log-determinants"));
    const [y, logDet, zero] = [reference.table(1, 2), reference.table(1, 1), reference.table(1, 1)];
    const inputs = { x: tableOf(reference, [[1.3, -0.6]]), logDet: zero };
    program.run({ parameters: parametersOf(reference, theta), inputs, outputs: { y, logDet } });
    const objective = sum([1, likelihood()], [1, transport()], [1, hjb()]);
    const values = reference
      .load(trainingProgram(block, steps, "plain", objective.terms))
      .run({ parameters: parametersOf(reference, theta), inputs, scalars: weightScalars(objective) });
    return [...Array.from(wide(y)), wide(logDet)[0], values.transport[0], values.hjb[0]];
  };
  const at = potentialSize(c) - 1 - 3 - 2 * 3; // A, then b, then c
  const network = goldenParameters(potentialSize(c)).fill(0, at - 3); // w = 0

  it("w = 0, A = 0, b = 0 is the identity", () => {
    expect(pushed(network, 3)).toEqual([1.3, -0.6, 0, 0, 0]);
  });

  it("a constant drift", () => {
    const theta = Float64Array.from(network);
    theta.set([0.4, -0.2, 0.7], at + 6);
    // z = x - b, L = |b|^2 / 2, R = | |b|^2 / 2 - b_t |; L and R come back in float32
    close(pushed(theta, 2), [0.9, -0.4, 0, 0.1, 0.6], 1e-7);
  });

  it("a quadratic potential: z_i = x_i e^(-a_i^2), l = -sum a_i^2", () => {
    const theta = Float64Array.from(network);
    theta.set([0.8, 0, 0, 0, 0.5, 0], at);
    const [z1, z2] = [1.3 * Math.exp(-0.64), -0.6 * Math.exp(-0.25)];
    // L = sum a^4 int z^2 / 2 = sum a^2 (x^2 - z^2) / 4; R = L for a potential that does not depend on time
    const cost = (0.64 * (1.69 - z1 * z1) + 0.25 * (0.36 - z2 * z2)) / 4;
    close(pushed(theta, 64), [z1, z2, -0.89, cost, cost], 1e-7);
  });
});

it("with c_E in place of c_L the loss is that of a JKO-iFlow block", () => {
  const block: BlockConfig = { field: config, divergence: "exact" };
  const x = tableOf(reference, tiny.x);
  const theta = parametersOf(reference, goldenParameters(potentialSize(config)));
  const run = (objective: Functional) =>
    reference
      .load(trainingProgram(block, 2, "plain", objective.terms))
      .run({ parameters: theta, inputs: { x }, scalars: weightScalars(objective) });
  const [ot, jko] = [
    run(sum([5, likelihood()], [1, transport()], [2, hjb()])),
    run(sum([5, likelihood()], [1, movement()])),
  ];
  const energy = 5 * (ot.energy[0] - ot.logDet[0]);
  close([ot.loss[0]], [energy + ot.transport[0] + 2 * ot.hjb[0]], 1e-6);
  close([jko.loss[0]], [energy + jko.movement[0] / 2], 1e-6);
  // 2 L >= |z(1) - x|^2, with equality for straight lines at constant speed
  expect(2 * ot.transport[0]).toBeGreaterThan(jko.movement[0]);
});

it("starts as described: w = 1, A within Xavier's bound, later layers copies of the first", () => {
  const c: PotentialConfig = { kind: "potential", dimension: 2, width: 3, layers: 2, rank: 2 };
  const values = initPotential(c, fold(createKey(1), "init"));
  expect(values.length).toBe(49);
  expect(values.slice(12, 24)).toEqual(values.slice(24, 36)); // K1, b1 and K2, b2
  expect([...values.slice(36, 39)]).toEqual([1, 1, 1]);
  expect(Math.max(...values.slice(39, 45).map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(6 / 5));
  expect([...values.slice(45)]).toEqual([0, 0, 0, 0]);
  expect(
    initPotential(c, createKey(1), 0)
      .slice(36)
      .every((x) => x === 0),
  ).toBe(true);
  const steep = initPotential({ ...c, openingScale: 4 }, fold(createKey(1), "init"));
  expect(steep).toEqual(values.map((x, i) => (i < 12 ? 4 * x : x))); // K0, b0: a factor of 2 is exact
});
