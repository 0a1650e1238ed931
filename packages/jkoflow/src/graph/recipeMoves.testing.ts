/** What a random expression may get next: each move adds a line or a few. */
import type { Rows } from "./index.ts";
import type { Line } from "./recipe.testing.ts";
import { type Draft, isParameter } from "./recipeDraft.testing.ts";

type Move = () => void;

/** Smooth operations, which have a derivative everywhere. */
export function smoothMoves(draft: Draft, random: () => number, widths: readonly number[]): Move[] {
  const { lines, whole, among, put, parameter, like, scaled, pick, any } = draft;
  const compatible = (a: Line, b: Line): boolean => {
    if (a.rows !== b.rows && a.rows !== 1 && b.rows !== 1) return false;
    if ((a.rows === "B" && b.summed) || (b.rows === "B" && a.summed)) return false;
    return a.cols === b.cols || a.cols === 1 || b.cols === 1;
  };
  const pointwise = (op: "add" | "sub" | "mul") => (): void => {
    const i = any();
    const j = pick((line) => compatible(lines[i], line))!;
    const [a, b] = random() < 0.5 ? [i, j] : [j, i];
    const [p, q] = [lines[a], lines[b]];
    const rows = p.rows === "B" || q.rows === "B" ? "B" : Math.max(p.rows, q.rows);
    put(op, [a, b], rows, Math.max(p.cols, q.cols), op === "mul" ? p.bound * q.bound : p.bound + q.bound);
  };
  /** softplus(x) + 0.3: positive for every row. */
  const positive = (): number => {
    const x = like("softplus", any(), 13, { beta: 1 });
    return like("affine", x, 4, { scale: 1, shift: 0.3 });
  };
  const product = (): void => {
    const i = pick((line) => line.cols <= 64)!;
    const k = lines[i].cols;
    const n = among(widths);
    const flip = random() < 0.5;
    const fits = (line: Line): boolean =>
      isParameter(line) && !(lines[i].rows === "B" && line.summed) && (flip ? line.cols : line.rows) === k;
    const known = random() < 0.4 ? pick(fits) : undefined;
    const w = known ?? (flip ? parameter(n, k) : parameter(k, n));
    const cols = flip ? (lines[w].rows as number) : lines[w].cols;
    const made = put("matmul", [i, w], lines[i].rows, cols, 3, { transposed: flip });
    if (k > 1) scaled(made, 1 / k);
  };
  return [
    pointwise("add"),
    pointwise("add"),
    pointwise("sub"),
    pointwise("mul"),
    pointwise("mul"),
    () => {
      const i = any();
      const [factor, shift] = [among([0, 1, -1, 2, 0.5, -0.3]), among([0, 0, 0, 1, -0.5])];
      like("affine", i, Math.abs(factor) * lines[i].bound + Math.abs(shift), { scale: factor, shift });
    },
    () => like("softplus", any(), 12, { beta: among([1, 3]) }),
    () => like("sigmoid", any(), 1, { beta: among([1, 3]) }),
    () => like("tanh", any(), 1),
    () => like("sin", any(), 1),
    () => like("cos", any(), 1),
    () => {
      // softplus and its slope, as every derivative of a network has them
      const i = any();
      like("softplus", i, 12, { beta: 1 });
      const s = like("sigmoid", i, 1, { beta: 1 });
      const rest = like("affine", s, 1, { scale: -1, shift: 1 });
      const slope = put("mul", [s, rest], lines[s].rows, lines[s].cols, 1);
      const j = pick(
        (line) => line.rows === lines[s].rows && line.cols === lines[s].cols && line.summed === lines[s].summed,
      )!;
      put("mul", [slope, j], lines[s].rows, lines[s].cols, lines[j].bound);
    },
    () => like("exp", like("tanh", any(), 1), 3),
    () => like("log", positive(), 3),
    () => like("sqrt", positive(), 3),
    () => like("reciprocal", positive(), 4),
    product,
    product,
    product,
    () => {
      const i = pick((line) => isParameter(line) && line.rows !== 1)!;
      put("transpose", [i], lines[i].cols, lines[i].rows as number, lines[i].bound);
    },
    () => {
      const i = any();
      const j = pick((line) => line.rows === lines[i].rows && line.cols === lines[i].cols)!;
      const made = put("rowDot", [i, j], lines[i].rows, 1, 3);
      scaled(made, 1 / lines[i].cols);
    },
    () => {
      const x = pick((line) => line.cols > 1)!;
      if (x === undefined) return;
      const { rows, cols, summed } = lines[x];
      const y = pick((line) => line.rows === rows && line.cols === cols && line.summed === summed)!;
      const groups = among([2, 3, 4].filter((g) => cols % g === 0).concat(cols));
      if (cols / groups > 1) scaled(put("groupDot", [x, y], rows, cols / groups, 3), 1 / groups);
    },
    () => {
      const a = pick((line) => line.cols > 3)!;
      if (a === undefined) return;
      const { rows, cols, summed, bound } = lines[a];
      const fits = (line: Line): boolean =>
        line.rows === rows && line.summed === summed && line.cols > 1 && line.cols < cols && cols % line.cols === 0;
      const x = pick(fits);
      if (x !== undefined) put("groupScale", [x, a], rows, cols, lines[x].bound * bound);
    },
    () => {
      const i = any();
      scaled(put("rowSum", [i], lines[i].rows, 1, lines[i].bound), 1 / lines[i].cols);
    },
    () => {
      const i = pick(isParameter)!;
      scaled(put("columnSum", [i], 1, lines[i].cols, lines[i].bound), 1 / (lines[i].rows as number));
    },
    () => {
      const i = pick((line) => (line.rows === 1 || line.cols === 1) && line.op !== "rowCount")!;
      const { rows, cols, bound, summed } = lines[i];
      const tall = rows === 1 ? among<Rows>(summed ? [1, 3] : [1, 3, "B", "B"]) : rows;
      put("broadcast", [i], tall, cols === 1 ? among(widths) : cols, bound);
    },
    () => {
      const i = pick((line) => line.cols > 1);
      if (i === undefined) return;
      const from = whole(lines[i].cols);
      put("slice", [i], lines[i].rows, 1 + whole(lines[i].cols - from), lines[i].bound, { from });
    },
    () => {
      const i = any();
      const from = whole(4);
      put("pad", [i], lines[i].rows, from + lines[i].cols + whole(3), lines[i].bound, { from });
    },
    () => {
      const i = any();
      const j = pick((line) => line.rows === lines[i].rows)!;
      put("concat", [i, j], lines[i].rows, lines[i].cols + lines[j].cols, Math.max(lines[i].bound, lines[j].bound));
    },
  ];
}

/** Operations with a kink, and `detach`. */
export function kinkedMoves({ among, like, scaled, pick, any }: Draft, random: () => number): Move[] {
  const kink = (): void => {
    // of leaves only: their values stay away from 0
    const i = pick((line) => line.op === "rows" || line.op === "parameter")!;
    like(among(["relu", "abs", "step", "sign"] as const), random() < 0.5 ? i : scaled(i, -1.5), 2);
  };

  return [kink, kink, () => like("detach", any(), 12)];
}

/** Sums over the rows. */
export function sumMoves({ lines, whole, among, put, scaled, pick }: Draft, random: () => number): Move[] {
  const meanOf = (x: number): number => {
    const count = put("rowCount", [], 1, 1, 1);
    const share = put("reciprocal", [count], 1, 1, 1);
    return put("mul", [x, share], lines[x].rows, lines[x].cols, lines[x].bound);
  };
  const reduce = (): void => {
    const i = pick((line) => line.rows === "B")!;
    const j = pick((line) => line.rows === "B")!;
    const made =
      random() < 0.4
        ? put("columnSum", [i], 1, lines[i].cols, lines[i].bound)
        : put("outer", [i, j], lines[i].cols, lines[j].cols, 4);
    meanOf(random() < 0.3 ? scaled(made, -0.7) : made);
  };
  /** Sums of sums: what the planning of accumulators looks for. */
  const tree = (): void => {
    const i = pick((line) => line.rows === "B")!;
    const c = lines[i].cols;
    let made = put("columnSum", [i], 1, c, 1);
    for (let k = 0; k < 1 + whole(3); k++) {
      const j = pick((line) => line.rows === "B" && line.cols === c)!;
      const ones = pick((line) => line.rows === "B" && line.cols === 1);
      const part =
        ones !== undefined && random() < 0.5 ? put("outer", [ones, j], 1, c, 1) : put("columnSum", [j], 1, c, 1);
      made = put(among(["add", "sub"] as const), [made, random() < 0.5 ? scaled(part, 0.3) : part], 1, c, 1);
      const other = pick((line) => line.rows === 1 && line.cols === c);
      if (other !== undefined && random() < 0.3) made = put("sub", [made, other], 1, c, 1);
    }
    meanOf(made);
  };
  return [reduce, reduce, tree];
}
