/** A field split in time: its parts, passed in turn, move rows as the field does. */
import { describe, expect, it } from "vitest";
import { createReferenceEngine } from "../engine/index.ts";
import type { MlpConfig } from "../nn/index.ts";
import { createKey, normal } from "../random/index.ts";
import { createBlockRunner, createParticles, type FieldConfig, initField, splitField } from "./index.ts";

const mlp = (changes: Partial<MlpConfig>): FieldConfig => ({
  kind: "mlp",
  dimension: 3,
  hidden: [7, 6],
  activation: { kind: "softplus", beta: 5 },
  time: "concat",
  ...changes,
});

/** One of every kind and form; a new kind belongs here. */
const fields: readonly [string, FieldConfig][] = [
  ["mlp with time", mlp({})],
  ["autonomous mlp", mlp({ time: "none", activation: { kind: "tanh" } })],
  ["mlp of one hidden layer", mlp({ hidden: [5] })],
  [
    "graph",
    {
      kind: "graph",
      dimension: 3,
      nodes: 3,
      edges: [0, 1, 1, 2],
      channels: 2,
      hidden: [5],
      activation: { kind: "tanh" },
      time: "concat",
    },
  ],
  ["conditional mlp", mlp({ condition: 2, hidden: [6, 5, 4] })],
  ["gated mlp", mlp({ time: "squash" })],
  ["mlp with a learned end time", mlp({ endTime: 0.25 })],
  ["potential", { kind: "potential", dimension: 3, width: 6, layers: 2 }],
];

describe.each(fields)("split of %s", (_, field) => {
  // A potential's quadratic form is divided by the root of the number of parts, which float32 rounds.
  const tolerance = field.kind === "potential" ? 1e-6 : 1e-14;
  it.each([2, 4])(`in %i: positions and log-determinants to ${tolerance}`, (parts) => {
    const engine = createReferenceEngine(); // float64 behind its tables
    // Multiples of 1/1024: their halves and sums are float32 numbers, so the children's weights are exact.
    const weights = initField(field, createKey(1)).map((w) => Math.round(1024 * w) / 1024);
    const children = splitField(field, weights, parts);
    expect(children).toHaveLength(parts);
    const runner = createBlockRunner(engine, { field, divergence: "exact" });
    const covariates = field.condition
      ? { values: normal(createKey(3), 8 * field.condition), cols: field.condition }
      : undefined;
    const rows = () => createParticles(engine, normal(createKey(2), 8 * 3), 3, covariates);
    const [whole, split] = [rows(), rows()];
    runner.push(engine.parameters(weights), whole, whole, { steps: 8 });
    for (const child of children) runner.push(engine.parameters(child), split, split, { steps: 8 / parts });
    const wide = (table: unknown): Float64Array => (table as { data(): Float64Array }).data();
    for (const part of ["x", "logDet"] as const) {
      const [a, b] = [wide(whole[part]), wide(split[part])];
      for (const [i, value] of a.entries()) {
        expect(Math.abs(b[i] - value)).toBeLessThan(tolerance * Math.max(1, Math.abs(value)));
      }
    }
  });
});
