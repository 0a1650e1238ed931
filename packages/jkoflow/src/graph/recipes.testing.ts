/**
 * Random expressions as a list of lines, so that one expression can be built twice: with the simplifications of
 * `elementwise.ts` and `linear.ts`, and node by node as written.
 *
 * Every line keeps a bound of its magnitude; a value that could leave [-bound, bound] goes through tanh, so that float32
 * and float64 stay comparable.
 */
import {
  abs,
  add,
  affine,
  broadcast,
  columnSum,
  concat,
  cos,
  detach,
  exp,
  type Graph,
  groupDot,
  groupScale,
  log,
  matmul,
  mul,
  type Node,
  type Operation,
  outer,
  pad,
  type Rows,
  reciprocal,
  relu,
  rowDot,
  rowSum,
  sigmoid,
  sign,
  sin,
  slice,
  softplus,
  sqrt,
  step,
  sub,
  tanh,
  transpose,
} from "./index.ts";
import type { Attributes } from "./node.ts";

interface Line {
  readonly op: Operation;
  readonly args: readonly number[];
  readonly rows: Rows;
  readonly cols: number;
  readonly at: Attributes;
  readonly bound: number;
  /** Depends on a sum over rows: no row value may use it. */
  readonly summed: boolean;
}

export interface Recipe {
  readonly lines: readonly Line[];
  /** Row values, latest first. */
  readonly rowResults: readonly number[];
  /** Parameter-space values of the prologue and of the epilogue, latest first. */
  readonly prologueResults: readonly number[];
  readonly epilogueResults: readonly number[];
}

export interface RecipeOptions {
  readonly widths: readonly number[];
  readonly length: number;
  /** Without kinks and detach: comparable with differences. */
  readonly smooth?: boolean;
  /** With sums over rows and what follows from them. */
  readonly sums?: boolean;
}

export function randomRecipe(
  random: () => number,
  { widths, length, smooth = false, sums = false }: RecipeOptions,
): Recipe {
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
  const isParameter = (line: Line): boolean => line.rows !== "B";

  const [w1, w2] = [among(widths), among(widths)];
  put("rows", [], "B", w1, 1, { name: "x" });
  put("rows", [], "B", w2, 1, { name: "y" });
  put("scalar", [], 1, 1, 1, { name: "s" });
  parameter(1, w1);
  parameter(w1, w2);
  parameter(1, 1);
  parameter(among([2, 3, 5]), 1);

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
  const meanOf = (x: number): number => {
    const count = put("rowCount", [], 1, 1, 1);
    const share = put("reciprocal", [count], 1, 1, 1);
    return put("mul", [x, share], lines[x].rows, lines[x].cols, lines[x].bound);
  };
  const kink = (): void => {
    // of leaves only: their values stay away from 0
    const i = pick((line) => line.op === "rows" || line.op === "parameter")!;
    like(among(["relu", "abs", "step", "sign"] as const), random() < 0.5 ? i : scaled(i, -1.5), 2);
  };

  const moves: (() => void)[] = [
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
  if (!smooth) moves.push(kink, kink, () => like("detach", any(), 12));
  if (sums) {
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
    moves.push(reduce, reduce, tree);
  }
  while (lines.length < length) among(moves)();
  const results = (condition: (line: Line) => boolean): number[] =>
    lines
      .map((_, i) => i)
      .filter((i) => condition(lines[i]))
      .reverse();
  return {
    lines,
    rowResults: results((line) => line.rows === "B"),
    prologueResults: results((line) => isParameter(line) && !line.summed),
    epilogueResults: results((line) => isParameter(line) && line.summed),
  };
}

/** The nodes of all lines, `simplified` by the functions of `elementwise.ts` and `linear.ts` or `plain`: one node per line, as written. */
export function recipeNodes(recipe: Recipe, g: Graph, mode: "simplified" | "plain"): Node[] {
  const nodes: Node[] = [];
  for (const line of recipe.lines)
    nodes.push(
      nodeOf(
        line,
        line.args.map((i) => nodes[i]),
        g,
        mode,
      ),
    );
  return nodes;
}

function nodeOf({ op, rows, cols, at }: Line, [a, b]: readonly Node[], g: Graph, mode: "simplified" | "plain"): Node {
  if (op === "rows") return g.rows(at.name!, cols);
  if (op === "parameter") return g.parameter(at.name!, rows as number, cols);
  if (op === "scalar") return g.scalar(at.name!);
  if (op === "rowCount") return g.rowCount();
  if (mode === "plain") return g.make(op, b === undefined ? [a] : [a, b], rows, cols, at);
  switch (op) {
    case "affine":
      return affine(a, at.scale!, at.shift!);
    case "softplus":
      return softplus(a, at.beta!);
    case "sigmoid":
      return sigmoid(a, at.beta!);
    case "matmul":
      return matmul(a, b, at.transposed ? "transposed" : "plain");
    case "broadcast":
      return broadcast(a, rows, cols);
    case "groupDot":
      return groupDot(a, b, cols);
    case "groupScale":
      return groupScale(a, b);
    case "slice":
      return slice(a, at.from!, at.from! + cols);
    case "pad":
      return pad(a, at.from!, cols);
    default: {
      const one = {
        tanh,
        exp,
        log,
        sqrt,
        sin,
        cos,
        reciprocal,
        relu,
        step,
        abs,
        sign,
        transpose,
        rowSum,
        columnSum,
        detach,
      };
      const two = { add, sub, mul, outer, rowDot, concat };
      if (op in one) return one[op as keyof typeof one](a);
      if (op in two) return two[op as keyof typeof two](a, b);
      throw new Error(`no line for "${op}"`);
    }
  }
}
