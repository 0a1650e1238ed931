/**
 * A two-hidden-layer field with the exact trace of its Jacobian, as a program with prologue and epilogue:
 *
 *   v(x) = s(s(x W1 + b1) W2 + b2) W3 + b3,   div v = <d2, d1 (W2 o (W3 W1)^T)>,   dl = s'(ul)
 *
 * (equation (4) of the exact divergence with A_l = W_l^T).
 */
import {
  add,
  affine,
  createGraph,
  type Graph,
  matmul,
  mul,
  type Node,
  rowDot,
  scale,
  sigmoid,
  softplus,
  square,
  squaredNorm,
  sub,
  tanh,
  transpose,
} from "./index.ts";

export interface TraceSize {
  readonly d: number;
  readonly H1: number;
  readonly H2: number;
  /** Sharpness of softplus, or tanh. */
  readonly activation: number | "tanh";
}

export interface TraceField {
  readonly graph: Graph;
  readonly x: Node;
  readonly parameters: readonly Node[];
  readonly velocity: (x: Node) => Node;
  /** [B, 1] by K = W2 o (W3 W1)^T. */
  readonly divergence: (x: Node) => Node;
}

export function traceField({ d, H1, H2, activation }: TraceSize): TraceField {
  const graph = createGraph();
  const x = graph.rows("x", d);
  const [W1, b1] = [graph.parameter("W1", d, H1), graph.parameter("b1", 1, H1)];
  const [W2, b2] = [graph.parameter("W2", H1, H2), graph.parameter("b2", 1, H2)];
  const [W3, b3] = [graph.parameter("W3", H2, d), graph.parameter("b3", 1, d)];
  const s = (u: Node): Node => (activation === "tanh" ? tanh(u) : softplus(u, activation));
  const slope = (u: Node): Node => (activation === "tanh" ? affine(square(tanh(u)), -1, 1) : sigmoid(u, activation));
  const u1 = (y: Node): Node => add(matmul(y, W1), b1);
  const u2 = (y: Node): Node => add(matmul(s(u1(y)), W2), b2);
  const K = graph.label(mul(W2, transpose(matmul(W3, W1))), "K");
  return {
    graph,
    x,
    parameters: [W1, b1, W2, b2, W3, b3],
    velocity: (y) => add(matmul(s(u2(y)), W3), b3),
    divergence: (y) => rowDot(slope(u2(y)), matmul(slope(u1(y)), K)),
  };
}

/** Classical Runge-Kutta for (x, integral of the divergence) over [0, 1]. */
export function solve(
  field: Pick<TraceField, "velocity" | "divergence">,
  x0: Node,
  steps: number,
): { x: Node; integral: Node } {
  const dt = 1 / steps;
  let x = x0;
  let integral: Node | undefined;
  for (let i = 0; i < steps; i++) {
    const points = [x];
    for (const c of [1 / 2, 1 / 2, 1]) points.push(add(x, scale(field.velocity(points[points.length - 1]), c * dt)));
    const average = (f: (y: Node) => Node): Node => {
      const [k1, k2, k3, k4] = points.map(f);
      return scale(add(add(k1, scale(add(k2, k3), 2)), k4), dt / 6);
    };
    const part = average(field.divergence);
    integral = integral === undefined ? part : add(integral, part);
    x = add(x, average(field.velocity));
  }
  return { x, integral: integral! };
}

/** |x(1)|^2/2 - integral of div + |x(1) - x(0)|^2/2 per row. */
export function traceLoss(field: TraceField, steps: number): Node {
  const { x, integral } = solve(field, field.x, steps);
  return add(sub(scale(squaredNorm(x), 1 / 2), integral), scale(squaredNorm(sub(x, field.x)), 1 / 2));
}
