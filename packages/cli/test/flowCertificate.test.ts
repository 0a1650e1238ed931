/** The certificate of a flow of a table: on blocks whose residual is known, and where nothing can be said. */
import { data, type Model, type OpenModel } from "jkoflow";
import { normal } from "jkoflow/random";
import { describe, expect, it } from "vitest";
import { flowCertificate, flowCertificateSays } from "../src/report/flowCertificate.ts";

const N = 4096;

/** A flow of affine blocks on a line: where each takes x, and its step size. */
function opened(blocks: readonly (readonly [slope: number, shift: number, h: number])[]): OpenModel {
  const standardizer = { columns: ["x"], forward: (table: data.Table) => table.values };
  const flow = {
    covariates: 0,
    trajectory: (x: Float32Array) => {
      const places = [x];
      for (const [slope, shift] of blocks) places.push(places[places.length - 1].map((v) => slope * v + shift));
      return places;
    },
  };
  const model = { standardizer, flow: { blocks: blocks.map(([, , stepSize]) => ({ stepSize })) } };
  return { model: model as unknown as Model, flow } as unknown as OpenModel;
}

const rowsOf = (n: number) => ({ table: data.createTable(normal({ k0: 1, k1: 2 }, n), ["x"]) });

describe("the certificate of a flow", () => {
  it("of N(0, 1) that stays: nothing is left", () => {
    const certificate = flowCertificate(opened([[1, 0, 1]]), rowsOf(N), 0)!;
    expect(certificate.blocks[0].residual).toBeLessThan(0.1);
    expect(certificate.optimal).toBe(true);
  });

  it("of shifts: what they leave, with h and without, and the recursion of the bound", () => {
    const certificate = flowCertificate(
      opened([
        [1, 0.5, 1],
        [1, 0.5, Number.POSITIVE_INFINITY],
      ]),
      rowsOf(N),
      0,
    )!;
    const [one, two] = certificate.blocks;
    // xi = y - (y - 1/2) + (1/2) / 1 = 1; the second, free: y - (y - 1) = 1
    for (const { residual, residualUpper } of [one, two]) {
      expect(Math.abs(residual - 1)).toBeLessThan(0.1);
      expect(residualUpper).toBeGreaterThan(residual);
    }
    expect([one.stepSize, two.stepSize]).toEqual([1, null]);
    const start = rowsOf(N).table.values.reduce((sum, x) => sum + x ** 2 / N, 0) + 1;
    expect(one.bound).toBeCloseTo((start + 2 * one.residualUpper ** 2) / 1.5, 9);
    expect(two.bound).toBeCloseTo(4 * two.residualUpper ** 2, 9);
    expect(flowCertificateSays(certificate)).toMatch(
      /^Certificate, in the standardised coordinates of the model \(lambda 1\): blocks leave at most 1\.\d+ nats per unit .* W_2 to N\(0, I\) is at most/,
    );
  });

  it("there is none with a condition, another base, no blocks, or few rows", () => {
    const flow = opened([[1, 0, 1]]);
    const conditional = { ...flow, flow: { ...flow.flow, covariates: 2 } };
    const mixed = {
      ...flow,
      model: { ...flow.model, flow: { ...flow.model.flow, baseMixture: {} } },
    } as unknown as OpenModel;
    for (const of of [conditional, mixed, opened([])]) expect(flowCertificate(of, rowsOf(N), 0)).toBeUndefined();
    expect(flowCertificate(flow, rowsOf(300), 0)).toBeUndefined();
    expect(flowCertificateSays(undefined)).toBe("");
  });
});
