/**
 * A random expression in the making. Every line keeps a bound of its magnitude; a value that could leave [-bound, bound] goes
 * through tanh, so that float32 and float64 stay comparable.
 */
import type { Operation, Rows } from "./index.ts";
import type { Attributes } from "./node.ts";
import type { Line } from "./recipe.testing.ts";

export const isParameter = (line: Line): boolean => line.rows !== "B";

/** Lines, and what adds to them and chooses among them; `random` gives numbers in [0, 1). */
export function createDraft(random: () => number) {
  const lines: Line[] = [];
  const whole = (n: number): number => Math.floor(random() * n);
  const among = <T>(list: readonly T[]): T => list[whole(list.length)];
  const put = (
    op: Operation,
    args: readonly number[],
    rows: Rows,
    cols: number,
    bound: number,
    at: Attributes = {},
  ): number => {
    const sum = args.some((i) => lines[i].summed) || (rows !== "B" && args.some((i) => lines[i].rows === "B"));
    lines.push({ op, args, rows, cols, at, bound, summed: sum });
    const made = lines.length - 1;
    return bound > 12 ? put("tanh", [made], rows, cols, 1) : made;
  };
  const parameter = (rows: number, cols: number): number =>
    put("parameter", [], rows, cols, 1, { name: `p${lines.length}` });
  const like = (op: Operation, x: number, bound: number, at: Attributes = {}): number =>
    put(op, [x], lines[x].rows, lines[x].cols, bound, at);
  const scaled = (x: number, factor: number): number =>
    like("affine", x, Math.abs(factor) * lines[x].bound, { scale: factor, shift: 0 });
  /** A line that satisfies the condition, later ones more often. */
  const pick = (condition: (line: Line, i: number) => boolean): number | undefined => {
    const fits = lines.map((_, i) => i).filter((i) => condition(lines[i], i));
    if (fits.length === 0) return undefined;
    return fits[Math.min(fits.length - 1, Math.floor(fits.length * Math.sqrt(random())))];
  };
  const any = (): number => pick((line) => line.op !== "rowCount")!;
  return { lines, whole, among, put, parameter, like, scaled, pick, any };
}

export type Draft = ReturnType<typeof createDraft>;
