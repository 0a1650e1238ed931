/** Concatsquash fields, learned end times and the penalties of RNODE. Golden values: an independent float64 code. */
import { afterAll, describe, expect, it } from "vitest";
import { createFlow } from "../chain/index.ts";
import { createEngine, createReferenceEngine, type Engine, type Table } from "../engine/index.ts";
import {
  entropy,
  type Functional,
  interaction,
  jacobian,
  kinetic,
  likelihood,
  movement,
  potential,
  sum,
} from "../functionals/index.ts";
import { createGraph, createProgram, rowDot, scale, squaredNorm, vjp } from "../graph/index.ts";
import { initMlp, type MlpConfig, mlpSize, type TimeMixing } from "../nn/index.ts";
import { tableaus } from "../ode/index.ts";
import { createKey, normal, rademacher, uniform } from "../random/index.ts";
import { type BlockConfig, pushProgram, trainingProgram } from "./blockPrograms.ts";
import { createBlockRunner, createParticles } from "./blockRunner.ts";
import { initBlock, linksOf } from "./blockWeights.ts";
import { squashed } from "./ffjord.testing.ts";
import { divergenceByUnitVectors, mlpField } from "./field.ts";
import { weightScalars } from "./pathIntegrands.ts";

const reference = createReferenceEngine();
const fast = await createEngine({ threads: 1 });
afterAll(() => fast.dispose());

const wide = (table: Table): Float64Array | Float32Array =>
  (table as unknown as { data?: () => Float64Array }).data?.() ?? table.read();
const numbers = (engine: Engine, values: readonly number[]): Float32Array =>
  engine === reference ? (Float64Array.from(values) as unknown as Float32Array) : Float32Array.from(values);
const close = (came: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void => {
  expect(came.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) expect(Math.abs(came[i] - wanted[i])).toBeLessThan(tolerance);
};

const golden: MlpConfig = { dimension: 2, hidden: [3], activation: { kind: "tanh" }, time: "concatsquash" };
const ofFile = Array.from({ length: 32 }, (_, k) => 0.5 * Math.sin(1.7 * k + 0.3));

/** The file's order W (out x in), b, u, g, c of each layer to ours: W (in x out), u, b, g, c. */
function toOurs(theta: readonly number[]): number[] {
  const ours: number[] = [];
  let at = 0;
  for (const [inputs, outputs] of [
    [2, 3],
    [3, 2],
  ]) {
    const W = theta.slice(at, at + inputs * outputs);
    at += inputs * outputs;
    for (let i = 0; i < inputs; i++) for (let j = 0; j < outputs; j++) ours.push(W[j * inputs + i]);
    const [b, u, g, c] = [0, 1, 2, 3].map((k) => theta.slice(at + k * outputs, at + (k + 1) * outputs));
    ours.push(...u, ...b, ...g, ...c);
    at += 4 * outputs;
  }
  return ours;
}

describe.each([
  ["float64", reference, 1e-11],
  ["float32", fast, 2e-5],
] as const)("golden values, %s", (_, engine, tolerance) => {
  const theta = engine.parameters(numbers(engine, toOurs(ofFile)));
  /** With T = 1/2 as the square of a last parameter. */
  const timed = engine.parameters(numbers(engine, [...toOurs(ofFile), Math.sqrt(0.5)]));
  const block = (divergence: "exact" | "hutchinson", method = "rk4"): BlockConfig => ({
    field: { ...golden, endTime: 0.5 },
    divergence,
    tableau: tableaus[method],
  });
  const table = (rows: readonly (readonly number[])[]): Table =>
    engine.table(rows.length, rows[0].length, numbers(engine, rows.flat()));

  it.each(squashed.points)("the field at $x", (point) => {
    const graph = createGraph();
    const [x, probe] = [graph.rows("x", 2), graph.rows("probe", 2)];
    const field = mlpField(graph, golden, { divergence: "exact", probe });
    const { velocity, divergence, probed } = field.at(x, point.t);
    const program = engine.load(
      createProgram({
        name: "field",
        parameters: field.parameters,
        outputs: { velocity, divergence, probed: probed! },
      }),
    );
    const out = { velocity: engine.table(1, 2), divergence: engine.table(1, 1), probed: engine.table(1, 2) };
    const inputs = { x: table([point.x]), probe: table([[1, -1]]) };
    program.run({ parameters: theta, inputs, outputs: out });
    const J = point.jacobian;
    close(wide(out.velocity), point.f, tolerance);
    close(wide(out.divergence), [J[0][0] + J[1][1]], tolerance);
    close(wide(out.probed), [J[0][0] - J[1][0], J[0][1] - J[1][1]], tolerance);
  });

  it.each(Object.entries(squashed.bySolver))("integrated by %s", (name, rows) => {
    const [method, nt] = name.split(" nt=");
    const push = engine.load(
      pushProgram(block("exact", method), Number(nt), "forward", "positions and log-determinants"),
    );
    const [y, logDet, zero] = [engine.table(2, 2), engine.table(2, 1), engine.table(2, 1)];
    push.run({ parameters: timed, inputs: { x: table(squashed.x), logDet: zero }, outputs: { y, logDet } });
    close(
      wide(y),
      rows.flatMap((row) => row.slice(0, 2)),
      tolerance,
    );
    close(
      wide(logDet),
      rows.map((row) => -row[2]),
      tolerance,
    );
  });

  it.each(["exact", "hutchinson"] as const)("the loss of RNODE and its gradient, %s", (divergence) => {
    const wanted = squashed[divergence];
    const nats = 2 * Math.LN2;
    const objective = sum([1, likelihood()], [0.01 * nats, kinetic()], [0.01 * nats, jacobian()]);
    const program = engine.load(trainingProgram(block(divergence), 4, "plain", objective.terms));
    const inputs = { x: table(squashed.x), probe: table(squashed.probes) };
    const { values, gradient } = program.gradient({ parameters: timed, inputs, scalars: weightScalars(objective) });
    // Values and gradients come back in float32.
    close([values.kinetic[0], values.jacobian[0]], [wanted.kinetic, wanted.jacobian], 1e-8);
    close([(values.loss[0] + Math.log(2 * Math.PI)) / nats], [wanted.loss], 1e-6);
    const g = wanted.grad as unknown as Record<string, number[] | number[][]>;
    const flat = ["layer1", "layer2"].flatMap((l) => ["W", "b", "u", "g", "c"].flatMap((n) => g[`${l}.${n}`].flat()));
    close(
      gradient.subarray(0, 32).map((v) => v / nats),
      toOurs(flat),
      1e-6,
    );
  });
});

describe("counts of parameters are those of the publication", () => {
  it.each([
    [2, [64, 64, 64], 1, 9224, 8836],
    [6, [60, 60, 60], 5, 43_320, 41_460],
    [8, [160, 160, 160], 5, 278_560, 273_680],
    [21, [210, 210], 10, 546_840, 538_020],
    [43, [860, 860], 1, 820_612, 817_086],
    [63, [1260, 1260, 1260], 2, 6_698_664, 6_683_292],
  ])("d = %d, %j, %d fields", (dimension, hidden, fields, concatsquash, concat) => {
    const size = (time: TimeMixing) => fields * mlpSize({ dimension, hidden, activation: { kind: "tanh" }, time });
    expect(size("concatsquash")).toBe(concatsquash);
    expect(size("concat")).toBe(concat);
  });
});

const times: readonly TimeMixing[] = ["none", "concat", "squash", "concatsquash"];
describe.each(times)("%s", (time) => {
  it.each([
    [1, [4]],
    [2, [4, 3]],
    [5, [4, 3]],
    [3, [4, 3, 5]],
    [43, [6, 5]],
  ])("exact divergence by unit vectors, d = %d, %j", (dimension, hidden) => {
    const config: MlpConfig = { dimension, hidden, activation: { kind: "softplus", beta: 2 }, time, endTime: 0.7 };
    const graph = createGraph();
    const x = graph.rows("x", dimension);
    const field = mlpField(graph, config, { divergence: "exact" });
    const { velocity, divergence } = field.at(x, 0.3);
    const outputs = { divergence, wanted: divergenceByUnitVectors(velocity, x) };
    const program = reference.load(createProgram({ name: "trace", parameters: field.parameters, outputs }));
    const [a, b] = [reference.table(4, 1), reference.table(4, 1)];
    program.run({
      parameters: reference.parameters(Float32Array.from(uniform(createKey(4), mlpSize(config)), (u) => 2 * u - 1)),
      inputs: { x: reference.table(4, dimension, normal(createKey(5), 4 * dimension)) },
      outputs: { divergence: a, wanted: b },
    });
    close(wide(a), wide(b), 1e-12);
  });
});

it("probes of both distributions have the mean and the variance that theory says", () => {
  const n = 20_000;
  const graph = createGraph();
  const [x, probe] = [graph.rows("x", 2), graph.rows("probe", 2)];
  const { velocity } = mlpField(graph, golden, { divergence: "exact" }).at(x, 0.25);
  const estimate = rowDot(probe, vjp([[velocity, probe]], [x])[0]);
  const parameters = mlpField(graph, golden, { divergence: "exact" }).parameters;
  const program = reference.load(createProgram({ name: "probes", parameters, outputs: { estimate } }));
  const { x: at, jacobian: J } = squashed.points[0];
  const rows = reference.table(
    n,
    2,
    Float32Array.from({ length: 2 * n }, (_, i) => at[i % 2]),
  );
  // e^T J e sees the symmetric part S only: the variance is 2 |S|_F^2, without the diagonal for signs.
  const off = (J[0][1] + J[1][0]) / 2;
  const variances = [2 * (J[0][0] ** 2 + J[1][1] ** 2 + 2 * off * off), 4 * off * off];
  [normal, rademacher].forEach((draw, k) => {
    const out = reference.table(n, 1);
    program.run({
      parameters: reference.parameters(numbers(reference, toOurs(ofFile))),
      inputs: { x: rows, probe: reference.table(n, 2, draw(createKey(6), 2 * n)) },
      outputs: { estimate: out },
    });
    const values = Array.from(wide(out));
    const mean = values.reduce((s, v) => s + v / n, 0);
    const variance = values.reduce((s, v) => s + (v - mean) ** 2 / (n - 1), 0);
    expect(Math.abs(mean - J[0][0] - J[1][1])).toBeLessThan(4 * Math.sqrt(variance / n));
    expect(Math.abs(variance / variances[k] - 1)).toBeLessThan(0.1); // 4 standard errors of a variance of 20,000
  });
});

it("the gradient of the end time is a difference quotient", () => {
  const config: MlpConfig = { ...golden, endTime: 0.5 };
  const program = reference.load(
    trainingProgram({ field: config, divergence: "exact" }, 4, "plain", likelihood().terms),
  );
  const theta = [...toOurs(ofFile), Math.sqrt(0.5)];
  const run = (tau: number) =>
    program.gradient({
      parameters: reference.parameters(numbers(reference, [...theta.slice(0, -1), tau])),
      inputs: { x: reference.table(2, 2, numbers(reference, squashed.x.flat())) },
      scalars: weightScalars(likelihood()),
    });
  const [tau, step] = [theta[32], 0.01];
  const quotient = (run(tau + step).values.loss[0] - run(tau - step).values.loss[0]) / (2 * step);
  expect(Math.abs(run(tau).gradient[32] - quotient)).toBeLessThan(1e-4); // step^2, and float32 / step
});

it("a chain taken apart is the same flow: log-determinants add, the inverse runs backward", () => {
  const field: MlpConfig = { ...golden, endTime: 0.5 };
  const block: BlockConfig = { field, divergence: "exact", chain: 3 };
  const weights = initBlock(block, createKey(7));
  expect(weights.length).toBe(3 * mlpSize(field));
  const rows = normal(createKey(8), 20);
  const runner = createBlockRunner(fast, block);
  const particles = createParticles(fast, rows, 2);
  runner.push(fast.parameters(weights), particles, particles, { steps: 6 });
  const blocks = linksOf(block, weights).map((part) => ({ weights: part, stepSize: Number.POSITIVE_INFINITY }));
  const flow = createFlow(fast, { block: { field, divergence: "exact" }, blocks, steps: 6 });
  const { z, logDet } = flow.push(rows);
  close(z, particles.x.read(), 1e-6);
  close(logDet, particles.logDet.read(), 1e-6);
  close(flow.invert(z), rows, 1e-5);
  flow.dispose();
  runner.dispose();
});

it("a gated field whose last layer starts at 0 has no velocity and no infinite gate", () => {
  const values = initMlp(golden, createKey(9), 0);
  const last = values.subarray(6 + 12, 6 + 12 + 6 + 4); // W2, u2, b2
  expect(last.every((v) => v === 0)).toBe(true);
  expect(values.every(Number.isFinite)).toBe(true);
});

it("an objective that a table does not give is refused: no density of its rows, no pairs of them", () => {
  const config: BlockConfig = { field: golden, divergence: "exact" };
  const made = (of: Functional) => () => trainingProgram(config, 1, "plain", of.terms);
  const expected = "expected terms of where rows go and of their way";
  expect(made(entropy())).toThrow(`objective: the term "entropy", which needs the density of the rows, ${expected}`);
  expect(made(interaction(squaredNorm))).toThrow("which needs pairs of rows");
});

it("terms are one program where they compute the same, and two where they do not", () => {
  const runner = createBlockRunner(reference, { field: golden, divergence: "exact" });
  const of = ({ terms }: Functional) => runner.training(1, "plain", terms);
  const start = sum([1, likelihood()], [2, movement()]);
  expect(of(sum([3, likelihood()], [4, movement()]))).toBe(of(start));
  const [one, other] = [1, 2].map((factor) =>
    sum([1, likelihood()], [1, potential((x) => scale(squaredNorm(x), factor))]),
  );
  expect(of(one)).toBe(of(one));
  expect(of(one)).not.toBe(of(other));
  runner.dispose();
});
