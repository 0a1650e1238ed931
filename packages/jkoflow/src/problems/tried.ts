/** Formulas of a problem on a few rows: what has no value, or is not even, is told before anything is trained. */

import type { Distribution } from "../distributions/index.ts";
import { createReferenceEngine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import * as graph from "../graph/index.ts";
import { createKey, normal } from "../random/index.ts";

/** Rows [B, d] -> [B, 1]. */
type Formula = (x: graph.Node) => graph.Node;

/** What a formula says at rows [n, d], and how it is told of. */
export interface Tried {
  values(rows: Float32Array): ArrayLike<number>;
  readonly came: string;
  readonly where: string;
}

/** Rows of the start on which a potential is tried. */
const ROWS = 256;
/** Of the differences at which W is tried: near and far. */
const DISTANCES = [0.1, 0.7, 2.3] as const;

/** @throws InputError where V has no finite value at rows of the start: F would have none either. */
export function checkFinite({ values: valuesAt, came, where }: Tried, { dimension: d, sample }: Distribution): void {
  const rows = sample!(createKey("tried"), ROWS);
  const bad = Array.from(valuesAt(rows)).findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new InputError({
    where,
    came: `${came}, which has no finite value at ${placeOf(rows, bad, d)}`,
    expected: "a finite one wherever the start has rows",
    fix: "begin where it has values, as by a mean and a small deviation, or change it",
  });
}

/**
 * F sees no more of W than (W(z) + W(-z)) / 2, and of an odd W nothing: whoever writes one means something else.
 *
 * @throws InputError where W(-z) is not W(z), or has no value.
 */
export function checkEven({ values: valuesAt, came, where }: Tried, d: number): void {
  const rows = Float32Array.from({ length: DISTANCES.length * d }, (_, i) => {
    const [row, k] = [Math.floor(i / d), i % d];
    return DISTANCES[row] * (1 + 0.37 * k) * ((row + k) % 2 === 0 ? 1 : -1); // of no symmetry
  });
  const here = Array.from(valuesAt(rows));
  const there = valuesAt(rows.map((z) => -z));
  const isEven = (value: number, i: number): boolean =>
    value === there[i] || Math.abs(value - there[i]) <= 1e-4 * (Math.abs(value) + Math.abs(there[i]));
  const bad = here.findIndex((value, i) => !isEven(value, i));
  if (bad < 0) return;
  throw new InputError({
    where,
    came: `${came}, which is ${short(here[bad])} at ${placeOf(rows, bad, d)} and ${short(there[bad])} at minus that`,
    expected: "an even function of the difference of two points",
    fix: "of another W only the even part, (W(z) + W(-z)) / 2, has a force",
  });
}

/** Radii at which a fall without end is looked for, and directions from the origin besides those of the axes. */
const RADII = [1e2, 1e3, 1e4] as const;
const DIRECTIONS = 16;

/**
 * A step looks for the least of V(y) + |y - x|^2 / (2 h), and of W(z) + |z|^2 / (2 h) for a pair that moves apart: where that
 * falls faster and faster there is none, and the flow itself may end in finite time.
 *
 * @throws InputError where it does so along a line.
 */
export function checkBounded({ values: valuesAt, came, where }: Tried, d: number, h: number): void {
  const drawn = normal(createKey("directions"), DIRECTIONS * d);
  const axes = Float32Array.from({ length: 2 * d * d }, (_, at) => {
    const [row, k] = [Math.floor(at / d), at % d];
    return row % d === k ? (row < d ? 1 : -1) : 0;
  });
  const unit = Float32Array.from([...axes, ...drawn]);
  const lines = unit.length / d;
  const lengths = Float32Array.from({ length: lines }, (_, i) => Math.hypot(...unit.subarray(i * d, i * d + d)));
  const values = RADII.map((radius) => {
    const rows = unit.map((v, at) => (radius * v) / lengths[Math.floor(at / d)]);
    return Array.from(valuesAt(rows), (v) => v + radius ** 2 / (2 * h));
  });
  for (let i = 0; i < lines; i++) {
    const [near, far, farthest] = values.map((at) => at[i]);
    // Ten times further it is down by more than ten times as much: faster than a line.
    const fallsFaster = farthest < 0 && far > farthest && near - far < (far - farthest) / 10;
    if (!(fallsFaster || farthest === Number.NEGATIVE_INFINITY)) continue;
    throw new InputError({
      where,
      came: `${came}, which falls without end faster than |y|^2/(2 h) rises, as in the direction ${placeOf(unit, i, d)}`,
      expected: `one that a step of h = ${h} has a minimum of`,
      fix: "take a smaller step, or add a term that holds it back such as x^4",
    });
  }
}

/** Of a formula, in float64; results are rounded to float32. [n] */
export const valuesOf =
  (formula: Formula, d: number) =>
  (rows: Float32Array): Float32Array => {
    const engine = createReferenceEngine();
    const n = rows.length / d;
    try {
      const node = formula(graph.createGraph().rows("x", d));
      const program = engine.load(graph.createProgram({ name: "a formula", outputs: { value: node } }));
      const values = engine.table(n, 1);
      program.run({ inputs: { x: engine.table(n, d, rows) }, rows: n, outputs: { value: values } });
      return values.read();
    } finally {
      engine.dispose();
    }
  };

export const short = (value: number): string => `${Number(value.toPrecision(3))}`;

export function placeOf(rows: Float32Array, row: number, d: number): string {
  const place = Array.from(rows.subarray(row * d, row * d + d), short).join(", ");
  return d === 1 ? place : `(${place})`;
}
