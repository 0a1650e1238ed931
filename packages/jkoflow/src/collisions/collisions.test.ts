/** Forces, Jacobians and adjoints beside the same formulas written out pair by pair and differentiated by the graph in float64. */
import { describe, expect, it } from "vitest";
import { add, createGraph, div, gradient, log, mul, type Node, negate, scale, sqrt, sub } from "../graph/index.ts";
import { valuesOf } from "../graph/values.testing.ts";
import { createKey, normal } from "../random/index.ts";
import { createDrift, openField } from "./field.ts";
import { type CollisionKernel, checkKernel, checkVelocities, powerOf, type VelocityDimension } from "./kernel.ts";
import { type CollisionBatch, type DeterminantKind, forcesOf, objectiveOf } from "./objective.ts";
import { determinantOf, inverseTranspose } from "./small.ts";
import { collide } from "./step.ts";

const kernelOf = (gamma: number): CollisionKernel => ({ gamma, constant: 0.3, separation: 1e-3 });

function batchOf(d: VelocityDimension, n: number, seed: number): CollisionBatch {
  const draw = (name: string, count: number): Float64Array =>
    Float64Array.from(normal(createKey(`${name} ${seed}`), count));
  return { d, v: draw("v", n * d), s: draw("s", n * d), ds: draw("ds", n * d * d) };
}

type Vector = readonly Node[];
const dot = (a: Vector, b: Vector): Node => a.map((x, k) => mul(x, b[k])).reduce((x, y) => add(x, y));
const mean = (nodes: readonly Node[], others: number): Node =>
  scale(
    nodes.reduce((a, b) => add(a, b)),
    1 / others,
  );

/** |z|^gamma for whole gamma, by products and one root. */
function radialPower(squares: Node, gamma: number): Node | undefined {
  if (gamma === 0) return undefined;
  const root = sqrt(squares);
  let power = root;
  for (let k = 1; k < Math.abs(gamma); k++) power = mul(power, root);
  return gamma > 0 ? power : div(squares.graph.constant(1), power);
}

/** A(z) w, entry by entry. */
function collided(kernel: CollisionKernel, z: Vector, w: Vector): Node[] {
  const squares = dot(z, z);
  const zw = dot(z, w);
  const power = radialPower(squares, kernel.gamma);
  return z.map((zk, k) => {
    const entry = scale(sub(mul(squares, w[k]), mul(zk, zw)), kernel.constant);
    return power === undefined ? entry : mul(power, entry);
  });
}

/** J of a batch in nodes; s_i and ds_i are numbers of their own. */
function written(kernel: CollisionKernel, batch: CollisionBatch, h: number, kind: DeterminantKind) {
  const { d, v, s, ds } = batch;
  const n = v.length / d;
  const graph = createGraph();
  const leaves = new Map<Node, { rows: number; cols: number; data: Float64Array }>();
  const leaf = (name: string, value: number): Node => {
    const node = graph.parameter(name, 1, 1);
    leaves.set(node, { rows: 1, cols: 1, data: Float64Array.of(value) });
    return node;
  };
  const rows = (name: string, values: Float64Array, size: number): Node[][] =>
    Array.from({ length: n }, (_, i) =>
      Array.from({ length: size }, (_, k) => leaf(`${name}${i},${k}`, values[i * size + k])),
    );
  const [vs, ss, slopes] = [rows("v", v, d), rows("s", s, d), rows("ds", ds, d * d)];
  const others = (i: number): number[] => Array.from({ length: n }, (_, j) => j).filter((j) => j !== i);
  const less = (a: Vector, b: Vector): Node[] => a.map((x, k) => sub(x, b[k]));
  const g = vs.map((vi, i) => {
    const pushes = others(i).map((j) => collided(kernel, less(vi, vs[j]), less(ss[i], ss[j])));
    return vi.map((_, k) =>
      negate(
        mean(
          pushes.map((push) => push[k]),
          n - 1,
        ),
      ),
    );
  });
  // G by the graph's own derivative of g: by v_i with v_j fixed, and through s_i.
  const G = vs.map((vi, i) =>
    g[i].map((ga, a) => {
      const fresh = vi.map((_, k) => leaf(`x${i},${a},${k}`, v[i * d + k]));
      const pushes = others(i).map((j) => collided(kernel, less(fresh, vs[j]), less(ss[i], ss[j]))[a]);
      const byV = gradient(negate(mean(pushes, n - 1)), fresh);
      const byS = gradient(ga, ss[i]);
      return vi.map((_, k) =>
        add(
          byV[k],
          dot(
            byS,
            Array.from({ length: d }, (_, b) => slopes[i][b * d + k]),
          ),
        ),
      );
    }),
  );
  const pairs = vs.flatMap((vi, i) =>
    others(i).map((j) => {
      const w = less(ss[i], ss[j]);
      return dot(w, collided(kernel, less(vi, vs[j]), w));
    }),
  );
  const dissipation = mean(pairs, n * (n - 1));
  const determinants = G.map((matrix) => {
    const m = matrix.map((row, a) => row.map((entry, k) => add(scale(entry, h), graph.constant(a === k ? 1 : 0))));
    const minor = (a: number, b: number, k: number, l: number): Node =>
      sub(mul(m[a][k], m[b][l]), mul(m[a][l], m[b][k]));
    if (d === 2) return minor(0, 1, 0, 1);
    const [one, two, three] = [minor(1, 2, 1, 2), minor(1, 2, 0, 2), minor(1, 2, 0, 1)];
    return add(sub(mul(m[0][0], one), mul(m[0][1], two)), mul(m[0][2], three));
  });
  const traces = G.map((matrix) =>
    scale(
      matrix.map((row, a) => row[a]).reduce((a, b) => add(a, b)),
      h,
    ),
  );
  const volume = mean(kind === "exact" ? determinants.map((x) => log(x)) : traces, n);
  const J = sub(scale(dissipation, 1 / 2), scale(volume, 2 / h));
  const valuesIn = (nodes: readonly Node[]): number[] => {
    const values = valuesOf(nodes, leaves, 1);
    return nodes.map((node) => values.get(node)!.data[0]);
  };
  return { valuesIn, J, g, G, dissipation, ss, slopes };
}

const closeTo = (found: ArrayLike<number>, expected: readonly number[], tolerance: number): void => {
  const size = Math.max(...expected.map(Math.abs));
  expect(found.length).toBe(expected.length);
  expected.forEach((value, k) => {
    expect(Math.abs(found[k] - value)).toBeLessThan(tolerance * size);
  });
};

describe.each<[VelocityDimension, number]>([
  [2, 0],
  [3, 0],
  [2, -3],
  [3, -3],
  [2, -2],
  [3, 1],
])("d = %d, gamma = %d", (d, gamma) => {
  const kernel = kernelOf(gamma);
  const batch = batchOf(d, 4, 1);

  it.each<DeterminantKind>(["exact", "trace"])("J and its derivatives, %s determinant: 1e-12", (kind) => {
    const h = 0.02;
    const { valuesIn, J, g, G, dissipation, ss, slopes } = written(kernel, batch, h, kind);
    const forces = forcesOf(kernel, batch);
    closeTo(forces.g, valuesIn(g.flat()), 1e-12);
    closeTo(forces.G, valuesIn(G.flat(2)), 1e-12);
    const [rate, value] = valuesIn([dissipation, J]);
    expect(Math.abs(forces.dissipation / rate - 1)).toBeLessThan(1e-12);
    const found = objectiveOf(kernel, batch, h, kind)!;
    expect(Math.abs(found.value - value)).toBeLessThan(1e-12 * (1 + Math.abs(value)));
    closeTo(found.byS, valuesIn(gradient(J, ss.flat())), 1e-12);
    closeTo(found.bySlope, valuesIn(gradient(J, slopes.flat())), 1e-12);
  });

  it("keeps momentum, and energy to first order", () => {
    const { v, g } = { ...batch, ...forcesOf(kernel, batch) };
    for (let k = 0; k < d; k++) {
      let sum = 0;
      for (let i = 0; i < 4; i++) sum += g[i * d + k];
      expect(Math.abs(sum)).toBeLessThan(1e-13 * Math.max(...g.map(Math.abs)));
    }
    const work = g.reduce((sum, force, at) => sum + force * v[at], 0);
    expect(Math.abs(work)).toBeLessThan(1e-12 * Math.max(...g.map(Math.abs)));
  });
});

it("moments and pairs agree: gamma = 0 and a power so near to 0 that it is 1 to 1e-12", () => {
  for (const d of [2, 3] as const) {
    const batch = batchOf(d, 40, 3);
    const [moments, pairs] = [0, 1e-15].map((gamma) => objectiveOf(kernelOf(gamma), batch, 1e-3, "exact")!);
    expect(Math.abs(moments.value / pairs.value - 1)).toBeLessThan(1e-12);
    closeTo(moments.byS, Array.from(pairs.byS), 1e-12);
    closeTo(moments.bySlope, Array.from(pairs.bySlope), 1e-12);
  }
});

it("within the separation the kernel is that of Maxwell molecules, its Jacobian included", () => {
  const [far, near] = [batchOf(2, 4, 5), { gamma: -3, constant: 2, separation: 1e3 }];
  const forces = forcesOf(near, far);
  const maxwell = forcesOf({ gamma: 0, constant: 2 * 1e-9, separation: 1 }, far);
  closeTo(forces.g, Array.from(maxwell.g), 1e-12);
  closeTo(forces.G, Array.from(maxwell.G), 1e-12);
  expect(forces.near).toBe(12);
  expect(maxwell.near).toBe(0);
});

it("a row that is no particle has all of them as partners", () => {
  const batch = batchOf(3, 6, 7);
  const row = batchOf(3, 1, 8);
  for (const gamma of [0, -1.5]) {
    const drift = createDrift(3);
    openField(kernelOf(gamma), batch).at(row.v, row.s, row.ds, 6, drift);
    const sum = new Float64Array(3);
    for (let j = 0; j < 6; j++) {
      const z = [0, 1, 2].map((k) => row.v[k] - batch.v[3 * j + k]);
      const w = [0, 1, 2].map((k) => row.s[k] - batch.s[3 * j + k]);
      const squares = z.reduce((total, x) => total + x * x, 0);
      const zw = z.reduce((total, x, k) => total + x * w[k], 0);
      for (let k = 0; k < 3; k++) sum[k] -= (0.3 * squares ** (gamma / 2) * (squares * w[k] - z[k] * zw)) / 6;
    }
    closeTo(drift.g, Array.from(sum), 1e-12);
  }
});

it("powers of a distance, by roots and by logarithms", () => {
  for (const gamma of [0, 1, -1, -2, -3, -2.5, 0.5])
    for (const squares of [1e-6, 0.3, 1, 7])
      expect(Math.abs(powerOf(gamma, squares) / squares ** (gamma / 2) - 1)).toBeLessThan(1e-14);
});

it("the inverse of a small matrix", () => {
  for (const d of [2, 3] as const) {
    const m = Float64Array.from(normal(createKey(d), d * d));
    const inverse = new Float64Array(d * d);
    expect(inverseTranspose(m, d, inverse)).toBe(determinantOf(m, d));
    for (let a = 0; a < d; a++) {
      for (let b = 0; b < d; b++) {
        let sum = 0;
        for (let k = 0; k < d; k++) sum += m[a * d + k] * inverse[b * d + k];
        expect(Math.abs(sum - (a === b ? 1 : 0))).toBeLessThan(1e-13);
      }
    }
  }
});

it("a step that folds has no J", () => {
  const batch = batchOf(2, 5, 1);
  expect(objectiveOf(kernelOf(0), batch, 1e3, "exact")).toBeUndefined();
  expect(objectiveOf(kernelOf(0), batch, 1e3, "trace")!.leastDeterminant).toBeLessThan(0);
});

it.each([
  [() => checkKernel({ ...kernelOf(0), gamma: -5 }), "gamma: -5, expected a power from -4 to 1"],
  [() => checkKernel({ ...kernelOf(0), constant: 0 }), "constant: 0, expected C above 0"],
  [() => checkKernel({ ...kernelOf(0), separation: Number.NaN }), "separation: NaN, expected a distance above 0"],
  [() => checkVelocities(4), "collisions: 4 columns, expected 2 or 3"],
])("refuses %#", (check, message) => {
  expect(check).toThrow(message);
});

it("a batch says whether its whole step would fold: one that is too long does, and goes less far", () => {
  const kernel = { gamma: 0, constant: 1 / 16, separation: 1e-3 };
  const v = Float64Array.from(normal(createKey("folds"), 400));
  // s = -a v: of one temperature in each direction nothing moves; of two the map contracts one of them, beyond 0 for a large a.
  const stretched = (a: number) => ({
    ...{ d: 2 as const, v: v.map((x, at) => (at % 2 ? 3 * x : x)) },
    s: v.map((x, at) => (at % 2 ? 0 : -a * x)),
    ds: Float64Array.from({ length: 800 }, (_, at) => (at % 4 === 0 ? -a : 0)),
  });
  const moved = [0.1, 40].map((a) => collide(stretched(a), forcesOf(kernel, stretched(a)), 1));
  expect(moved.map(({ folds }) => folds)).toEqual([false, true]);
  expect(moved[1].lambda).toBeLessThan(0.5);
  expect(moved[1].leastDeterminant).toBeGreaterThan(0);
});
