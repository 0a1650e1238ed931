/** Formulas: what they mean (JavaScript itself is the oracle), their slopes (finite differences), what is refused and where. */
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine/index.ts";
import { columnSum, createGraph, createProgram, gradient } from "../graph/index.ts";
import { createRandom, distance, evaluator, slopeOf } from "../graph/values.testing.ts";
import { parseExpression } from "./index.ts";

const xy = ["x", "y"];

describe("meaning", () => {
  // The same formulas as JavaScript has them.
  const [x, y] = [0.7, -1.3];
  const r = Math.hypot(x, y);
  const cases: readonly (readonly [text: string, value: number])[] = [
    ["1 - 2 - 3", -4],
    ["12 / 2 / 3", 2],
    ["2 ^ 3 ^ 2", 512],
    ["2 ** 3", 8],
    ["-x^2", -(x ** 2)],
    ["(-x)^2", x ** 2],
    ["x^-2", x ** -2],
    ["2^-x", 2 ** -x],
    ["--x", x],
    ["-2^2", -4],
    ["+x - -y", x + y],
    ["2*x + 3*y*y", 2 * x + 3 * y * y],
    ["x/y*y", x],
    ["x1 + 10*x2", x + 10 * y],
    ["1.5e-3 + .5 + 2.", 2.5015],
    ["pi*e", Math.PI * Math.E],
    ["r^2/2 - log(r)", r ** 2 / 2 - Math.log(r)],
    ["r^4/4 - r^2/2", r ** 4 / 4 - r ** 2 / 2],
    ["r^3", r ** 3],
    ["x^(1/2) + x^2.5 + x^0.3", x ** 0.5 + x ** 2.5 + x ** 0.3],
    ["x^y", x ** y],
    ["y^3", y ** 3],
    ["exp(x) + ln(x) + log(x) + sqrt(x)", Math.exp(x) + 2 * Math.log(x) + Math.sqrt(x)],
    ["abs(y) + tanh(y) + relu(y) + relu(x)", Math.abs(y) + Math.tanh(y) + x],
    ["sigmoid(y) + softplus(y)", 1 / (1 + Math.exp(-y)) + Math.log1p(Math.exp(y))],
    ["sqrt(x^2)", x],
    ["cos(3*x) + x^2/2 - sin(y)", Math.cos(3 * x) + x ** 2 / 2 - Math.sin(y)],
    ["sin(1000*x)^2 + cos(1e5*y)", Math.sin(1000 * x) ** 2 + Math.cos(1e5 * y)],
    ["pow(x, 2.5) + pow(2, y) - pow(y, 3)", x ** 2.5 + 2 ** y - y ** 3],
    ["7", 7],
    ["((((x))))", x],
  ];
  it.each(cases)("%s", (text, expected) => {
    const expression = parseExpression(text, xy);
    expect(distance(expression.value([x, y]), expected)).toBeLessThan(1e-14);
    expect(expression.gradient([x, y], new Float64Array(2))).toBe(expression.value([x, y]));
    const graph = createGraph();
    const rows = graph.rows("x", 2);
    const matrix = { rows: 1, cols: 2, data: Float64Array.of(x, y) };
    const { data } = evaluator(expression.node(rows), 1)(new Map([[rows, matrix]]));
    expect(distance(data[0], expected)).toBeLessThan(1e-14);
  });

  it("own names of columns go before x, y, z and before constants", () => {
    expect(parseExpression("10*y + x", ["y", "x"]).value([1, 2])).toBe(12);
    expect(parseExpression("e + r", ["e", "r"]).value([1, 2])).toBe(3);
    expect(parseExpression("größe_1^2", ["größe_1"]).value([3])).toBe(9);
  });

  it("a norm has a slope at 0 where the formula has one", () => {
    const slopes = new Float64Array(2);
    expect(parseExpression("r^2/2", xy).gradient([0, 0], slopes)).toBe(0);
    expect([...slopes]).toEqual([0, 0]);
  });
});

/** A random formula, positive where it must be, and its text. */
function randomFormula(random: () => number, depth: number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const inner = (): string => randomFormula(random, depth - 1);
  if (depth === 0) return pick(["x", "y", "r", "x1", "0.5", "2", "pi", "1e-1"]);
  return pick([
    () => `(${inner()} + ${inner()})`,
    () => `${inner()} - (${inner()})`,
    () => `(${inner()})*(${inner()})`,
    () => `(${inner()})/(1 + (${inner()})^2)`,
    () => `-(${inner()})^${pick(["2", "3", "4"])}`,
    () => `(1 + (${inner()})^2)^${pick(["0.5", "-1.5", "0.3", "-2", "(x/4)"])}`,
    () => `${pick(["tanh", "sigmoid", "softplus", "sin", "cos"])}(${inner()})`,
    () => `${pick(["log", "sqrt"])}(1 + (${inner()})^2)`,
    () => `exp(-(${inner()})^2)`,
  ])();
}

describe("derivatives", () => {
  it("of 300 random formulas: host and graph agree with finite differences", () => {
    const random = createRandom(7);
    let worst = 0;
    for (let trial = 0; trial < 300; trial++) {
      const text = randomFormula(random, 1 + Math.floor(random() * 3));
      const expression = parseExpression(text, xy);
      const at = [0.3 + random(), -0.4 - random()];
      const slopes = new Float64Array(2);
      expression.gradient(at, slopes);
      const graph = createGraph();
      const rows = graph.rows("x", 2);
      const node = expression.node(rows);
      const [slope] = gradient(columnSum(node), [rows]);
      const matrix = { rows: 1, cols: 2, data: Float64Array.from(at) };
      const graphSlopes = evaluator(slope, 1)(new Map([[rows, matrix]])).data;
      for (const k of [0, 1]) {
        const numeric = slopeOf((e) => expression.value(at.map((value, j) => (j === k ? value + e : value))));
        // The fifth derivatives of nested quotients are large: hence 1e-5 instead of the 1e-6 of single functions.
        expect(distance(slopes[k], numeric), `${text} by ${xy[k]}`).toBeLessThan(1e-5);
        worst = Math.max(worst, distance(slopes[k], graphSlopes[k]));
      }
    }
    expect(worst).toBeLessThan(1e-12);
  });

  it("an engine computes what the host does, to float32", async () => {
    const expression = parseExpression("softplus(x - y)^2 / (1 + r^2) + log(1 + y^4) + x^0.5", xy);
    const graph = createGraph();
    const rows = graph.rows("x", 2);
    const engine = await createEngine({ kind: "reference" });
    try {
      const program = engine.load(createProgram({ name: "f", parameters: [], outputs: { y: expression.node(rows) } }));
      const [table, out] = [engine.table(3, 2, Float32Array.of(0.5, 1, 2, -3, 0.25, 0)), engine.table(3, 1)];
      program.run({ inputs: { x: table }, rows: 3, outputs: { y: out } });
      const values = out.read();
      const points = table.read();
      for (let i = 0; i < 3; i++) {
        expect(distance(values[i], expression.value(points.subarray(2 * i, 2 * i + 2)))).toBeLessThan(1e-6);
      }
    } finally {
      engine.dispose();
    }
  });
});

describe("refusals", () => {
  const cases: readonly (readonly [text: string, message: string])[] = [
    ["", "f: at character 1: the end, expected a number, a name or ("],
    ["x^2/2 +", 'f: at character 8: the end behind "x^2/2 +", expected a number, a name or ('],
    ["x^2 + * y", 'f: at character 7: "*" behind "x^2 + ", expected a number, a name or ('],
    ["(x + y", 'f: at character 7: the end behind "(x + y", expected an operator or )'],
    ["x)", 'f: at character 2: ")" behind "x", expected no ) without its ('],
    ["2x", 'f: at character 2: "x" behind "2", expected an operator or the end; write 2*x'],
    ["2(x)", 'f: at character 2: "(" behind "2", expected an operator or the end; write 2*('],
    ["x(y)", 'f: at character 2: "(" behind "x", expected an operator; write x*('],
    ["exp x", 'f: at character 5: "x" behind "exp ", expected ( behind exp'],
    ["log(x, y)", 'f: at character 6: "," behind "log(x", expected ) : only pow takes two arguments'],
    ["x # y", 'f: at character 3: "#" behind "x ", expected a number, a name, + - * / ^ ( or )'],
    ["x + 😀", 'f: at character 5: "😀" behind "x + ", expected a number, a name, + - * / ^ ( or )'],
    ["1e999", 'f: at character 1: "1e999", expected a number that float64 holds'],
    [
      "tan(x)",
      'f: at character 1: "tan", expected a function: exp, log, sqrt, sin, cos, abs, tanh, sigmoid, softplus, relu, ln, pow',
    ],
    ["pow(x)", 'f: at character 6: ")" behind "pow(x", expected a comma and an exponent'],
    ["pow", 'f: at character 1: "pow", expected'],
    ["x + z", 'f: at character 5: "z" behind "x + ", expected x, y, x1, x2, r, pi, e, or a function: exp'],
    ["x3", 'f: at character 1: "x3", expected x, y, x1, x2, r'],
    ["constructor", 'f: at character 1: "constructor", expected x'],
    ["constructor(x)", 'f: at character 1: "constructor", expected a function'],
    [`${"(".repeat(500)}x`, "f: at character 201"],
    ["-".repeat(500), "f: at character 201"],
    ["x".repeat(20_000), "f: 20000 characters, expected a formula of at most 10000"],
  ];
  it.each(cases.map(([text, message]) => [text.slice(0, 12), text, message]))("%s", (_, text, message) => {
    expect(() => parseExpression(text, xy, "f")).toThrow(message);
  });

  it("10,000 random lines of signs give a formula or one line that names a place, and nothing else", () => {
    const random = createRandom(11);
    const words = [
      "x",
      "y",
      "r",
      "1",
      ".5",
      "2e3",
      "+",
      "-",
      "*",
      "/",
      "^",
      "(",
      ")",
      ",",
      "exp",
      "log(",
      " ",
      "sin",
      "?",
    ];
    let formulas = 0;
    for (let trial = 0; trial < 10_000; trial++) {
      const text = Array.from(
        { length: 1 + Math.floor(random() * 9) },
        () => words[Math.floor(random() * words.length)],
      ).join("");
      try {
        expect(typeof parseExpression(text, xy, "f").value([1, 2])).toBe("number");
        formulas++;
      } catch (error) {
        const { name, message } = error as Error;
        expect(name, text).toBe("InputError");
        expect(message, text).toMatch(/^f: at character \d+: .+, expected .+$/);
        expect(Number(/character (\d+)/.exec(message)![1])).toBeLessThanOrEqual(text.length + 1);
      }
    }
    expect(formulas).toBeGreaterThan(300);
  });
});
