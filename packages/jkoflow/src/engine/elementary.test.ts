import { describe, expect, it } from "vitest";
import {
  cos,
  createGraph,
  createProgram,
  exp,
  log,
  type Node,
  sigmoid,
  sin,
  softplus,
  sqrt,
  tanh,
} from "../graph/index.ts";
import { createRandom, report } from "../graph/values.testing.ts";
import { kernels, requireKernels } from "./engines.testing.ts";

const word = new DataView(new ArrayBuffer(4));
/** Number of float32 values between -infinity and x: neighbours differ by 1. */
function ordinal(x: number): number {
  word.setFloat32(0, x);
  const bits = word.getInt32(0);
  return bits < 0 ? -(bits & 0x7fffffff) : bits;
}

const sigmoidOf = (x: number): number => 1 / (1 + Math.exp(-x));
/** Beyond 2^28 neighbouring numbers are turns apart: the kernels give no value. */
const within = (f: (x: number) => number) => (x: number) => (Math.abs(x) <= 2 ** 28 ? f(x) : Number.NaN);
const softplusOf = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

interface Sweep {
  readonly name: string;
  readonly node: (x: Node) => Node;
  readonly truth: (x: number) => number;
  /** Ends of the ranges of uniform points; `log` means uniform in the exponent, both signs where allowed. */
  readonly ranges: readonly (readonly [number, number])[];
  readonly powers?: "positive" | "both";
  readonly ulp: number;
  /** Absolute error allowed beside the ulp: functions that use e^x stop at e^-87 = 1.6e-38, the last normal numbers. */
  readonly absolute?: number;
}

/**
 * Polynomials of these degrees are good to one to three units of the last place, and softplus divides by beta at the end.
 * The argument beta x is a float32 before the function begins, so the truth takes it rounded. Math.* is off by at most one
 * unit of the last place of float64, which is nothing here.
 */
const sweeps: readonly Sweep[] = [
  {
    name: "exp",
    node: exp,
    truth: Math.exp,
    ranges: [
      [-1, 1],
      [-87, 88.7],
    ],
    ulp: 2,
    absolute: 2e-38,
  },
  {
    name: "log",
    node: log,
    truth: Math.log,
    ranges: [
      [0.5, 2],
      [0.9, 1.1],
    ],
    powers: "positive",
    ulp: 2,
  },
  {
    name: "tanh",
    node: tanh,
    truth: Math.tanh,
    ranges: [
      [-1, 1],
      [-12, 12],
    ],
    powers: "both",
    ulp: 3,
    absolute: 2e-38, // the native kernel flushes results below the normal numbers to 0
  },
  ...[
    { name: "sin", node: sin, truth: within(Math.sin) },
    { name: "cos", node: cos, truth: within(Math.cos) },
  ].map(
    (turn): Sweep => ({
      ...turn,
      ranges: [
        [-1, 1],
        [-100, 100],
        [-1e6, 1e6],
        [-(2 ** 28), 2 ** 28],
      ],
      powers: "both",
      ulp: 1,
      absolute: 2e-38,
    }),
  ),
  { name: "sqrt", node: sqrt, truth: Math.sqrt, ranges: [[0, 2]], powers: "positive", ulp: 0.5 },
  ...[1, 3, 20].flatMap((beta): Sweep[] => [
    {
      name: `softplus ${beta}`,
      node: (x) => softplus(x, beta),
      truth: (x) => softplusOf(Math.fround(beta * x)) / beta,
      ranges: [
        [-1, 1],
        [-80 / beta, 80 / beta],
      ],
      powers: "both",
      ulp: 4,
      absolute: 2e-38,
    },
    {
      name: `sigmoid ${beta}`,
      node: (x) => sigmoid(x, beta),
      truth: (x) => sigmoidOf(Math.fround(beta * x)),
      ranges: [
        [-1, 1],
        [-80 / beta, 80 / beta],
      ],
      powers: "both",
      ulp: 3,
      absolute: 2e-38,
    },
  ]),
];

const special = [
  0,
  -0,
  1e-45,
  -1e-45,
  1.1754944e-38,
  -1.1754944e-38,
  1e-40,
  1,
  -1,
  88.7,
  88.8,
  104,
  1e4,
  1e30,
  3.4028235e38,
  Infinity,
  NaN,
]
  .flatMap((x) => [x, -x])
  .map(Math.fround);

/** Where the value itself overflows or is below the normal numbers, what counts is the limit. */
const limit = (y: number): number => (Math.abs(y) > 3.4028235677973366e38 ? Math.sign(y) * Infinity : y);

describe("elementary functions of the kernels", () => {
  requireKernels();
  for (const { name, node, truth, ranges, powers, ulp, absolute = 0 } of sweeps) {
    it(`${name}: at most ${ulp} units of the last place from Math`, async () => {
      const random = createRandom(5);
      const points: number[] = [];
      for (const [from, to] of ranges) for (let i = 0; i < 20_000; i++) points.push(from + (to - from) * random());
      for (let i = 0; powers !== undefined && i < 20_000; i++) {
        points.push((powers === "both" && random() < 0.5 ? -1 : 1) * 2 ** (250 * random() - 125) * (1 + random()));
      }
      const x = Float32Array.from([...points, ...special]);
      for (const { name: kernel, create } of kernels) {
        const engine = await create();
        const graph = createGraph();
        const input = graph.rows("x", 1);
        const program = createProgram({ name, outputs: { y: node(input) } });
        const [inputs, outputs] = [engine.table(x.length, 1, x), engine.table(x.length, 1)];
        engine.load(program).run({ inputs: { x: inputs }, outputs: { y: outputs } });
        const y = outputs.read();
        let worst = { off: 0, at: 0 };
        for (let i = 0; i < x.length; i++) {
          const exact = limit(truth(x[i]));
          const place = `${kernel}: ${name}(${x[i]}) = ${y[i]}, expected ${exact}`;
          if (Number.isNaN(exact)) expect(y[i], place).toBeNaN();
          else if (!Number.isFinite(exact)) expect(y[i], place).toBe(exact);
          else if (!(Math.abs(y[i] - exact) <= absolute)) {
            // distance to the exact value in units of its last place
            const unit = 2 ** Math.max(-149, Math.floor(Math.log2(Math.abs(exact))) - 23);
            const off = exact === 0 ? Math.abs(ordinal(y[i])) : Math.abs(y[i] - exact) / unit;
            if (!(off <= worst.off)) worst = { off, at: x[i] };
          }
        }
        report(`${kernel}: ${name}, ulp (at ${worst.at})`, worst.off);
        expect(worst.off, `${kernel}: ${name}(${worst.at})`).toBeLessThanOrEqual(ulp);
        engine.dispose();
      }
    });
  }
});
