/**
 * A part of a chain: a map with its own description and weights. Its kind is one of the table of maps (maps/kinds.ts), or
 * "block", a field that moves rows for unit time, or "standardizer": the parts that a model of a table is made of.
 */
import type { Engine } from "../engine/index.ts";
import { cameOf } from "../errors/came.ts";
import {
  checkField,
  type Fail,
  type FieldConfig,
  fieldSize,
  fieldTitle,
  mapKinds,
  openMap,
  type StoredMapKind,
} from "../maps/index.ts";
import { tableaus } from "../ode/index.ts";
import { createFlow } from "./flow.ts";
import type { MovedRows, OpenPart, Part } from "./partTypes.ts";
import { openStandardizer, type StandardizerPart, standardizerOf } from "./standardizerPart.ts";

/** A field that moves rows from time 0 to 1 by so many equal steps. */
export interface BlockPart {
  readonly kind: "block";
  readonly field: FieldConfig;
  /** Name of the Runge-Kutta method. */
  readonly tableau: string;
  readonly steps: number;
}

/** What is known of a part from its description. */
export interface PartKind {
  readonly config: { readonly kind: string };
  readonly title: string;
  /** Columns. */
  readonly dimension: number;
  /** Numbers in its weights. */
  readonly size: number;
}

/** The description of a part, checked; a kind that is not known is refused with those that are. */
export function checkPart(config: unknown, fail: Fail): PartKind {
  const kind = typeof config === "object" && config !== null && "kind" in config ? config.kind : undefined;
  if (kind === "block") {
    const block = checkBlock(config as Partial<BlockPart>, fail);
    const { dimension } = block.field;
    return { config: block, title: fieldTitle(block.field), dimension, size: fieldSize(block.field) };
  }
  if (kind === "standardizer") {
    const part: StandardizerPart = { kind, state: standardizerOf(config as StandardizerPart).toJSON() };
    const { state } = part;
    return { config: part, title: `standardisation by ${state.kind}`, dimension: state.columns.length, size: 0 };
  }
  if (typeof kind === "string" && Object.hasOwn(mapKinds, kind))
    return described(mapKinds[kind as keyof typeof mapKinds], config, fail);
  return fail("map.kind", cameOf(kind), ["block", "standardizer", ...Object.keys(mapKinds)].join(" | "));
}

function described<C extends { readonly kind: string; readonly dimension: number }>(
  kind: StoredMapKind<C>,
  config: unknown,
  fail: Fail,
): PartKind {
  const checked = kind.check(config, fail);
  return { config: checked, title: kind.title(checked), dimension: checked.dimension, size: kind.size(checked) };
}

function checkBlock({ field: given, tableau, steps }: Partial<BlockPart>, fail: Fail): BlockPart {
  const field = checkField(given, fail);
  if ((field.condition ?? 0) > 0) fail("map.field", "a field with covariates", "one without: a chain has none");
  if (!(typeof tableau === "string" && Object.hasOwn(tableaus, tableau)))
    return fail("map.tableau", cameOf(tableau), Object.keys(tableaus).join(" | "));
  if (!(Number.isInteger(steps) && Number(steps) > 0)) fail("map.steps", cameOf(steps), "a whole number above 0");
  return { kind: "block", field, tableau, steps: Number(steps) };
}

/** Blocks are computed on the engine in float32, maps on the host in float64. @throws InputError for what does not fit. */
export function openPart({ config, weights }: Part, engine: Engine | undefined, fail: Fail): OpenPart {
  const { config: checked, size } = checkPart(config, fail);
  if (weights.length !== size) fail("map", `${weights.length} weights`, `${size}`);
  if (checked.kind === "standardizer") return openStandardizer(checked as StandardizerPart);
  if (checked.kind !== "block") return openHost(checked, weights, fail);
  if (engine === undefined) return fail("engine", "nothing", "an engine, which a block needs");
  return openBlock(checked as BlockPart, weights, engine);
}

function openHost(config: { readonly kind: string }, weights: Float32Array, fail: Fail): OpenPart {
  const map = openMap(config, weights, fail);
  const { dimension: d } = checkPart(config, fail);
  const eachRow = (rows: Float64Array, move: (row: Float64Array, to: Float64Array) => number): MovedRows => {
    const moved = new Float64Array(rows.length);
    const logDet = Float64Array.from({ length: rows.length / d }, (_, i) =>
      move(rows.subarray(i * d, (i + 1) * d), moved.subarray(i * d, (i + 1) * d)),
    );
    return { rows: moved, logDet };
  };
  const { invert } = map;
  return {
    push: (rows) => eachRow(rows, (row, to) => map.push(row, to)),
    ...(invert ? { invert: (rows: Float64Array) => eachRow(rows, (row, to) => invert(row, to)) } : {}),
    dispose: () => {},
  };
}

function openBlock({ field, tableau, steps }: BlockPart, weights: Float32Array, engine: Engine): OpenPart {
  const block = { field, divergence: "exact" as const, tableau: tableaus[tableau] };
  const flow = createFlow(engine, { block, blocks: [{ weights, stepSize: Number.POSITIVE_INFINITY }], steps });
  const push = (rows: Float32Array): MovedRows => {
    const { z, logDet } = flow.push(rows);
    return { rows: Float64Array.from(z), logDet: Float64Array.from(logDet) };
  };
  return {
    push: (rows) => push(Float32Array.from(rows)),
    invert: (rows) => {
      const back = flow.invert(Float32Array.from(rows));
      return { rows: Float64Array.from(back), logDet: push(back).logDet };
    },
    dispose: flow.dispose,
  };
}
