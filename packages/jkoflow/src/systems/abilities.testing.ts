/** What every opened model keeps, whatever it is and whatever it can: asked of models of tables and of chains alike. */
import { expect } from "vitest";
import { abilities, need, type Opened } from "../chain/index.ts";
import { createKey } from "../random/index.ts";

/** Of a model of two columns. */
export interface Expected {
  /** Its density leaves a square of this width about 0 by no more than `mass`. */
  readonly width: number;
  /** Cells of a midpoint sum over it, along each side. */
  readonly cells: number;
  /** What that sum may miss of 1. */
  readonly mass: number;
  /** What rows there and back may miss, in the units of `inversionError`. */
  readonly inversion: number;
}

/** Midpoints of the cells, [cells^2, 2]. */
function gridOf({ width, cells }: Expected): Float32Array {
  const at = (k: number): number => (width * (k + 0.5)) / cells - width / 2;
  return Float32Array.from({ length: 2 * cells * cells }, (_, i) =>
    at(i % 2 === 0 ? (i >> 1) % cells : Math.floor((i >> 1) / cells)),
  );
}

/** Asks for every ability of the model, at each of its times; those that it lacks it must explain in one line. */
export function expectAbilities(open: Opened, expected: Expected): void {
  for (const ability of abilities) {
    const [can, why] = [open[ability] !== undefined, open.lacks[ability]];
    expect(can, `${open.title}: ${ability} is there, or a reason why not`).toBe(why === undefined);
    if (!can) expect(() => need(open, ability)).toThrow(`no ${ability} of ${open.title}: ${why}`);
    if (!can) expect(() => need(open, ability)).toThrow(/^[^\n]+$/);
  }
  const places = open.times?.map((at) => ({ at })) ?? [{}];
  for (const beside of places) {
    const n = 200;
    const drawn = open.sample?.(createKey(3), n, beside);
    if (drawn) {
      expect([drawn.rows, drawn.columns, drawn.values.length]).toEqual([n, open.columns, n * open.columns.length]);
      expect(drawn.values.every(Number.isFinite)).toBe(true);
      expect(open.sample!(createKey(3), n, beside)).toEqual(drawn);
    }
    const rows = drawn && Float32Array.from(drawn.values);
    if (open.draw) {
      const { logProb, ...same } = open.draw(createKey(3), n, beside);
      expect(same).toEqual(drawn);
      const scores = open.logProb?.(rows!, beside) ?? logProb;
      // Scores are of rows in float32, densities that came with rows of the rows themselves.
      logProb.forEach((value, i) => {
        expect(Math.abs(value - scores[i])).toBeLessThan(1e-3);
      });
    }
    if (open.logProb) {
      const area = (expected.width / expected.cells) ** 2;
      const mass = open.logProb(gridOf(expected), beside).reduce((sum, logP) => sum + Math.exp(logP), 0) * area;
      expect(Math.abs(mass - 1)).toBeLessThan(expected.mass);
    }
    if (open.inversionError && rows) expect(open.inversionError(rows, beside)).toBeLessThan(expected.inversion);
    if (open.toBase && open.fromBase && rows) {
      const back = open.fromBase(Float32Array.from(open.toBase(rows, beside)), beside);
      const scale = rows.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      back.forEach((value, i) => {
        expect(Math.abs(value - rows[i])).toBeLessThan((expected.inversion + 1e-5) * scale); // bases pass through float32
      });
    }
  }
  const score = open.logProb;
  if (score === undefined) return;
  const [row, given] = [new Float32Array(open.columns.length), { rows: 1, columns: [] }];
  expect(() => score(row, { at: 1e9 })).toThrow(/at: 1000000000, expected/);
  expect(() => score(row, { time: 1 } as object)).toThrow('beside rows: an object with "time", expected { at } or');
  expect(() => score(row, given as object)).toThrow("given columns: { given }");
}
