/**
 * log det of a symmetric positive definite matrix H of each row from products H v alone, by a random row v of signs:
 *
 *   value     log det H = E_v[v^T log(H) v] ~ d e_1^T log(T) e_1      T the tridiagonal matrix of K Lanczos steps from v
 *   gradient  d log det H = tr(H^-1 dH) = E_v[(H^-1 v)^T dH v]        H^-1 v by K steps of conjugate gradients, held fixed
 *
 * S. Ubaru, J. Chen, Y. Saad, SIAM J. Matrix Anal. Appl. 38 (2017), 1075-1099, for the value; C.-W. Huang et al., "Convex
 * potential flows", ICLR 2021, arXiv:2012.05942, section 4, for the gradient, as JKO-ICNN's code has it. Conjugate gradients
 * from 0 give both at once: with their steps alpha_j and ratios beta_j
 *
 *   T_jj = 1 / alpha_j + beta_j-1 / alpha_j-1,   T_j,j+1^2 = beta_j / alpha_j^2
 *
 * (G. Golub, C. Van Loan, Matrix Computations, 4th ed. (2013), section 10.2 and 11.3). The logarithm of T is taken by Q points of
 * Gauss and Legendre, log t = int_0^1 (t - 1) / (1 + s (t - 1)) ds, after T has been divided by its first entry: each point asks
 * for one entry of an inverse of a tridiagonal matrix, a continued fraction. No eigenvalues, so that it is a graph like any other.
 *
 * Both are right on average once K is large enough: K = d in exact arithmetic, far fewer where the eigenvalues of H lie close to
 * each other, as those of a step of the scheme do. Beside them stands the variance, 2 sum_{i != j} (log H)_ij^2 of one v.
 */
import {
  add,
  affine,
  broadcast,
  concat,
  detach,
  type Graph,
  log,
  mul,
  type Node,
  reciprocal,
  rowDot,
  scale,
  squaredNorm,
  sub,
} from "../graph/index.ts";

/** K */
export const LANCZOS_STEPS = 8;
/**
 * Q = 10 points of Gauss and Legendre on [-1, 1], half of them (M. Abramowitz, I. Stegun, table 25.4): the error of the logarithm
 * at t is about ((sqrt(t) - 1) / (sqrt(t) + 1))^(2 Q).
 */
const LEGENDRE = [
  [0.148874338981631, 0.295524224714753],
  [0.433395394129247, 0.269266719309996],
  [0.679409568299024, 0.219086362515982],
  [0.865063366688985, 0.149451349150581],
  [0.973906528517172, 0.066671344308688],
] as const;
const places = LEGENDRE.flatMap(([x]) => [(1 - x) / 2, (1 + x) / 2]);
const weights = LEGENDRE.flatMap(([, w]) => [w / 2, w / 2]);
const POINTS = places.length;
/** Keeps 0 / 0 away once the residual is 0. */
const TINY = 1e-30;

/** An estimate, with the value and the gradient of log det on average: [B, 1], nats. */
export function logDetEstimate(graph: Graph, times: (v: Node) => Node, signs: Node, steps = LANCZOS_STEPS): Node {
  const { solution, diagonal, besides } = conjugateGradients(times, signs, steps);
  const value = scale(logOfFirst(graph, diagonal, besides), signs.cols);
  const slope = rowDot(times(signs), detach(solution));
  return add(detach(value), sub(slope, detach(slope)));
}

/** H^-1 v nearly, and the Lanczos matrix of H from v: K entries of the diagonal, K - 1 squares of those beside it, [B, 1]. */
function conjugateGradients(times: (v: Node) => Node, v: Node, steps: number) {
  const over = (a: Node, b: Node): Node => mul(a, reciprocal(affine(b, 1, TINY)));
  let [residual, direction] = [v, v];
  let squares = squaredNorm(residual);
  let solution: Node | undefined;
  let coupling: Node | undefined; // beta_j-1 / alpha_j-1
  const [diagonal, besides]: Node[][] = [[], []];
  for (let j = 0; j < steps; j++) {
    const image = times(direction);
    const curvature = rowDot(direction, image);
    const alpha = over(squares, curvature);
    const inverse = over(curvature, squares); // 1 / alpha
    diagonal.push(coupling ? add(inverse, coupling) : inverse);
    const move = mul(direction, alpha);
    solution = solution ? add(solution, move) : move;
    if (j + 1 === steps) break;
    residual = sub(residual, mul(image, alpha));
    const next = squaredNorm(residual);
    const beta = over(next, squares);
    coupling = mul(beta, inverse);
    besides.push(mul(coupling, inverse));
    direction = add(residual, mul(direction, beta));
    squares = next;
  }
  return { solution: solution!, diagonal, besides };
}

/** e_1^T log(T) e_1 = log T_11 + sum_q w_q / s_q (1 - [((1 - s_q) I + s_q T / T_11)^-1]_11): [B, 1] */
function logOfFirst(graph: Graph, diagonal: readonly Node[], besides: readonly Node[]): Node {
  const row = (numbers: readonly number[]): Node =>
    numbers.map((v) => graph.constant(v)).reduce((a, b) => concat(a, b)); // [1, Q]
  const s = row(places);
  const rest = row(places.map((v) => 1 - v));
  const unit = reciprocal(diagonal[0]);
  const shifted = (j: number): Node => add(mul(mul(diagonal[j], unit), s), broadcast(rest, "B", POINTS)); // [B, Q]
  let pivot = shifted(diagonal.length - 1);
  for (let j = diagonal.length - 2; j >= 0; j--) {
    const coupling = mul(mul(besides[j], mul(unit, unit)), row(places.map((v) => v * v)));
    pivot = sub(shifted(j), mul(coupling, reciprocal(pivot)));
  }
  const shares = broadcast(row(places.map((v, q) => weights[q] / v)), "B", POINTS);
  const sum = rowDot(shares, affine(reciprocal(pivot), -1, 1));
  return add(log(diagonal[0]), sum);
}
