/** Problems of one's own: what is checked of them, and how a mistake is told. */
import { describe, expect, it } from "vitest";
import { createGraph, mul, rowSum, squaredNorm } from "../graph/index.ts";
import { evaluator } from "../graph/values.testing.ts";
import { checkOwnProblem } from "./checkOwn.ts";
import { ownProblem } from "./own.ts";

const well = { start: "normal:2", potential: "x^2/2 + 2*y^2", time: 1, step: 0.1 };

const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return String(error);
  }
  return "nothing thrown";
};

describe("a problem of one's own", () => {
  it("has its defaults", () => {
    const { columns, diffusion, time, step, title } = checkOwnProblem({ start: "normal:2", potential: "x^2/2" }, "p");
    expect({ columns, diffusion, time, step, title }).toEqual({
      columns: ["x1", "x2"],
      diffusion: 1,
      time: 1,
      step: 0.05,
      title: "the flow of V = x^2/2",
    });
    expect(checkOwnProblem({ columns: ["a", "b"], interaction: "r^2" }, "p").start.dimension).toBe(2);
  });

  it("a log-density is minus a potential, and a function means what its formula does", () => {
    const value = (own: object): number => {
      const graph = createGraph();
      const x = graph.rows("x", 2);
      const node = checkOwnProblem({ ...well, potential: undefined, ...own }, "p").potential!.perRow({ x, y: x }, {});
      return evaluator(node, 1)(new Map([[x, { rows: 1, cols: 2, data: Float64Array.of(0.5, -2) }]])).data[0];
    };
    expect(value({ potential: "x^2/2 + 2*y^2" })).toBe(8.125);
    expect(value({ logDensity: "-(x^2/2 + 2*y^2)" })).toBe(8.125);
    expect(value({ potential: (x: never) => squaredNorm(x) })).toBe(4.25);
    expect(value({ potential: (x: never, g: { squaredNorm: typeof squaredNorm }) => g.squaredNorm(x) })).toBe(4.25);
  });

  const throws = (): never => {
    throw new TypeError("x is not\nfunny");
  };
  it.each([
    [undefined, "p: nothing, expected an object"],
    [[1], "p: an array of 1, expected an object"],
    ["x", 'p: "x", expected an object'],
    [{ ...well, potental: "x" }, "p:potental: a part that is not known, expected title, columns, start"],
    [{ potential: "x" }, "p:start: nothing, expected a start such as normal:2"],
    [{ ...well, start: 3 }, "p:start: 3, expected words"],
    [{ ...well, start: "normal:x" }, 'p:start: "normal:x", expected a dimension from 1 to 64'],
    [{ ...well, columns: ["a"] }, "p:columns: an array of 1, expected 2 names, as the start has"],
    [{ ...well, columns: ["a", "a"] }, "p:columns: an array of 2, expected different names"],
    [{ ...well, columns: [] }, "p:columns: an array of 0, expected different names"],
    [{ ...well, potential: "x^" }, "p:potential: at character 3: the end"],
    [{ ...well, potential: 7 }, "p:potential: 7, expected a formula, or a function (x, graph) => node"],
    [{ ...well, potential: throws }, "p:potential: it threw x is not\nfunny, expected a node [B, 1]"],
    [{ ...well, potential: () => 1 }, "p:potential: 1, expected a node [B, 1] of rows [B, d]; build it with"],
    [{ ...well, potential: (x: never) => mul(x, x) }, "p:potential: a node [B, 2], expected a node [B, 1]"],
    [{ ...well, potential: () => rowSum(createGraph().rows("y", 2)) }, "p:potential: a node [B, 1], expected"],
    [{ ...well, logDensity: "x" }, 'p:logDensity: "x", expected a potential or a log-density'],
    [{ ...well, diffusion: -1 }, "p:diffusion: -1, expected a number from 0; backward diffusion has no flow"],
    [{ ...well, diffusion: "1" }, 'p:diffusion: "1", expected a number from 0'],
    [{ ...well, internal: "rho^0.5" }, 'p:internal: "rho^0.5", which is not displacement convex'],
    [{ start: "normal:2" }, "p: a functional that is 0, expected a potential"],
    [{ ...well, potential: "log(x)" }, 'p:potential: "log(x)", which has no finite value at ('],
    [
      { ...well, potential: undefined, logDensity: "-exp(exp(9*r))" },
      'p:logDensity: "-exp(exp(9*r))", which has no finite',
    ],
    [{ ...well, interaction: "log(x)" }, "at minus that, expected an even function"],
    [{ ...well, interaction: "x" }, 'p:interaction: "x", which is 0.1 at (0.1, -0.137) and -0.1 at minus that'],
    [{ ...well, interaction: "exp(y) + r^2" }, "expected an even function of the difference of two points"],
    [{ ...well, interaction: (z: never) => rowSum(z) }, "p:interaction: a function, which is "],
    [{ ...well, potential: "-r^4" }, 'p:potential: "-r^4", which falls without end faster than |y|^2/(2 h) rises'],
    [{ ...well, potential: "x^2 - y^3" }, "rises, as in the direction (0, 1), expected one that a step of h = 0.1"],
    [{ ...well, potential: "-exp(x)" }, "as in the direction (1, 0)"],
    [{ ...well, potential: "-6*r^2" }, "h = 0.1 has a minimum of; take a smaller step, or add a term"],
    [{ ...well, potential: undefined, logDensity: "x^6" }, 'p:logDensity: "x^6", which falls without end'],
    [{ ...well, interaction: "-r^4" }, 'p:interaction: "-r^4", which falls without end'],
    [{ ...well, start: 3 }, "p:start: 3, expected words such as normal:2, or a distribution with dimension"],
    [
      { ...well, start: { dimension: 2 } },
      "p:start: { dimension }, expected words such as normal:2, or a distribution",
    ],
    [{ ...well, step: "0.1" }, 'p:step: "0.1", expected a number'],
    [{ ...well, step: 0 }, "p:step: 0, expected a number above 0"],
    [{ ...well, step: 0.3 }, "p:time: 1 with a step of 0.3, expected a whole number of steps"],
  ])("refuses case %#", (own, message) => {
    expect(() => checkOwnProblem(own, "p")).toThrow(message);
  });

  it("becomes a start and a sum of terms with their weights", () => {
    const { start, functional, columns, dimension } = ownProblem({
      start: "normal:1:0.5:3",
      potential: "x^2",
      diffusion: 0.25,
      interaction: "r^2/2",
      internal: "2*rho^2",
    });
    expect({ columns, dimension }).toEqual({ columns: ["x"], dimension: 1 });
    // N(3, 0.25) at 3.5, by hand.
    expect(start.logDensityAt([3.5])).toBeCloseTo(-0.5 - Math.log(0.5) - Math.log(2 * Math.PI) / 2, 12);
    expect(functional.terms.map(({ name, weight }) => [name, weight])).toEqual([
      ["entropy", 0.25],
      ["potential", 1],
      ["interaction", 1],
      ["internal", 2],
    ]);
  });

  it("takes a potential that is finite where the start has rows", () => {
    const half = { start: "normal:1:0.1:3", potential: "x - log(x)" }; // 30 deviations from 0
    expect(checkOwnProblem(half, "p").potential).toBeDefined();
  });

  it("takes a potential that falls, as long as a step has a minimum", () => {
    for (const potential of ["-4*r^2", "-x", "-10*log(1 + r^2)", "-exp(-r^2)", "r^4 - 1000*r^2", "cos(3*x) + x^2/2"]) {
      expect(checkOwnProblem({ ...well, potential }, "p").potential).toBeDefined();
    }
  });

  it("takes every even interaction", () => {
    for (const interaction of ["r^2/2 - log(r)", "x*y", "exp(-r^2)", "abs(x) + tanh(y)^2", "exp(x) + exp(-x)", "1"]) {
      expect(checkOwnProblem({ ...well, interaction }, "p").interaction).toBeDefined();
    }
  });

  it("advises a step and a time that are taken", () => {
    for (const [time, step] of [
      [1, 0.3],
      [0.7, 0.11],
      [10, 3],
      [0.001, 0.7],
    ]) {
      const message = messageOf(() => checkOwnProblem({ ...well, time, step }, "p"));
      const [, better, other] = /step of ([^ ,]+), or a time of ([^ ]+)$/.exec(message)!;
      expect(checkOwnProblem({ ...well, time, step: Number(better) }, "p").step).toBe(Number(better));
      expect(checkOwnProblem({ ...well, time: Number(other), step }, "p").time).toBe(Number(other));
    }
  });

  it("names its parts as the caller does", () => {
    expect(() => checkOwnProblem({ ...well, step: -1 }, "jko evolve", (part) => `--${part}`)).toThrow("--step: -1");
  });
});
