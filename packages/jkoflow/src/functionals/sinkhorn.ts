/**
 * The Sinkhorn divergence of equally weighted rows, cost |x - y|^2 / 2, so that it tends to W_2^2 / 2 as the blur goes to 0:
 *
 *   S(a, b) = OT(a, b) - OT(a, a) / 2 - OT(b, b) / 2,   OT with entropy of strength eps = blur^2
 *           = mean (f - p) + mean (g - q),   f_i = -eps log mean_j exp((g_j - C_ij) / eps) and so for g;  p, q of (a, a), (b, b)
 *   dS/dx_i = (T_aa(x_i) - T_ab(x_i)) / n,   T the mean of the partners of x_i by the plan
 *
 * J. Feydy, T. Sejourne, F.-X. Vialard, S. Amari, A. Trouve, G. Peyre, "Interpolating between optimal transport and MMD using Sinkhorn
 * divergences", AISTATS 2019, arXiv:1810.08278, with its averaged updates and its eps that falls from the square of the diameter.
 */
import { InputError, NumericError } from "../errors/index.ts";

/** Of rows x [n, d] to others. */
export interface Sinkhorn {
  /** Their mean is S: [n] */
  readonly values: Float64Array;
  /** n dS/dx: [n, d] */
  readonly slopes: Float64Array;
}

/** Potentials have settled when no update moves them by more than this share of eps. */
const SETTLED = 1e-6;
const MOST_UPDATES = 10_000;
/**
 * Of x with itself both potentials are one, and averages settle at once. With others one potential after the other is faster, by 7 to
 * 50 times for two moons; not where each row has almost one partner, for a small blur of few rows: there averages are what settles.
 */
const MOST_ALTERNATIONS = 1000;
/** Of the blur, from one stage to the next. */
const SHRINKS = 0.5;

/**
 * O(n m) for each update, some tens of them. @throws InputError for no rows, or a blur that is not above 0; NumericError where potentials do not settle.
 */
export function sinkhorn(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  d: number,
  blur: number,
  known?: SelfPotentials,
): Sinkhorn {
  const [n, m] = [x.length / d, y.length / d];
  if (!(Number.isInteger(n) && Number.isInteger(m) && n > 0 && m > 0))
    throw new InputError({ where: "rows", came: `${x.length} and ${y.length} numbers`, expected: `rows of ${d}` });
  checkBlur(blur);
  const both = settle(x, y, d, blur, "others");
  const own = settle(x, x, d, blur, "itself");
  const other = known ?? selfPotentials(y, d, blur);
  let rest = 0;
  for (let j = 0; j < m; j++) rest += (both.g[j] - other[j]) / m;
  const [toOther, toOwn] = [partners(y, d, both, n, blur), partners(x, d, own, n, blur)];
  return {
    values: both.f.map((f, i) => f - own.f[i] + rest),
    slopes: toOwn.map((place, at) => place - toOther[at]),
  };
}

/** q of (y, y): what of a divergence depends on the others alone, so that it is computed once. */
export type SelfPotentials = Float64Array;
export const selfPotentials = (y: ArrayLike<number>, d: number, blur: number): SelfPotentials =>
  settle(y, y, d, blur, "itself").f;

export function checkBlur(blur: number): void {
  if (!(blur > 0 && Number.isFinite(blur)))
    throw new InputError({ where: "blur", came: `${blur}`, expected: "a length above 0, in the units of the columns" });
}

interface Settled {
  readonly cost: Float64Array;
  readonly f: Float64Array;
  readonly g: Float64Array;
}

function settle(x: ArrayLike<number>, y: ArrayLike<number>, d: number, blur: number, to: "others" | "itself"): Settled {
  const [n, m] = [x.length / d, y.length / d];
  const cost = new Float64Array(n * m);
  let most = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let squares = 0;
      for (let k = 0; k < d; k++) squares += (x[i * d + k] - y[j * d + k]) ** 2;
      cost[i * m + j] = squares / 2;
      most = Math.max(most, squares);
    }
  }
  let f: Float64Array = new Float64Array(n);
  let g: Float64Array = new Float64Array(m);
  /** Each gives the largest change. */
  const alternate = (eps: number): number => {
    const before = f;
    f = softMinimum(cost, g, n, m, eps, "rows");
    g = softMinimum(cost, f, n, m, eps, "columns");
    return f.reduce((most, value, i) => Math.max(most, Math.abs(value - before[i])), 0);
  };
  const average = (eps: number): number => {
    const [nextF, nextG] = [softMinimum(cost, g, n, m, eps, "rows"), softMinimum(cost, f, n, m, eps, "columns")];
    let change = 0;
    const mixed = (old: Float64Array, next: Float64Array): Float64Array =>
      old.map((value, i) => {
        const mean = (value + next[i]) / 2;
        change = Math.max(change, Math.abs(mean - value));
        return mean;
      });
    [f, g] = [mixed(f, nextF), mixed(g, nextG)];
    return change;
  };
  for (let scale = Math.sqrt(most); scale > blur; scale *= SHRINKS) average(scale ** 2);
  const eps = blur ** 2;
  const begun = [f, g] as const;
  for (let k = 0; to === "others" && k < MOST_ALTERNATIONS; k++)
    if (alternate(eps) < SETTLED * eps) return { cost, f, g };
  [f, g] = begun;
  for (let k = 0; k < MOST_UPDATES; k++) if (average(eps) < SETTLED * eps) return { cost, f, g };
  throw new NumericError(`the potentials of a Sinkhorn divergence of blur ${blur} do not settle: a larger blur does`);
}

/** -eps log mean exp((potential - C) / eps), along rows [n] or columns [m]. */
function softMinimum(
  cost: Float64Array,
  potential: Float64Array,
  n: number,
  m: number,
  eps: number,
  along: "rows" | "columns",
): Float64Array {
  const [count, inner] = along === "rows" ? [n, m] : [m, n];
  const [step, stride] = along === "rows" ? [m, 1] : [1, m];
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let top = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < inner; j++) top = Math.max(top, potential[j] - cost[i * step + j * stride]);
    let sum = 0;
    for (let j = 0; j < inner; j++) sum += Math.exp((potential[j] - cost[i * step + j * stride] - top) / eps);
    out[i] = -top - eps * Math.log(sum / inner);
  }
  return out;
}

/** The mean partner of each of n rows: [n, d] */
function partners(y: ArrayLike<number>, d: number, { cost, g }: Settled, n: number, blur: number): Float64Array {
  const m = y.length / d;
  const out = new Float64Array(n * d);
  for (let i = 0; i < n; i++) {
    let [top, total] = [Number.NEGATIVE_INFINITY, 0];
    for (let j = 0; j < m; j++) top = Math.max(top, g[j] - cost[i * m + j]);
    for (let j = 0; j < m; j++) {
      const weight = Math.exp((g[j] - cost[i * m + j] - top) / blur ** 2);
      total += weight;
      for (let k = 0; k < d; k++) out[i * d + k] += weight * y[j * d + k];
    }
    for (let k = 0; k < d; k++) out[i * d + k] /= total;
  }
  return out;
}
