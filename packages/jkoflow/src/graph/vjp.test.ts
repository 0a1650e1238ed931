import { describe, expect, it } from "vitest";
import { workload } from "../engine/workload.testing.ts";
import { drawFrom } from "./cases.testing.ts";
import { solve, traceField } from "./exactTrace.testing.ts";
import {
  add,
  affine,
  broadcast,
  columnSum,
  createGraph,
  gradient,
  isRow,
  matmul,
  mul,
  type Node,
  negate,
  outer,
  rowDot,
  rowSum,
  scale,
  square,
  sub,
  tanh,
  topological,
  transpose,
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
  report,
  slopeOf,
  total,
  valuesOf,
} from "./values.testing.ts";

const count = (roots: readonly Node[], op: Node["op"]): number => topological(roots).filter((n) => n.op === op).length;

describe("fixed case of a gradient inside of a loss", () => {
  // Reference values of reliability contract N1: JAX in float64; TensorFlow.js 4.22 returns [1.678, -0.052, 0.007, 1.521].
  it("sum e d/dx sum e tanh(x W)", () => {
    const g = createGraph();
    const [x, e, W] = [g.rows("x", 2), g.rows("e", 2), g.parameter("W", 2, 2)];
    const [dx] = vjp([[tanh(matmul(x, W)), e]], [x]);
    const loss = total(mul(e, dx));
    const [dW] = gradient(loss, [W]);
    const matrix = (...data: number[]) => ({ rows: 2, cols: 2, data: Float64Array.from(data) });
    const values = valuesOf(
      [loss, dW],
      new Map([
        [x, matrix(0.4, -1.1, 0.9, 0.3)],
        [e, matrix(1, -1, 1, 1)],
        [W, matrix(0.3, -0.7, 0.5, 0.2)],
      ]),
      2,
    );
    expect(values.get(loss)!.data[0]).toBeCloseTo(0.84741461, 8); // eight decimals are given
    [1.14243833, -0.13100671, -0.00473433, 0.68771449].forEach((v, i) => {
      expect(values.get(dW)!.data[i]).toBeCloseTo(v, 8);
    });
  });
});

describe("gradients through a solver", () => {
  for (const activation of [1, 3, "tanh"] as const) {
    it(`first to third order through two Runge-Kutta steps, activation ${activation}`, () => {
      const batch = 2;
      const field = traceField({ d: 2, H1: 3, H2: 4, activation });
      const { x, integral } = solve(field, field.x, 2);
      const wrt = [field.x, ...field.parameters];
      // Each order: the gradient of the one before, weighted by fixed numbers and summed.
      let value = total(add(scale(rowDot(x, x), 1 / 2), integral));
      const random = createRandom(7);
      for (const order of [1, 2, 3]) {
        const gradients = gradient(value, wrt);
        const leaves = topological([value, ...gradients]).filter(isLeaf);
        const f = evaluator(value, batch);
        let worst = 0;
        for (let seed = 0; seed < 2; seed++) {
          const point = new Map(leaves.map((leaf) => [leaf, fill(leaf, batch, () => drawFrom("any", random))]));
          const at = gradients.map((gradient) => evaluator(gradient, batch)(point));
          for (let k = 0; k < 4; k++) {
            const direction = new Map(wrt.map((leaf) => [leaf, fill(leaf, batch, () => normalOf(random) / 2)]));
            const exact = wrt.reduce((s, leaf, i) => s + inner(at[i], direction.get(leaf)!), 0);
            const difference = slopeOf((epsilon) => f(moved(point, direction, epsilon)).data[0]);
            worst = Math.max(worst, distance(exact, difference));
          }
        }
        report(`solver, ${activation}, order ${order}`, worst);
        expect(worst).toBeLessThanOrEqual(1e-6);
        value = gradients.map((gradient, i) => total(mul(gradient, leafLike(wrt[i], `w${order} ${i}`)))).reduce(add);
      }
    });
  }
});

describe("hoisting out of the solver loop", () => {
  const build = (hide: boolean) => {
    const g = createGraph();
    const [x, e, zero] = [g.rows("x", 3), g.rows("e", 3), g.rows("zero", 3)];
    const W1 = g.parameter("W1", 3, 5);
    const W2 = g.parameter("W2", 5, 3);
    const probe = hide ? add(e, zero) : e;
    const stages: Node[] = [];
    let y: Node = x;
    for (let i = 0; i < 4; i++) {
      const v = matmul(tanh(matmul(y, W1)), W2);
      const [back] = vjp([[v, probe]], [y]);
      stages.push(rowDot(probe, back));
      y = add(y, scale(v, 0.1));
    }
    return { divergence: stages.reduce(add), leaves: [x, e, W1, W2], zero };
  };

  it("a probe that is a row input costs two products in all, any other one one product per stage more", () => {
    const [hoisted, plain] = [build(false), build(true)];
    expect(count([hoisted.divergence], "matmul")).toBe(4 + 3 + 2); // W1 four times, W2 three times, e W1 and e W2^T once
    expect(count([plain.divergence], "matmul")).toBe(4 + 3 + 1 + 4);
  });

  it("keeps the value", () => {
    const values = [false, true].map((hide) => {
      const { divergence, leaves, zero } = build(hide);
      const random = createRandom(3);
      const point = new Map(leaves.map((leaf) => [leaf, fill(leaf, 4, () => normalOf(random))]));
      point.set(zero, { rows: 4, cols: 3, data: new Float64Array(12) });
      return evaluator(divergence, 4)(point).data;
    });
    // float64 sums of a few dozen terms of order one
    values[0].forEach((v, i) => void expect(Math.abs(v - values[1][i])).toBeLessThan(1e-13));
  });

  it("the workload needs four products per evaluation and two for the probe", () => {
    const program = workload({ d: 3, H: 4 });
    const loss = program.values.find((v) => v.name === "loss")!.node;
    const products = topological([loss]).filter((n) => n.op === "matmul" && isRow(n)).length;
    expect(products).toBe(12 * 4 + 2);
  });

  it("two row inputs around one product end (neither is hoisted)", () => {
    const g = createGraph();
    const [x, e, W] = [g.rows("x", 3), g.rows("e", 3), g.parameter("W", 3, 3)];
    expect(count([rowDot(e, matmul(x, W))], "matmul")).toBe(1);
    expect(count([rowDot(matmul(x, W), e), rowDot(x, matmul(x, W))], "matmul")).toBe(1);
  });
});

describe("simplifications", () => {
  it("keep shape and value: 400 random expressions with and without them", () => {
    let worst = 0;
    for (let seed = 0; seed < 400; seed++) {
      const recipe = randomRecipe(createRandom(seed), { widths: [1, 2, 3, 4], length: 30, sums: seed % 2 === 0 });
      const batch = 1 + (seed % 4);
      const evaluateIn = (mode: "plain" | "simplified") => {
        const g = createGraph();
        const nodes = recipeNodes(recipe, g, mode);
        const random = createRandom(seed);
        const leaves = g.nodes.filter(isLeaf);
        const point = new Map(leaves.map((leaf) => [leaf, fill(leaf, batch, () => drawFrom("nonzero", random))]));
        const values = valuesOf(nodes, point, batch);
        return nodes.map((node) => ({ node, value: values.get(node)! }));
      };
      const plain = evaluateIn("plain");
      evaluateIn("simplified").forEach(({ node, value }, i) => {
        const expected = plain[i].value;
        const of = `${recipe.lines[i].op} of seed ${seed}`;
        expect([node.rows, value.rows, value.cols], of).toEqual([recipe.lines[i].rows, expected.rows, expected.cols]);
        const size = expected.data.reduce((m, v) => Math.max(m, Math.abs(v)), 1);
        for (const [k, v] of value.data.entries()) worst = Math.max(worst, Math.abs(v - expected.data[k]) / size);
      });
    }
    report("simplifications", worst);
    // Rounding of float64 (1.1e-16 per operation) through thirty operations with slopes of at most 3 or so.
    expect(worst).toBeLessThan(1e-11);
  });

  it("fold constants and multiples", () => {
    const g = createGraph();
    const x = g.rows("x", 3);
    expect(affine(affine(x, 2, 1), 3, 4)).toBe(affine(x, 6, 7));
    expect(add(add(x, 1), -1)).toBe(x);
    expect(add(x, x)).toBe(scale(x, 2));
    expect(mul(negate(x), negate(x))).toBe(square(x));
    expect(sub(x, 2)).toBe(affine(x, 1, -2));
    expect(mul(x, 0)).toBe(broadcast(g.constant(0), "B", 3));
    expect(add(g.constant(2), g.constant(3))).toBe(g.constant(5));
    expect(mul(g.constant(2), 3)).toBe(g.constant(6));
  });

  it("pull factors out of every linear operation", () => {
    const g = createGraph();
    const [x, y, W] = [g.rows("x", 3), g.rows("y", 3), g.parameter("W", 3, 3)];
    const twice = scale(x, 2);
    expect(matmul(twice, W)).toBe(scale(matmul(x, W), 2));
    expect(matmul(x, scale(W, 2))).toBe(scale(matmul(x, W), 2));
    expect(outer(twice, scale(y, 3))).toBe(scale(outer(x, y), 6));
    expect(rowDot(twice, y)).toBe(scale(rowDot(x, y), 2));
    expect(rowSum(twice)).toBe(scale(rowSum(x), 2));
    expect(columnSum(twice)).toBe(scale(columnSum(x), 2));
    expect(transpose(scale(W, 2))).toBe(scale(transpose(W), 2));
  });

  it("drop broadcasts where the operation repeats, and only there", () => {
    const g = createGraph();
    const [x, b] = [g.rows("x", 3), g.parameter("b", 1, 3)];
    const wide = broadcast(b, "B", 3);
    expect(add(x, wide)).toBe(add(x, b));
    expect(add(wide, wide)).toBe(scale(broadcast(b, "B", 3), 2));
    expect([add(wide, wide).rows, sub(wide, wide).rows, mul(wide, wide).rows]).toEqual(["B", "B", "B"]);
    expect(mul(wide, g.constant(2)).rows).toBe("B");
    expect(mul(broadcast(g.constant(2), "B", 3), wide)).toBe(scale(wide, 2));
    expect(matmul(wide, g.parameter("W", 3, 2)).op).toBe("broadcast");
  });

  it("equal expressions are one node, whatever the order of a commutative operation", () => {
    const g = createGraph();
    const [x, y] = [g.rows("x", 3), g.rows("y", 3)];
    expect(add(x, y)).toBe(add(y, x));
    expect(mul(x, y)).toBe(mul(y, x));
    expect(rowDot(x, y)).toBe(rowDot(y, x));
    expect(sub(x, y)).not.toBe(sub(y, x));
  });
});
