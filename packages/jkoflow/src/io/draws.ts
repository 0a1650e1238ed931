/**
 * Draws of a posterior as other programs read them: the CSV files of Stan, one a chain, and the JSON of ArviZ (`az.from_cmdstan`,
 * `az.from_json`). Both know arrays: columns named theta[1], theta[2] or theta.1, theta.2 are elements of theta.
 */
import { InputError } from "../errors/index.ts";
import { checkKind, kindOf } from "../errors/kinds.ts";
import { shortestFloat32, shortestFloat64 } from "../numbers/text.ts";

export interface Draws {
  readonly columns: readonly string[];
  /** Rows, chain after chain: [chains, draws, columns]. */
  readonly values: Float32Array | Float64Array;
  readonly chains: number;
  /** Log-density of each row, nats: lp__ in CSV, lp in JSON. [chains, draws] */
  readonly logProb?: ArrayLike<number>;
}

/** theta, [1, 2] of theta[1,2] and theta.1.2; no indices of a name without any. */
function elementOf(name: string): { readonly base: string; readonly indices: readonly number[] } {
  const [, base, brackets, dots] = /^(.+?)(?:\[(\d+(?:, *\d+)*)\]|((?:\.\d+)+))$/.exec(name) ?? [];
  if (base === undefined) return { base: name, indices: [] };
  return { base, indices: (brackets?.split(",") ?? dots.slice(1).split(".")).map(Number) };
}

/** @throws InputError for rows that do not fill the chains, and log-densities of other rows. */
function countOf({ columns, values, chains, logProb }: Draws): number {
  checkKind(values, ["Float32Array", "Float64Array"], "draws");
  const draws = values.length / columns.length / chains;
  if (!(Number.isInteger(draws) && chains > 0 && columns.length > 0)) {
    const came = `${values.length} numbers`;
    throw new InputError({
      where: "draws",
      came,
      expected: `rows of ${columns.length} in ${chains} chains of equal length`,
    });
  }
  if (logProb && logProb.length !== draws * chains) {
    const came = `${logProb.length} log-densities`;
    throw new InputError({ where: "draws", came, expected: `${draws * chains}, one for each row` });
  }
  return draws;
}

/**
 * One CSV file a chain, as Stan writes them without comments: lp__ first where there is one, then the columns with dotted names.
 * @throws InputError for shapes that do not fit, and names with a comma, a quote or a line break outside of indices.
 *
 * @example
 * ```ts
 * import { writeStanCsv } from "jkoflow/io";
 *
 * const draws = { columns: ["mu", "theta[1]"], values: Float32Array.of(1, 2, 3, 4), chains: 2, logProb: [-1, -2] };
 * console.log(writeStanCsv(draws)[1].trimEnd().split("\n")); // [ 'lp__,mu,theta.1', '-2,3,4' ]
 * ```
 */
export function writeStanCsv(draws: Draws): string[] {
  const { columns, values, chains, logProb } = draws;
  const count = countOf(draws);
  const names = columns.map((name) => {
    const { base, indices } = elementOf(name);
    const dotted = [base, ...indices].join(".");
    if (!/[",\r\n]|^#/.test(dotted)) return dotted;
    const expected = "names without commas, quotes and line breaks, which Stan's files cannot hold";
    throw new InputError({ where: "columns", came: JSON.stringify(name), expected, fix: "rename it, or choose .json" });
  });
  const digits = kindOf(values) === "Float32Array" ? shortestFloat32 : shortestFloat64;
  const header = `${[...(logProb ? ["lp__"] : []), ...names].join(",")}\n`;
  const width = columns.length;
  return Array.from({ length: chains }, (_, chain) => {
    const lines = Array.from({ length: count }, (_, i) => {
      const row = chain * count + i;
      const cells = Array.from(values.subarray(row * width, (row + 1) * width), digits);
      return `${(logProb ? [shortestFloat64(logProb[row]), ...cells] : cells).join(",")}\n`;
    });
    return header + lines.join("");
  });
}

type Nested = number | readonly Nested[];

/**
 * What `az.from_json` reads: {"posterior": {name: [chain][draw][...]}, "sample_stats": {"lp": [chain][draw]}}. Columns that are
 * all elements of one array become that array; where one is missing each keeps its name.
 * @throws InputError for shapes that do not fit.
 *
 * @example
 * ```ts
 * import { writeArvizJson } from "jkoflow/io";
 *
 * const draws = { columns: ["mu", "theta[1]", "theta[2]"], values: Float32Array.of(1, 2, 3, 4, 5, 6), chains: 1 };
 * console.log(writeArvizJson(draws)); // {"posterior":{"mu":[[1,4]],"theta":[[[2,3],[5,6]]]}}
 * ```
 */
export function writeArvizJson(draws: Draws): string {
  const { columns, values, chains, logProb } = draws;
  const count = countOf(draws);
  const width = columns.length;
  const isSingle = kindOf(values) === "Float32Array";
  // The same digits as in CSV; JSON has no word for what is not finite, the reader of ArviZ knows those of JavaScript.
  const cell = (value: number): number => (isSingle && Number.isFinite(value) ? Number(shortestFloat32(value)) : value);
  const byChain = (at: (row: number) => Nested): Nested =>
    Array.from({ length: chains }, (_, chain) => Array.from({ length: count }, (_, i) => at(chain * count + i)));
  const posterior = Object.fromEntries(
    arraysOf(columns).map(({ name, places }) => [
      name,
      byChain((row) => filled(places, (k) => cell(values[row * width + k]))),
    ]),
  );
  const stats = logProb ? { sample_stats: { lp: byChain((row) => logProb[row]) } } : {};
  return jsonOf({ posterior, ...stats });
}

type Places = number | readonly Places[];

const filled = (places: Places, at: (column: number) => number): Nested =>
  typeof places === "number" ? at(places) : places.map((place) => filled(place, at));

/** Variables in the order of their first column, each with the places of its elements. */
function arraysOf(columns: readonly string[]): { readonly name: string; readonly places: Places }[] {
  const groups = new Map<string, number[]>();
  columns.forEach((name, k) => {
    const { base } = elementOf(name);
    groups.set(base, [...(groups.get(base) ?? []), k]);
  });
  return [...groups].flatMap(([name, places]) => {
    const elements = places.map((k) => ({ k, indices: elementOf(columns[k]).indices }));
    const shape = elements[0].indices.map((_, axis) => Math.max(...elements.map(({ indices }) => indices[axis])));
    const byIndex = new Map(elements.map(({ k, indices }) => [indices.join(), k]));
    const wanted = shape.reduce((product, size) => product * size, 1);
    const whole =
      elements.every(({ indices }) => indices.length === shape.length && indices.every((index) => index > 0)) &&
      byIndex.size === elements.length &&
      elements.length === wanted;
    if (!whole || shape.length === 0) return places.map((k) => ({ name: columns[k], places: k }));
    const box = (before: readonly number[]): Places =>
      before.length === shape.length
        ? byIndex.get(before.join())!
        : Array.from({ length: shape[before.length] }, (_, i) => box([...before, i + 1]));
    return [{ name, places: box([]) }];
  });
}

/** JSON with NaN, Infinity and -Infinity as Python writes and reads them. */
function jsonOf(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(",")}]`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .map(([key, inner]) => `${JSON.stringify(key)}:${jsonOf(inner)}`)
      .join(",")}}`;
  return JSON.stringify(value);
}
