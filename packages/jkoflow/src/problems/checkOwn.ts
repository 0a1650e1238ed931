/** What a problem of one's own consists of, and the check of its parts: the first that is wrong is told by its name. */
import type { Collisions } from "../collisions/kernel.ts";
import type { Distribution } from "../distributions/index.ts";
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import type { Functional, HostFunction } from "../functionals/index.ts";
import type * as graph from "../graph/index.ts";
import { parseCollisions } from "./collisionWords.ts";
import { checkFormula, type RowFormula } from "./formula.ts";
import { ownPotential } from "./ownPotential.ts";
import { countSteps, type InternalEnergy, parseInternal, startOf } from "./parts.ts";
import type { RowsTarget } from "./targetRows.ts";
import { checkBounded, checkEven, valuesOf } from "./tried.ts";

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
  /** As "normal:2", or a distribution; default N(0, I) of the columns. */
  readonly start?: string | Distribution;
  /** A formula, or a pair of functions of a row that JavaScript computes: { value(row), gradient(row) }. */
  readonly potential?: RowFormula | HostFunction;
  /** -V up to a constant: in the place of a potential. */
  readonly logDensity?: RowFormula | HostFunction;
  /** D; default 1 with a potential or a log-density, else 0. */
  readonly diffusion?: number;
  readonly interaction?: RowFormula;
  /** As "rho^2". */
  readonly internal?: string;
  /** F is a divergence to rows: what `targetOfRows` makes of them. Start, time and step are its own where none are said. */
  readonly target?: RowsTarget;
  /** The density moves by collisions, by Landau's equation: as "gamma=-3". F is the entropy then, and has no other part. */
  readonly collisions?: string;
  readonly time?: number;
  readonly step?: number;
}

/** The same, every part checked. */
export interface CheckedProblem {
  readonly title: string;
  readonly columns: readonly string[];
  readonly start: Distribution;
  /** int V rho */
  readonly potential?: Functional;
  readonly diffusion: number;
  readonly interaction?: (z: graph.Node) => graph.Node;
  readonly internal?: InternalEnergy;
  readonly target?: RowsTarget;
  readonly collisions?: Collisions;
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
  "target",
  "collisions",
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
  for (const part of ["title", "internal", "collisions"] as const) {
    if (own[part] !== undefined && !isWords(own[part])) fail(part, "words");
  }
  const { columns } = own;
  if (columns !== undefined) {
    const isNames =
      Array.isArray(columns) && columns.length > 0 && columns.every((column) => isWords(column) && column !== "");
    if (!isNames || new Set(columns).size < columns.length) fail("columns", "different names");
  }
  const { target } = own;
  const isTarget = target === undefined || (typeof target === "object" && target?.functional !== undefined);
  if (!isTarget) fail("target", "what targetOfRows gives");
  if (own.start === undefined && columns === undefined && target === undefined)
    fail("start", "a start such as normal:2, or columns");
  const start = startOf(own.start ?? target?.start ?? `normal:${columns!.length}`, name("start"));
  const { dimension } = start;
  if (columns !== undefined && columns.length !== dimension) fail("columns", `${dimension} names, as the start has`);
  if (target !== undefined && target.start.dimension !== dimension)
    fail("start", `one of ${target.start.dimension} columns, as the target has`);
  const names = columns ?? Array.from({ length: dimension }, (_, k) => (dimension === 1 ? "x" : `x${k + 1}`));

  if (own.potential !== undefined && own.logDensity !== undefined) fail("logDensity", "a potential or a log-density");
  const { time, step } = timesOf(own);
  for (const part of ["time", "step"] as const) {
    if (own[part] !== undefined && typeof own[part] !== "number") fail(part, "a number");
  }
  countSteps(time, step, name);
  const part = own.logDensity === undefined ? "potential" : "logDensity";
  const kind = part === "potential" ? "potential" : "log-density";
  const place = { columns: names, start, step, where: name(part) };
  const potential = own[part] === undefined ? undefined : ownPotential(own[part], kind, place);
  const interaction =
    own.interaction === undefined ? undefined : checkFormula(own.interaction, names, name("interaction"));
  if (interaction !== undefined) {
    const came = typeof own.interaction === "function" ? "a function" : cameOf(own.interaction);
    const tried = { values: valuesOf(interaction, dimension), came, where: name("interaction") };
    checkEven(tried, dimension);
    checkBounded(tried, dimension, step);
  }
  const diffusion = own.diffusion ?? (potential === undefined ? 0 : 1);
  if (!(typeof diffusion === "number" && diffusion >= 0 && diffusion < Number.POSITIVE_INFINITY)) {
    fail("diffusion", "a number from 0", "backward diffusion has no flow");
  }
  const internal = own.internal === undefined ? undefined : parseInternal(own.internal, dimension, name("internal"));
  const collisions =
    own.collisions === undefined ? undefined : parseCollisions(own.collisions, dimension, name("collisions"));
  const other = (["potential", "logDensity", "diffusion", "interaction", "internal", "target"] as const).find(
    (part) => own[part] !== undefined,
  );
  if (collisions !== undefined && other !== undefined) {
    const came = "it beside collisions";
    const fix = "leave one of the two out";
    throw new InputError({ where: name(other), came, expected: "Landau's equation, whose F is the entropy", fix });
  }
  const hasNone = [potential, interaction, internal, target, collisions].every((given) => given === undefined);
  if (hasNone && diffusion === 0) {
    const expected = "a potential, an interaction, an internal energy, a target, or a diffusion above 0";
    throw new InputError({ where, came: "a functional that is 0", expected });
  }
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
    ...(target ? { target } : {}),
    ...(collisions ? { collisions } : {}),
  };
}

/** What is said; of a target what suits it: as many of its steps, where one of the two is said. */
function timesOf({ time, step, target }: OwnProblem): { readonly time: number; readonly step: number } {
  const usual = target ?? ownDefaults;
  if (target === undefined || (time === undefined) === (step === undefined))
    return { time: time ?? usual.time, step: step ?? usual.step };
  const steps = Math.round(target.time / target.step);
  return step === undefined ? { time: time!, step: time! / steps } : { time: steps * step, step };
}

function titleOf({ potential, logDensity, interaction, internal, target, collisions }: OwnProblem): string {
  if (collisions !== undefined) return `the Landau equation of ${collisions}`;
  const words = [
    target === undefined ? "" : target.functional.title,
    typeof potential === "string" ? `V = ${potential}` : "",
    typeof logDensity === "string" ? `log p = ${logDensity}` : "",
    typeof interaction === "string" ? `W = ${interaction}` : "",
    internal === undefined ? "" : `f = ${internal}`,
  ].filter((word) => word !== "");
  return words.length === 0 ? "a flow of one's own" : `the flow of ${words.join(", ")}`;
}
