import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { solve, traceField, traceLoss } from "../graph/exactTrace.testing.ts";
import {
  add,
  createGraph,
  createProgram,
  matmul,
  type Node,
  type Program,
  rowDot,
  slice,
  tanh,
  vjp,
} from "../graph/index.ts";
import { createRandom, normalOf, report } from "../graph/values.testing.ts";
import type { Engine } from "./engine.ts";
import {
  best,
  kernels,
  largestError,
  type Numbers,
  normError,
  reference,
  requireKernels,
  runOn,
} from "./engines.testing.ts";
import { workload } from "./workload.testing.ts";

let engines: readonly { readonly name: string; readonly engine: Engine }[] = [];
let truth: Engine;
beforeAll(async () => {
  truth = await reference.create();
  engines = await Promise.all(kernels.map(async ({ name, create }) => ({ name, engine: await create() })));
});
afterAll(() => {
  for (const { engine } of engines) engine.dispose();
});

/** Normal rows; weights normal over the square root of what they sum over. */
function numbersFor(program: Program, rows: number, seed: number): Numbers {
  const random = createRandom(seed);
  const draw = (n: number, size: number): Float32Array =>
    Float32Array.from({ length: n }, () => size * normalOf(random));
  return {
    parameters: Float32Array.from(
      program.parameters.flatMap((p) => [...draw((p.rows as number) * p.cols, 1 / Math.sqrt(p.rows as number))]),
    ),
    inputs: Object.fromEntries(program.inputs.map((x) => [x.at.name!, draw(rows * x.cols, 1)])),
  };
}

/** `reliability.md`, N1: whole gradient in the Euclidean norm, float32 against float64. */
const wholeGradient = 2e-6;

async function compare(what: string, program: Program, rows: number, only = engines): Promise<void> {
  const numbers = numbersFor(program, rows, rows);
  const expected = runOn(truth, truth.load(program), numbers, rows);
  let worst = { error: 0, name: "" };
  for (const { name, engine } of only) {
    const executable = engine.load(program);
    const actual = runOn(engine, executable, numbers, rows);
    executable.dispose();
    const error = normError(actual.gradient, expected.gradient);
    if (!(error <= worst.error)) worst = { error, name };
    // The loss is a difference of terms of order d: 2e-6 of its parts is 1e-5 of what is left.
    expect(largestError(actual.values.loss, expected.values.loss), `${name}: loss`).toBeLessThanOrEqual(1e-5);
  }
  report(`${what} (${worst.name})`, worst.error);
  expect(worst.error, worst.name).toBeLessThanOrEqual(wholeGradient);
}

describe("the fixed case of a gradient inside of a loss", () => {
  requireKernels();
  it("has the published value on every kernel", () => {
    const g = createGraph();
    const [x, e, W] = [g.rows("x", 2), g.rows("e", 2), g.parameter("W", 2, 2)];
    const [dx] = vjp([[tanh(matmul(x, W)), e]], [x]);
    const program = createProgram({ name: "fixed", parameters: [W], loss: rowDot(e, dx) });
    const numbers: Numbers = {
      parameters: Float32Array.of(0.3, -0.7, 0.5, 0.2),
      inputs: { x: Float32Array.of(0.4, -1.1, 0.9, 0.3), e: Float32Array.of(1, -1, 1, 1) },
    };
    // Twice the mean over two rows; values from the reliability contract, N1. float32: a few units of 6e-8.
    for (const { engine } of engines) {
      const { values, gradient } = runOn(engine, engine.load(program), numbers, 2);
      expect(2 * values.loss[0]).toBeCloseTo(0.84741461, 6);
      [1.14243833, -0.13100671, -0.00473433, 0.68771449].forEach((v, i) => {
        expect(2 * gradient[i]).toBeCloseTo(v, 6);
      });
    }
  });
});

describe("whole gradient of the training step", () => {
  for (const H of [1, 2, 3, 4, 5, 8, 16, 17, 64, 128]) {
    it(`hidden width ${H}`, () => compare(`W, H = ${H}`, workload({ d: 3, H }), H > 32 ? 40 : 100));
  }
  it("one dimension, one hidden unit, one row", () => compare("W, d = 1", workload({ d: 1, H: 1 }), 1));
  it("S1: 512 rows, d = 2, H = 128", () => compare("W, S1", workload({ d: 2, H: 128 }), 512));
  it("S2 with 200 rows: d = 43, H = 256, one Runge-Kutta step", () =>
    compare("W, S2", workload({ d: 43, H: 256, steps: 1 }), 200));
});

describe("exact trace of a field with two hidden layers", () => {
  for (const activation of [1, 20, "tanh"] as const) {
    const size = { d: 4, H1: 19, H2: 16, activation };

    it(`activation ${activation}: equals the trace by unit vectors`, () => {
      const field = traceField(size);
      const v = field.velocity(field.x);
      const units = Array.from({ length: size.d }, (_, i): Node => {
        const [row] = vjp([[slice(v, i, i + 1), field.graph.constant(1)]], [field.x]);
        return slice(row, i, i + 1);
      });
      const outputs = { exact: field.divergence(field.x), units: units.reduce(add) };
      const program = createProgram({ name: "trace", parameters: field.parameters, outputs });
      const numbers = numbersFor(program, 100, 11);
      const expected = runOn(truth, truth.load(program), numbers, 100).outputs;
      expect(largestError(expected.exact, expected.units)).toBeLessThanOrEqual(1e-7); // read back as float32
      for (const { name, engine } of engines) {
        const { exact, units: sum } = runOn(engine, engine.load(program), numbers, 100).outputs;
        report(`trace, ${activation}, ${name}`, [largestError(exact, sum), largestError(exact, expected.exact)]);
        expect(largestError(exact, sum), name).toBeLessThanOrEqual(1e-6);
      }
    });

    it(`activation ${activation}: gradient through a Runge-Kutta solve`, () => {
      const field = traceField(size);
      const program = createProgram({ name: "solve", parameters: field.parameters, loss: traceLoss(field, 2) });
      return compare(`exact trace, ${activation}`, program, 100);
    });
  }

  it("K is formed in the prologue and its adjoint in the epilogue, whatever the solver", () => {
    const field = traceField({ d: 3, H1: 5, H2: 4, activation: 1 });
    const program = createProgram({ name: "solve", parameters: field.parameters, loss: traceLoss(field, 3) });
    const small = program.nodes.filter((n) => n.op === "matmul" && n.rows !== "B");
    expect(small.map((n) => program.phases.get(n)).sort()).toEqual(["epilogue", "epilogue", "prologue"]);
  });

  it("the integral of the divergence is the log determinant of the map", () => {
    // d = 1: log |dx(1)/dx(0)| by differentiating the solve; Runge-Kutta's error of order 4 in 1/8 with slopes of order 1
    const field = traceField({ d: 1, H1: 8, H2: 8, activation: "tanh" });
    const { x, integral } = solve(field, field.x, 8);
    const [slope] = vjp([[x, field.graph.constant(1)]], [field.x]);
    const program = createProgram({ name: "logdet", parameters: field.parameters, outputs: { integral, slope } });
    const { outputs } = runOn(truth, truth.load(program), numbersFor(program, 20, 3), 20);
    outputs.integral.forEach((v, i) => {
      expect(Math.abs(v - Math.log(outputs.slope[i]))).toBeLessThan(1e-4);
    });
  });
});

describe("loading the training step at its largest size", () => {
  it("S3 (d = 63, H = 512) loads and runs", async () => {
    const program = workload({ d: 63, H: 512 });
    const engine = await best.create();
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now();
      engine.load(program).dispose();
      return performance.now() - start;
    });
    report("load at S3, ms (first, median)", [times[0], [...times].sort((a, b) => a - b)[2]]);
    if (engine.kind !== "reference") {
      const { values, gradient } = runOn(engine, engine.load(program), numbersFor(program, 24, 1), 24);
      expect(Number.isFinite(values.loss[0]) && gradient.every(Number.isFinite)).toBe(true);
    }
    engine.dispose();
  });
});
