import { describe, expect, test } from "vitest";
import { InputError } from "../errors/index.ts";
import { checkTableau, dopri5, methodOf, rk4, type Tableau, tableaus } from "./index.ts";
import { density, rootedTrees } from "./tableauCheck.ts";

/** Exact rationals. */
interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}
const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b));
const make = (n: bigint, d: bigint): Rational => {
  const g = gcd(n, d) * (d < 0n ? -1n : 1n);
  return { n: n / g, d: d / g };
};
const parse = (text: string): Rational => {
  const [n, d = "1"] = text.split("/");
  return make(BigInt(n), BigInt(d));
};
const plus = (a: Rational, b: Rational): Rational => make(a.n * b.d + b.n * a.d, a.d * b.d);
const times = (a: Rational, b: Rational): Rational => make(a.n * b.n, a.d * b.d);
const zero = parse("0");
const show = ({ n, d }: Rational): string => (d === 1n ? `${n}` : `${n}/${d}`);
const dot = (a: readonly Rational[], b: readonly Rational[]): Rational =>
  a.reduce((s, x, i) => plus(s, times(x, b[i])), zero);

interface Exact {
  readonly c: string;
  readonly a: readonly string[];
  readonly b: string;
  readonly e?: string;
  readonly m?: string;
}

/** The published coefficients: Hairer, Norsett, Wanner I, tables II.1.2 and II.5.2; middle: Shampine 1986. */
const published: Readonly<Record<string, Exact>> = {
  euler: { c: "0", a: [""], b: "1" },
  midpoint: { c: "0 1/2", a: ["", "1/2"], b: "0 1" },
  rk4: { c: "0 1/2 1/2 1", a: ["", "1/2", "0 1/2", "0 0 1"], b: "1/6 1/3 1/3 1/6" },
  "rk4-38": { c: "0 1/3 2/3 1", a: ["", "1/3", "-1/3 1", "1 -1 1"], b: "1/8 3/8 3/8 1/8" },
  dopri5: {
    c: "0 1/5 3/10 4/5 8/9 1 1",
    a: [
      "",
      "1/5",
      "3/40 9/40",
      "44/45 -56/15 32/9",
      "19372/6561 -25360/2187 64448/6561 -212/729",
      "9017/3168 -355/33 46732/5247 49/176 -5103/18656",
      "35/384 0 500/1113 125/192 -2187/6784 11/84",
    ],
    b: "35/384 0 500/1113 125/192 -2187/6784 11/84 0",
    e: "71/57600 0 -71/16695 71/1920 -17253/339200 22/525 -1/40",
    m:
      "6025192743/60171106304 0 51252292925/130801643196 -2691868925/90256659456 " +
      "187940372067/3189068634112 -1776094331/39487288512 11237099/470086768",
  },
};
const row = (text: string): Rational[] => (text === "" ? [] : text.split(" ").map(parse));
const float = ({ n, d }: Rational): number => Number(n) / Number(d);

/** The 17 conditions up to order 5 as sums over b, by order; `A` multiplies by the matrix of stages. */
function conditions(c: Rational[], a: Rational[][], b: Rational[]): [order: number, value: Rational, wanted: string][] {
  const A = (v: Rational[]): Rational[] => a.map((r) => dot(r, v));
  const x = (...vs: Rational[][]): Rational[] => vs.reduce((p, v) => p.map((y, i) => times(y, v[i])));
  const one = c.map(() => parse("1"));
  const list: [number, Rational[], string][] = [
    [1, one, "1"],
    [2, c, "1/2"],
    [3, x(c, c), "1/3"],
    [3, A(c), "1/6"],
    [4, x(c, c, c), "1/4"],
    [4, x(c, A(c)), "1/8"],
    [4, A(x(c, c)), "1/12"],
    [4, A(A(c)), "1/24"],
    [5, x(c, c, c, c), "1/5"],
    [5, x(c, c, A(c)), "1/10"],
    [5, x(A(c), A(c)), "1/20"],
    [5, x(c, A(x(c, c))), "1/15"],
    [5, x(c, A(A(c))), "1/30"],
    [5, A(x(c, c, c)), "1/20"],
    [5, A(x(c, A(c))), "1/40"],
    [5, A(A(x(c, c))), "1/60"],
    [5, A(A(A(c))), "1/120"],
  ];
  return list.map(([order, v, wanted]) => [order, dot(b, v), wanted]);
}
const exactOrder = (list: ReturnType<typeof conditions>): number => {
  const failed = list.filter(([, value, wanted]) => show(value) !== wanted).map(([order]) => order);
  return failed.length === 0 ? 5 : Math.min(...failed) - 1;
};

describe.each(Object.entries(tableaus))("%s", (name, tableau) => {
  const exact = published[name];
  const [c, b] = [row(exact.c), row(exact.b)];
  const a = exact.a.map(row);

  test("has its order in exact arithmetic, and rows that sum to the nodes", () => {
    expect(exactOrder(conditions(c, a, b))).toBe(tableau.order);
    expect(a.map((r) => show(r.reduce(plus, zero)))).toEqual(c.map(show));
    if (exact.e === undefined) return;
    const e = row(exact.e);
    expect(show(e.reduce(plus, zero))).toBe("0");
    const embedded = b.map((x, i) => plus(x, times(parse("-1"), e[i])));
    expect(exactOrder(conditions(c, a, embedded))).toBe(tableau.embeddedOrder);
  });

  test("holds the published numbers, rounded once", () => {
    expect(tableau.nodes).toEqual(c.map(float));
    expect(tableau.stages).toEqual(a.map((r) => r.map(float)));
    expect(tableau.weights).toEqual(b.map(float));
    expect(tableau.error).toEqual(exact.e && row(exact.e).map(float));
    expect(tableau.middle).toEqual(exact.m && row(exact.m).map(float));
    expect(tableau.name).toBe(name);
  });

  test("passes the check, and not with a higher order", () => {
    checkTableau(tableau);
    expect(methodOf(name)).toBe(tableau);
    expect(() => checkTableau({ ...tableau, order: tableau.order + 1 })).toThrow(/order/);
  });
});

test("rooted trees are as many as there are order conditions, Hairer-Norsett-Wanner I, table II.2.3", () => {
  const counts = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => rootedTrees(8).filter((tree) => tree.nodes === n).length);
  expect(counts).toEqual([1, 1, 2, 4, 9, 20, 48, 115]);
  const densities = rootedTrees(5).map(density);
  expect(densities.sort((x, y) => x - y)).toEqual([1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 20, 24, 30, 40, 60, 120]);
});

const ralston: Tableau = {
  name: "ralston",
  order: 2,
  nodes: [0, 2 / 3],
  stages: [[], [2 / 3]],
  weights: [1 / 4, 3 / 4],
};

test("a method of the user's own is checked", () => {
  checkTableau(ralston);
  const wrong: [Partial<Tableau>, RegExp][] = [
    [{ order: 3 }, /tree .* order 3/],
    [{ order: 1.5 }, /order/],
    [{ weights: [1 / 4 + 1e-9, 3 / 4 - 1e-9] }, /order 2/],
    [{ weights: [1] }, /2 finite numbers/],
    [{ weights: [Number.NaN, 1] }, /finite/],
    [{ nodes: [0, 1 / 2] }, /row sum/],
    [{ stages: [[], [2 / 3, 0]] }, /explicit/],
    [{ stages: [] }, /at least one stage/],
    [{ error: [1, -1] }, /embeddedOrder/],
    [{ error: [0, 0], embeddedOrder: 1 }, /estimate/],
    [{ fsal: true }, /first same as last/],
    [{ middle: [1 / 2, 0] }, /fsal/],
  ];
  for (const [change, message] of wrong) {
    const check = (): void => checkTableau({ ...ralston, ...change });
    expect(check, JSON.stringify(change)).toThrow(InputError);
    expect(check).toThrow(message);
  }
  expect(() => checkTableau({ ...dopri5, middle: dopri5.middle!.map((m) => 2 * m) })).toThrow(/1\/2/);
  const nodesOutside = { ...ralston, nodes: [0, 2], stages: [[], [2]], weights: [3 / 4, 1 / 4] };
  expect(() => checkTableau(nodesOutside)).toThrow(/outside of a step/);
  expect(() => methodOf("rk5")).toThrow(/euler, midpoint, rk4, rk4-38, dopri5/);
  expect(() => methodOf("toString")).toThrow(InputError);
  expect(() => methodOf({ ...rk4, weights: [1 / 4, 1 / 4, 1 / 4, 1 / 4] })).toThrow(/order 4/);
});
