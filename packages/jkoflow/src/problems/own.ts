/**
 * A problem of one's own, checked where it comes in: from flags of the command, or from a module file that exports one.
 *
 *     F(rho) = int V rho + D int rho log rho + 1/2 int int W(x - y) rho rho + int f(rho),    f = c rho^m
 */
import { normalDistribution } from "../distributions/index.ts";
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { parseExpression } from "../expressions/index.ts";
import { entropy, type Functional, interaction, internalEnergy, potential, sum } from "../functionals/index.ts";
import * as graph from "../graph/index.ts";
import type { EvolutionProblem } from "../systems/index.ts";
import { countSteps, type InternalEnergy, type NormalStart, parseInternal, parseStart } from "./parts.ts";
import { checkEven, checkFinite } from "./tried.ts";

/** A formula in words, or a function that makes the node [B, 1] of rows [B, d] with the operations of `graph`. */
export type RowFormula = string | ((x: graph.Node, operations: typeof graph) => graph.Node);

/**
 * What a module file exports as `problem` (or as its default).
 *
 * @example
 * ```js
 * export const problem = {
 *   title: "Double well",
 *   columns: ["x"],
 *   start: "normal:1:0.5",
 *   potential: (x, { add, mul, scale }) => add(scale(mul(mul(x, x), mul(x, x)), 1 / 4), scale(mul(x, x), -1 / 2)),
 *   diffusion: 0.5,
 *   time: 1,
 *   step: 0.05,
 * };
 * ```
 */
export interface OwnProblem {
  readonly title?: string;
  /** Names of the d columns; default x1, x2, ... */
  readonly columns?: readonly string[];
  /** As "normal:2"; default N(0, I) of the columns. */
  readonly start?: string;
  readonly potential?: RowFormula;
  /** -V up to a constant: in the place of a potential. */
  readonly logDensity?: RowFormula;
  /** D; default 1 with a potential or a log-density, else 0. */
  readonly diffusion?: number;
  readonly interaction?: RowFormula;
  /** As "rho^2". */
  readonly internal?: string;
  readonly time?: number;
  readonly step?: number;
}

/** The same, every part checked. */
export interface CheckedProblem {
  readonly title: string;
  readonly columns: readonly string[];
  readonly start: NormalStart;
  readonly potential?: (x: graph.Node) => graph.Node;
  readonly diffusion: number;
  readonly interaction?: (z: graph.Node) => graph.Node;
  readonly internal?: InternalEnergy;
  readonly time: number;
  readonly step: number;
}

const KEYS: readonly (keyof OwnProblem)[] = [
  "title",
  "columns",
  "start",
  "potential",
  "logDensity",
  "diffusion",
  "interaction",
  "internal",
  "time",
  "step",
];

/** How far to go, and how, where nothing is said. */
export const ownDefaults = { time: 1, step: 0.05 } as const;

/** `where` names the whole problem; `name` its parts, such as flags of a command. @throws InputError with the part that is wrong. */
export function checkOwnProblem(
  value: unknown,
  where: string,
  name: (part: keyof OwnProblem) => string = (part) => `${where}:${part}`,
): CheckedProblem {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const expected = "an object with a start, and a potential, an interaction, an internal energy or a diffusion";
    throw new InputError({ where, came: cameOf(value), expected });
  }
  const unknown = Object.keys(value).find((key) => !KEYS.some((known) => known === key));
  if (unknown !== undefined) {
    throw new InputError({ where, place: unknown, came: "a part that is not known", expected: KEYS.join(", ") });
  }
  const own = value as OwnProblem;
  const fail = (part: keyof OwnProblem, expected: string, fix?: string): never => {
    throw new InputError({ where: name(part), came: cameOf(own[part]), expected, fix });
  };
  const isWords = (words: unknown): boolean => typeof words === "string";
  for (const part of ["title", "start", "internal"] as const) {
    if (own[part] !== undefined && !isWords(own[part])) fail(part, "words");
  }
  const { columns } = own;
  if (columns !== undefined) {
    const isNames =
      Array.isArray(columns) && columns.length > 0 && columns.every((column) => isWords(column) && column !== "");
    if (!isNames || new Set(columns).size < columns.length) fail("columns", "different names");
  }
  if (own.start === undefined && columns === undefined) fail("start", "a start such as normal:2, or columns");
  const start = parseStart(own.start ?? `normal:${columns!.length}`, name("start"));
  const dimension = start.mean.length;
  if (columns !== undefined && columns.length !== dimension) fail("columns", `${dimension} names, as the start has`);
  const names = columns ?? Array.from({ length: dimension }, (_, k) => (dimension === 1 ? "x" : `x${k + 1}`));

  if (own.potential !== undefined && own.logDensity !== undefined) fail("logDensity", "a potential or a log-density");
  const formula = (part: "potential" | "logDensity" | "interaction") =>
    own[part] === undefined ? undefined : checkFormula(own[part], names, name(part));
  const logDensity = formula("logDensity");
  const potential = logDensity === undefined ? formula("potential") : (x: graph.Node) => graph.negate(logDensity(x));
  const interaction = formula("interaction");
  const tried = (part: "potential" | "logDensity" | "interaction", made: (x: graph.Node) => graph.Node) => ({
    formula: made,
    came: typeof own[part] === "function" ? "a function" : cameOf(own[part]),
    where: name(part),
  });
  if (potential !== undefined) checkFinite(tried(logDensity ? "logDensity" : "potential", potential), start);
  if (interaction !== undefined) checkEven(tried("interaction", interaction), dimension);
  const diffusion = own.diffusion ?? (potential === undefined ? 0 : 1);
  if (!(typeof diffusion === "number" && diffusion >= 0 && diffusion < Number.POSITIVE_INFINITY)) {
    fail("diffusion", "a number from 0", "backward diffusion has no flow");
  }
  const internal = own.internal === undefined ? undefined : parseInternal(own.internal, dimension, name("internal"));
  if (potential === undefined && interaction === undefined && internal === undefined && diffusion === 0) {
    const expected = "a potential, an interaction, an internal energy, or a diffusion above 0";
    throw new InputError({ where, came: "a functional that is 0", expected });
  }
  const { time = ownDefaults.time, step = ownDefaults.step } = own;
  for (const part of ["time", "step"] as const) {
    if (own[part] !== undefined && typeof own[part] !== "number") fail(part, "a number");
  }
  countSteps(time, step, name);
  return {
    title: own.title ?? titleOf(own),
    columns: names,
    start,
    diffusion,
    time,
    step,
    ...(potential ? { potential } : {}),
    ...(interaction ? { interaction } : {}),
    ...(internal ? { internal } : {}),
  };
}

/**
 * A problem of one's own from its parts. `where` names the whole problem; `name` its parts, such as flags of a command.
 *
 * @throws InputError with the part that is wrong.
 *
 * @example
 * ```ts
 * import { ownProblem } from "jkoflow/problems";
 *
 * const { dimension, functional } = ownProblem({ start: "normal:2", potential: "x^2/2 + 2*y^2" });
 * console.log(dimension, functional.terms.map(({ name }) => name).join(", ")); // 2 entropy, potential
 * ```
 */
export function ownProblem(
  value: unknown,
  where = "problem",
  name?: (part: keyof OwnProblem) => string,
): EvolutionProblem {
  const { title, columns, start, time, step, ...parts } = checkOwnProblem(value, where, name);
  const d = columns.length;
  const covariance = Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? start.deviation ** 2 : 0));
  const terms: (readonly [number, Functional])[] = [];
  if (parts.diffusion > 0) terms.push([parts.diffusion, entropy()]);
  if (parts.potential) terms.push([1, potential(parts.potential)]);
  if (parts.interaction) terms.push([1, interaction(parts.interaction)]);
  if (parts.internal) terms.push([1, internalEnergy(parts.internal.power, parts.internal.weight)]);
  return {
    title,
    dimension: d,
    columns,
    start: normalDistribution(start.mean, covariance),
    functional: sum(...terms),
    time,
    step,
  };
}

function titleOf({ potential, logDensity, interaction, internal }: OwnProblem): string {
  const words = [
    typeof potential === "string" ? `V = ${potential}` : "",
    typeof logDensity === "string" ? `log p = ${logDensity}` : "",
    typeof interaction === "string" ? `W = ${interaction}` : "",
    internal === undefined ? "" : `f = ${internal}`,
  ].filter((word) => word !== "");
  return words.length === 0 ? "a flow of one's own" : `the flow of ${words.join(", ")}`;
}

/** A formula that was tried on rows once: a mistake in it is told now, and by its name. */
function checkFormula(formula: unknown, columns: readonly string[], where: string): (x: graph.Node) => graph.Node {
  if (typeof formula === "string") return parseExpression(formula, columns, where).node;
  if (typeof formula !== "function") {
    throw new InputError({ where, came: cameOf(formula), expected: "a formula, or a function (x, graph) => node" });
  }
  const make = (x: graph.Node): unknown => {
    try {
      return formula(x, graph) as unknown;
    } catch (error) {
      const came = `it threw ${error instanceof Error ? error.message : String(error)}`;
      throw new InputError({ where, came, expected: "a node [B, 1] of rows [B, d]" });
    }
  };
  const nodeOf = (x: graph.Node): graph.Node => {
    const node = make(x);
    if (isNodeOf(node, x)) return graph.broadcast(node, "B", 1);
    const fix = "build it with the operations that come as the second argument";
    throw new InputError({ where, came: shapeOf(node), expected: "a node [B, 1] of rows [B, d]", fix });
  };
  nodeOf(graph.createGraph().rows("x", columns.length));
  return nodeOf;
}

const isNode = (value: unknown): value is graph.Node =>
  typeof value === "object" && value !== null && "graph" in value && "op" in value && "cols" in value;

const isNodeOf = (value: unknown, x: graph.Node): value is graph.Node =>
  isNode(value) && value.graph === x.graph && value.cols === 1 && (value.rows === "B" || value.rows === 1);

const shapeOf = (value: unknown): string => (isNode(value) ? `a node [${value.rows}, ${value.cols}]` : cameOf(value));
