import { describe, expect, it } from "vitest";
import type { Matrix } from "../engine/interpret.ts";
import { cases, type Domain, drawFrom } from "./cases.testing.ts";
import {
  add,
  columnSum,
  createGraph,
  detach,
  type Graph,
  gradient,
  isRow,
  mul,
  type Node,
  type Operation,
  reciprocal,
  rowDot,
  rules,
  topological,
  vjp,
} from "./index.ts";
import { recipeNodes } from "./recipe.testing.ts";
import { randomRecipe } from "./recipes.testing.ts";
import {
  createRandom,
  distance,
  evaluator,
  fill,
  inner,
  isLeaf,
  leafLike,
  moved,
  normalOf,
  probe,
  report,
  slopeOf,
  total,
} from "./values.testing.ts";

const batch = 3;
const directions = 20;
const seeds = [1, 2, 3];
/** `reliability.md`, N1; the error of the difference itself is derived at `slopeOf`. */
const tolerance = 1e-6;

/** Largest relative distance between the derivative of `value` along random directions and its difference. */
function worstOf(
  value: Node,
  wrt: readonly Node[],
  domain: Domain,
  seedList: readonly number[],
  count: number,
): number {
  const gradients = gradient(value, wrt);
  const f = evaluator(value, batch);
  const gs = gradients.map((g) => evaluator(g, batch));
  const leaves = topological([value, ...gradients]).filter(isLeaf);
  let worst = 0;
  for (const seed of seedList) {
    const random = createRandom(seed);
    const point = new Map(leaves.map((leaf) => [leaf, fill(leaf, batch, () => drawFrom(domain, random))]));
    const at = gs.map((g) => g(point));
    at.forEach((g, i) => {
      const shape = { rows: isRow(wrt[i]) ? batch : wrt[i].rows, cols: wrt[i].cols };
      if (g.rows !== shape.rows || g.cols !== shape.cols) throw new Error(`gradient of shape [${g.rows}, ${g.cols}]`);
    });
    for (let k = 0; k < count; k++) {
      const direction = new Map(wrt.map((leaf) => [leaf, fill(leaf, batch, () => normalOf(random) / 2)]));
      const exact = wrt.reduce((s, leaf, i) => s + inner(at[i], direction.get(leaf) as Matrix), 0);
      const difference = slopeOf((epsilon) => f(moved(point, direction, epsilon)).data[0]);
      worst = Math.max(worst, distance(exact, difference));
    }
  }
  return worst;
}

/** First order: sum(q y + y^2/2). Second order: the same value's gradient, weighted by fixed numbers and summed. */
function orders(y: Node): { first: Node; second: Node | undefined; wrt: readonly Node[] } {
  const wrt = topological([y]).filter(isLeaf);
  const first = probe(y, leafLike(y, "q"));
  const parts = gradient(first, wrt).map((g, i) => total(mul(g, leafLike(wrt[i], `w${i}`))));
  return { first, second: parts.length === 0 ? undefined : parts.reduce(add), wrt };
}

describe("every operation agrees with central differences", () => {
  for (const op of Object.keys(rules) as Operation[]) {
    if (op === "detach") continue; // its own test below: it differs from the difference by intent
    it(`${op}: first and second order`, () => {
      expect(cases[op], `an entry for "${op}" in cases.testing.ts`).toBeDefined();
      const { domain = "any", build } = cases[op];
      const worst = [0, 0];
      for (const [k, c] of [3, 1].entries()) {
        const variants = build(createGraph(), c).length;
        for (let i = 0; i < variants; i++) {
          const y = build(createGraph(), c)[i];
          if (k === 0 && i === 0) expect(topological([y]).map((n) => n.op)).toContain(op);
          const { first, second, wrt } = orders(y);
          // One column takes other branches of the operations; one seed suffices for those.
          const seedList = k === 0 ? seeds : seeds.slice(0, 1);
          worst[0] = Math.max(worst[0], worstOf(first, wrt, domain, seedList, directions));
          if (second) worst[1] = Math.max(worst[1], worstOf(second, wrt, domain, seedList, directions));
        }
      }
      report(op, worst);
      expect(worst[0]).toBeLessThanOrEqual(tolerance);
      expect(worst[1]).toBeLessThanOrEqual(tolerance);
    });
  }

  it("detach holds its operand fixed: d(x detach(x)) = x", () => {
    const g = createGraph();
    const x = g.rows("x", 3);
    const [dx] = gradient(total(mul(detach(x), x)), [x]);
    const point = new Map([[x, fill(x, batch, createRandom(1))]]);
    expect(evaluator(dx, batch)(point).data).toEqual(point.get(x)!.data);
  });
});

describe("random graphs agree with central differences", () => {
  it("200 graphs, first order and, every fourth, second order", () => {
    const worst = [0, 0];
    const used = new Set<Operation>();
    for (let seed = 0; seed < 200; seed++) {
      const random = createRandom(1000 + seed);
      const recipe = randomRecipe(random, { widths: [1, 2, 3], length: 18, smooth: true });
      const g: Graph = createGraph();
      const nodes = recipeNodes(recipe, g, "simplified");
      const y = nodes[recipe.rowResults[0]];
      for (const node of topological([y])) used.add(node.op);
      const { first, second, wrt } = orders(y);
      worst[0] = Math.max(worst[0], worstOf(first, wrt, "any", [seed], 3));
      if (second && seed % 4 === 0) worst[1] = Math.max(worst[1], worstOf(second, wrt, "any", [seed], 2));
    }
    report("random graphs", worst);
    expect(used.size).toBeGreaterThan(20);
    expect(worst[0]).toBeLessThanOrEqual(tolerance);
    expect(worst[1]).toBeLessThanOrEqual(tolerance);
  });
});

describe("missing rules and wrong shapes", () => {
  it("an operation without a rule throws and names itself", () => {
    const g = createGraph();
    const x = g.rows("x", 2);
    const fake = g.make("bessel" as Operation, [x], "B", 2);
    expect(() => gradient(total(fake), [x])).toThrow(/"bessel" has no derivative rule/);
    expect(() => gradient(total(add(fake, x)), [g.rows("z", 2)]), "not on the way to z").not.toThrow();
  });

  it("a leaf that is not on the way gets zeros of its shape", () => {
    const g = createGraph();
    const [x, W] = [g.rows("x", 2), g.parameter("W", 3, 4)];
    const [dW] = gradient(total(x), [W]);
    expect([dW.rows, dW.cols]).toEqual([3, 4]);
    expect(new Set(evaluator(dW, batch)(new Map()).data)).toEqual(new Set([0]));
  });

  it("cotangents that repeat into the output are accepted, equal seeds add up", () => {
    const g = createGraph();
    const x = g.rows("x", 2);
    const [dx] = vjp(
      [
        [x, g.constant(1)],
        [x, g.constant(2)],
      ],
      [x],
    );
    expect(dx.rows).toBe("B");
    expect(new Set(evaluator(dx, batch)(new Map()).data)).toEqual(new Set([3]));
  });

  it("means count rows", () => {
    const g = createGraph();
    const x = g.rows("x", 1);
    const m = mul(columnSum(x), reciprocal(g.rowCount()));
    expect(evaluator(m, 4)(new Map([[x, { rows: 4, cols: 1, data: Float64Array.of(1, 2, 3, 6) }]])).data[0]).toBe(3);
    expect(() => rowDot(x, g.rows("y", 2))).toThrow(/rowDot.*equal shapes/);
  });
});
