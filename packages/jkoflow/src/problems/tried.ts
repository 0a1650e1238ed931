/** Formulas of a problem on a few rows: what has no value, or is not even, is told before anything is trained. */

import { createReferenceEngine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import * as graph from "../graph/index.ts";
import { createKey, normal } from "../random/index.ts";
import type { NormalStart } from "./parts.ts";

/** Rows [B, d] -> [B, 1]. */
type Formula = (x: graph.Node) => graph.Node;

/** A formula, and how it is told of. */
export interface Tried {
  readonly formula: Formula;
  readonly came: string;
  readonly where: string;
}

/** Rows of the start on which a potential is tried. */
const ROWS = 256;
/** Of the differences at which W is tried: near and far. */
const DISTANCES = [0.1, 0.7, 2.3] as const;

/** @throws InputError where V has no finite value at rows of the start: F would have none either. */
export function checkFinite({ formula, came, where }: Tried, { mean, deviation }: NormalStart): void {
  const d = mean.length;
  const rows = normal(createKey("tried"), ROWS * d).map((z, i) => mean[i % d] + deviation * z);
  const bad = valuesOf(formula, rows, d).findIndex((value) => !Number.isFinite(value));
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
export function checkEven({ formula, came, where }: Tried, d: number): void {
  const rows = Float32Array.from({ length: DISTANCES.length * d }, (_, i) => {
    const [row, k] = [Math.floor(i / d), i % d];
    return DISTANCES[row] * (1 + 0.37 * k) * ((row + k) % 2 === 0 ? 1 : -1); // of no symmetry
  });
  const here = valuesOf(formula, rows, d);
  const there = valuesOf(
    formula,
    rows.map((z) => -z),
    d,
  );
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

/** In float64; results are rounded to float32. [n] */
function valuesOf(formula: Formula, rows: Float32Array, d: number): Float32Array {
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
}

const short = (value: number): string => `${Number(value.toPrecision(3))}`;

function placeOf(rows: Float32Array, row: number, d: number): string {
  const place = Array.from(rows.subarray(row * d, row * d + d), short).join(", ");
  return d === 1 ? place : `(${place})`;
}
