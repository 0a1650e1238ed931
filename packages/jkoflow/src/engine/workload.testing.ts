/** The workload W of the engine's tests and benchmarks: one training step of one JKO-iFlow block, Hutchinson divergence. */
import {
  add,
  createGraph,
  createProgram,
  matmul,
  type Node,
  type Program,
  rowDot,
  scale,
  softplus,
  squaredNorm,
  sub,
  vjp,
} from "../graph/index.ts";

export interface WorkloadSize {
  readonly d: number;
  readonly H: number;
  readonly steps?: number;
  readonly h?: number;
}

/** Parameters W1, w1t, b1, W2, b2, W3, b3; inputs x, eps; classical RK4 with `steps` sub-steps. */
export function workload({ d, H, steps = 3, h = 1 }: WorkloadSize): Program {
  const g = createGraph();
  const [x0, eps] = [g.rows("x", d), g.rows("eps", d)];
  const W1 = g.parameter("W1", d, H);
  const w1t = g.parameter("w1t", 1, H);
  const b1 = g.parameter("b1", 1, H);
  const W2 = g.parameter("W2", H, H);
  const b2 = g.parameter("b2", 1, H);
  const W3 = g.parameter("W3", H, d);
  const b3 = g.parameter("b3", 1, d);
  const velocity = (x: Node, t: number): Node => {
    const h1 = softplus(add(matmul(x, W1), add(b1, scale(w1t, t))));
    const h2 = softplus(add(matmul(h1, W2), b2));
    return add(matmul(h2, W3), b3);
  };
  const field = (x: Node, t: number): [Node, Node] => {
    const v = velocity(x, t);
    const [g] = vjp([[v, eps]], [x]);
    return [v, rowDot(eps, g)];
  };
  const dt = 1 / steps;
  let x: Node = x0;
  let logDet: Node | undefined;
  for (let i = 0; i < steps; i++) {
    const t = i * dt;
    const [k1, d1] = field(x, t);
    const [k2, d2] = field(add(x, scale(k1, dt / 2)), t + dt / 2);
    const [k3, d3] = field(add(x, scale(k2, dt / 2)), t + dt / 2);
    const [k4, d4] = field(add(x, scale(k3, dt)), t + dt);
    const combine = (a: Node, b: Node, c: Node, e: Node) => scale(add(add(a, scale(add(b, c), 2)), e), dt / 6);
    x = add(x, combine(k1, k2, k3, k4));
    const part = combine(d1, d2, d3, d4);
    logDet = logDet ? add(logDet, part) : part;
  }
  const transport = scale(squaredNorm(sub(x, x0)), 1 / (2 * h));
  const loss = add(sub(scale(squaredNorm(x), 1 / 2), logDet!), transport);
  return createProgram({ name: "W", parameters: [W1, w1t, b1, W2, b2, W3, b3], loss });
}
