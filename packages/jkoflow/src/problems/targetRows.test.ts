/** Rows as a target: what is trained on and what is held out, the start, and steps that follow the scale of the columns. */
import { expect, it } from "vitest";
import { createKey, normal } from "../random/index.ts";
import { ownProblem } from "./own.ts";
import { divergences, targetOfRows } from "./targetRows.ts";

const key = createKey("target");
/** 500 rows of variances 4 s^2 and 1 s^2 about (3 s, 0). */
const rowsOf = (scale: number): Float32Array =>
  normal(createKey("rows"), 1000).map((z, at) => scale * (at % 2 === 0 ? 3 + 2 * z : z));

it("every row is trained on or held out, once", () => {
  const rows = rowsOf(1);
  const { train, heldOut } = targetOfRows(rows, ["a", "b"], key);
  const texts = (x: Float32Array): string[] =>
    Array.from({ length: x.length / 2 }, (_, i) => `${x[2 * i]},${x[2 * i + 1]}`);
  expect([train.length, heldOut.length]).toEqual([800, 200]);
  expect([...texts(train), ...texts(heldOut)].sort()).toEqual(texts(rows).sort());
});

it("the start has the moments of the rows; steps go with their variance, those of Sinkhorn do not", () => {
  for (const divergence of divergences) {
    const [one, ten] = [1, 10].map((scale) => targetOfRows(rowsOf(scale), ["a", "b"], key, { divergence }));
    expect(one.start.moments!.mean[0]).toBeCloseTo(3, 0);
    expect(ten.start.moments!.covariance[0] / one.start.moments!.covariance[0]).toBeCloseTo(100, 2);
    expect(ten.step / one.step).toBeCloseTo(divergence === "sinkhorn" ? 1 : 100, 1);
    expect(one.time / one.step).toBeCloseTo(8, 9);
  }
});

it("a problem has the target's start and steps where none are said, as many of them where one is", () => {
  const target = targetOfRows(rowsOf(1), ["a", "b"], key, { divergence: "kl" });
  const of = (own: object) => ownProblem({ columns: ["a", "b"], target, ...own });
  const { start, time, step, functional, target: kept, title } = of({});
  expect([start, time, step]).toEqual([target.start, target.time, target.step]);
  expect([functional.needs, kept?.heldOut, title]).toEqual([["critic"], target.heldOut, "the flow of KL to rows"]);
  expect(of({ step: 0.5 })).toMatchObject({ time: 4, step: 0.5 });
  expect(of({ time: 4 })).toMatchObject({ time: 4, step: 0.5 });
  expect(of({ start: "normal:2:3" }).start.logDensityAt([0, 0])).toBeCloseTo(-Math.log(2 * Math.PI * 9), 6);
  expect(() => ownProblem({ start: "normal:3", target })).toThrow('start: "normal:3", expected one of 2 columns');
  expect(() => ownProblem({ columns: ["a", "b"], target: rowsOf(1) })).toThrow("expected what targetOfRows gives");
});

it("refuses rows without a density, and a blur of what has none", () => {
  const of =
    (rows: Float32Array, options = {}) =>
    () =>
      targetOfRows(rows, ["a", "b"], key, options, "t.csv");
  expect(of(rowsOf(1).subarray(0, 30))).toThrow("t.csv: 15 rows of 2 columns, expected at least 20");
  expect(of(rowsOf(1).map((v, at) => (at === 7 ? Number.NaN : v)))).toThrow("t.csv: rows that are not finite");
  expect(of(rowsOf(1).map((v, at) => (at % 2 ? 1 : v)))).toThrow('t.csv: a column "b" that is constant');
  expect(of(rowsOf(1), { blur: 1 })).toThrow("blur: it for js, expected it for sinkhorn; leave it out");
  expect(of(rowsOf(1), { divergence: "sinkhorn", blur: 0 })).toThrow("blur");
});
