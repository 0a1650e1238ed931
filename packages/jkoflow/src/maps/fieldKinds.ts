/**
 * The kinds of velocity fields a block may have, one law each: how many parameters, how they start, the field in a graph,
 * and how its description is read from a file. A new kind is a line in the table below.
 */
import type { Graph } from "../graph/index.ts";
import {
  type GraphConfig,
  graphSize,
  initGraph,
  initMlp,
  initPotential,
  type MlpConfig,
  mlpSize,
  type PotentialConfig,
  potentialSize,
  splitGraph,
  splitMlp,
  splitPotential,
} from "../nn/index.ts";
import type { Key } from "../random/index.ts";
import { type Field, type FieldInputs, graphField, mlpField, potentialField } from "./field.ts";
import type { Fail } from "./map.ts";

export type FieldConfig = MlpConfig | GraphConfig | PotentialConfig;
type KindName = NonNullable<FieldConfig["kind"]>;

interface FieldKind<C> {
  /** Numbers in the flat parameter array. */
  size(config: C): number;
  /** First parameters; `outputScale` multiplies the last layer, 0 makes a fresh block exactly the identity. */
  init(config: C, key: Key, outputScale: number): Float32Array;
  /** The scale of another try: as near to the identity as the field still learns from. */
  readonly restartScale: number;
  build(graph: Graph, config: C, inputs: FieldInputs): Field;
  /** The parameters of `parts` fields f_j(x, s) = f(x, (j + s) / parts) / parts, whose flows in turn are that of the field. */
  split(config: C, weights: Float32Array, parts: number): Float32Array[];
  /** In a few words, for people. */
  title(config: C): string;
  /** Refuse a description that is none. */
  check(config: Readonly<Record<string, unknown>>, fail: Fail): void;
}

const isWhole = (x: unknown): boolean => Number.isInteger(x) && (x as number) > 0 && (x as number) <= 65_536;

/** What every network of layers has. */
function checkLayers(
  { hidden, activation, time, endTime, condition }: Readonly<Record<string, unknown>>,
  fail: Fail,
): void {
  if (!Array.isArray(hidden) || hidden.length < 1 || !hidden.every(isWhole))
    fail("field.hidden", String(hidden), "a list of widths");
  if (!["none", "concat", "squash", "concatsquash"].includes(String(time)))
    fail("field.time", String(time), "none, concat, squash or concatsquash");
  if (endTime !== undefined && !(typeof endTime === "number" && Number.isFinite(endTime) && endTime > 0))
    fail("field.endTime", String(endTime), "a number above 0");
  const { kind, beta } = (activation ?? {}) as Record<string, unknown>;
  const known = kind === "tanh" || (kind === "softplus" && typeof beta === "number" && beta > 0);
  if (!known) fail("field.activation", JSON.stringify(activation), "tanh, or softplus with beta above 0");
  if (condition !== undefined && condition !== 0 && !isWhole(condition))
    fail("field.condition", String(condition), "a number of columns");
}

const titleOfLayers = ({ hidden, activation }: MlpConfig | GraphConfig): string =>
  `hidden layers ${hidden.join(", ")}, ${activation.kind}`;

const mlp: FieldKind<MlpConfig> = {
  size: mlpSize,
  init: initMlp,
  restartScale: 0,
  build: mlpField,
  split: splitMlp,
  title: titleOfLayers,
  check: checkLayers,
};

const graph: FieldKind<GraphConfig> = {
  size: graphSize,
  init: initGraph,
  restartScale: 0,
  build: graphField,
  split: splitGraph,
  title: (config) => `graph of ${config.nodes} nodes, ${titleOfLayers(config)}`,
  check: (config, fail) => {
    checkLayers(config, fail);
    const { nodes, edges, channels, hops = [1], dimension } = config;
    if (!isWhole(nodes) || (dimension as number) % (nodes as number) !== 0)
      fail("field.nodes", String(nodes), `a divisor of the ${dimension} columns`);
    const isNode = (i: unknown): boolean => i === 0 || (isWhole(i) && (i as number) < (nodes as number));
    if (!Array.isArray(edges) || edges.length % 2 !== 0 || !edges.every(isNode))
      fail("field.edges", JSON.stringify(edges), `pairs of nodes, counted from 0, below ${nodes}`);
    if (!isWhole(channels)) fail("field.channels", String(channels), "a whole number above 0");
    if (!Array.isArray(hops) || hops.length === 0 || !hops.every(isWhole) || new Set(hops).size < hops.length)
      fail("field.hops", JSON.stringify(hops), "different whole numbers above 0");
  },
};

const potential: FieldKind<PotentialConfig> = {
  size: potentialSize,
  init: initPotential,
  restartScale: 1e-3, // at 0 the quadratic term |A s|^2 / 2 has no gradient, and stays 0 for good
  build: potentialField,
  split: splitPotential,
  title: ({ width, layers = 1 }) => `gradient of a potential of width ${width} with ${layers + 1} layers`,
  check: ({ width, layers = 1, rank = 1, inertia = 1, openingScale = 1, condition }, fail) => {
    for (const [name, value] of Object.entries({ width, layers, rank })) {
      if (!isWhole(value)) fail(`field.${name}`, String(value), "a whole number above 0");
    }
    for (const [name, value] of Object.entries({ inertia, openingScale })) {
      if (!(typeof value === "number" && Number.isFinite(value) && value > 0))
        fail(`field.${name}`, String(value), "a number above 0");
    }
    if (condition !== undefined) fail("field.condition", String(condition), "nothing, a potential has no covariates");
  },
};

const kinds: { readonly [K in KindName]: FieldKind<Extract<FieldConfig, { kind?: K }>> } = { mlp, graph, potential };

const kindOf = (config: FieldConfig): FieldKind<FieldConfig> =>
  kinds[config.kind ?? "mlp"] as unknown as FieldKind<FieldConfig>;

/** Numbers in the flat parameter array of a field. */
export const fieldSize = (config: FieldConfig): number => kindOf(config).size(config);

/** First parameters of a field, by key. */
export const initField = (config: FieldConfig, key: Key, outputScale = 1): Float32Array =>
  kindOf(config).init(config, key, outputScale);

/** `outputScale` of another try of a block that did harm. */
export const restartScale = (config: FieldConfig): number => kindOf(config).restartScale;

/** The parameters of `parts` fields of the same kind that, passed in turn, move rows as this one does. */
export const splitField = (config: FieldConfig, weights: Float32Array, parts: number): Float32Array[] =>
  kindOf(config).split(config, weights, parts);

export const createField = (graph: Graph, config: FieldConfig, inputs: FieldInputs): Field =>
  kindOf(config).build(graph, config, inputs);

/**
 * A field in a few words.
 *
 * @example
 * ```ts
 * import { type FieldConfig, fieldTitle } from "jkoflow/maps";
 *
 * const field: FieldConfig = { dimension: 2, hidden: [8], activation: { kind: "tanh" }, time: "concat" };
 * console.log(fieldTitle(field).includes("8")); // true
 * ```
 */
export const fieldTitle = (config: FieldConfig): string => kindOf(config).title(config);

/** The description of a field that was read from a file. */
export function checkField(value: unknown, fail: Fail): FieldConfig {
  const config = (value ?? {}) as Record<string, unknown>;
  if (!isWhole(config.dimension)) fail("field.dimension", String(config.dimension), "a whole number above 0");
  const kind = config.kind ?? "mlp";
  if (typeof kind !== "string" || !Object.hasOwn(kinds, kind))
    return fail("field.kind", String(kind), Object.keys(kinds).join(" or "));
  kinds[kind as KindName].check(config, fail);
  return value as FieldConfig;
}
