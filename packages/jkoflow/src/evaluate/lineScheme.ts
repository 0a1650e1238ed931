/**
 * Exact steps of the scheme on the line, to the precision of a grid that moves with the mass: what a learned map should find.
 *
 *   rho' = argmin F(rho) + W_2^2(rho, rho_0) / (2 h)
 *
 * On the line the optimal map keeps the order, so that with cells of fixed mass c_i and ends x_0 < x_1 < ... (lineEnergy.ts)
 * it is linear in each cell, and with the displacements p, q of a cell's ends W_2^2 = sum_i c_i (p^2 + p q + q^2) / 3.
 * Newton's method, its step halved until the order is kept and the value falls by a share of what the slope promises
 * (L. Armijo, Pacific J. Math. 16 (1966)). The objective is convex for convex V, convex f with McCann's condition, and W that
 * is convex on each side of 0. These variables are those of L. Gosse, G. Toscani, "Lagrangian numerical approximations to
 * one-dimensional convolution-diffusion equations", SIAM J. Sci. Comput. 28 (2006), 1203-1227.
 */
import { InputError, NumericError } from "../errors/index.ts";
import { cholesky, solveCholesky } from "./linalg.ts";
import { type LineFunctional, type LineHessian, lineEnergy } from "./lineEnergy.ts";

/** A density that is constant in cells: masses [n], sum 1, and the ends of cells [n + 1], rising. */
export interface LineState {
  readonly mass: Float64Array;
  readonly nodes: Float64Array;
}

export interface LineStep extends LineState {
  /** F after the step. */
  readonly energy: number;
  /** W_2^2 from the state before. */
  readonly moved: number;
}

const MOST_ITERATIONS = 200;
/** Newton's decrement at the end, as a share of the value. */
const DECREMENT = 1e-12;

/** One step of size h. @throws InputError for a state without order or mass, NumericError where Newton's method does not end. */
export function lineStep(functional: LineFunctional, from: LineState, h: number): LineStep {
  check(from, h);
  const { mass, nodes: before } = from;
  const objective = (nodes: Float64Array) => {
    const energy = lineEnergy(functional, mass, nodes);
    const moved = addMoved(energy, mass, before, nodes, h);
    return { ...energy, total: energy.value + moved / (2 * h), moved };
  };
  let nodes = before;
  let now = objective(nodes);
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    const direction = solveLine(now.hessian, now.gradient);
    const decrement = direction.reduce((sum, v, k) => sum + v * now.gradient[k], 0);
    // The value itself cannot tell smaller changes from rounding; one plain step more, which squares the error.
    if (decrement <= DECREMENT * (1 + Math.abs(now.total))) {
      const last = nodes.map((x, k) => x - direction[k]);
      const end = rising(last) ? last : nodes;
      const { value, moved } = objective(end);
      return { mass, nodes: end, energy: value, moved };
    }
    let step = 1;
    for (; ; step /= 2) {
      if (step < 1e-12)
        throw new NumericError(`a step on the line stopped at a decrement of ${decrement.toExponential(1)}`);
      const trial = nodes.map((x, k) => x - step * direction[k]);
      if (!rising(trial)) continue;
      const next = objective(trial);
      if (!(next.total <= now.total - 1e-4 * step * decrement)) continue;
      [nodes, now] = [trial, next];
      break;
    }
  }
  throw new NumericError(`a step on the line did not settle in ${MOST_ITERATIONS} iterations`);
}

/** The states after 1, 2, ..., `steps` steps. */
export function lineSteps(functional: LineFunctional, from: LineState, h: number, steps: number): LineStep[] {
  const out: LineStep[] = [];
  for (let k = 0; k < steps; k++) out.push(lineStep(functional, out[k - 1] ?? from, h));
  return out;
}

/** F of a state. */
export const lineEnergyOf = (functional: LineFunctional, { mass, nodes }: LineState): number =>
  lineEnergy(functional, mass, nodes).value;

/** int x^power rho of a state, power 1 or 2. */
export function lineMoment({ mass, nodes }: LineState, power: 1 | 2): number {
  return mass.reduce((sum, c, i) => {
    const [a, b] = [nodes[i], nodes[i + 1]];
    return sum + c * (power === 1 ? (a + b) / 2 : (a * a + a * b + b * b) / 3);
  }, 0);
}

/** Adds the pull towards `before` to gradient and Hessian; gives W_2^2. */
export function addMoved(
  { gradient, hessian: { diagonal, beside } }: { readonly gradient: Float64Array; readonly hessian: LineHessian },
  mass: Float64Array,
  before: Float64Array,
  nodes: Float64Array,
  h: number,
): number {
  let moved = 0;
  for (let i = 0; i < mass.length; i++) {
    const [p, q] = [nodes[i] - before[i], nodes[i + 1] - before[i + 1]];
    const share = mass[i] / (6 * h);
    moved += (mass[i] * (p * p + p * q + q * q)) / 3;
    gradient[i] += share * (2 * p + q);
    gradient[i + 1] += share * (p + 2 * q);
    diagonal[i] += 2 * share;
    diagonal[i + 1] += 2 * share;
    beside[i] += share;
  }
  return moved;
}

const rising = (nodes: Float64Array): boolean => nodes.every((x, k) => k === 0 || x > nodes[k - 1]);

function check({ mass, nodes }: LineState, h: number): void {
  const fail = (came: string, expected: string): never => {
    throw new InputError({ where: "a step on the line", came, expected });
  };
  if (!(h > 0)) fail(`h = ${h}`, "a step size above 0");
  if (nodes.length !== mass.length + 1) fail(`${mass.length} masses, ${nodes.length} nodes`, "one node more");
  if (!mass.every((c) => c > 0)) fail("a mass that is not above 0", "masses above 0");
  if (!rising(nodes)) fail("nodes out of order", "rising ones");
}

/** H^-1 g. @throws NumericError where H is not positive definite: the objective is not convex there. */
export function solveLine({ diagonal, beside, full }: LineHessian, g: Float64Array): Float64Array {
  const n = g.length;
  const x = Float64Array.from(g);
  const notConvex = (): never => {
    throw new NumericError("the objective on the line is not convex where the step is sought: take a smaller h");
  };
  if (full) {
    const whole = Float64Array.from(full);
    for (let k = 0; k < n; k++) {
      whole[k * n + k] += diagonal[k];
      if (k + 1 < n) {
        whole[k * n + k + 1] += beside[k];
        whole[(k + 1) * n + k] += beside[k];
      }
    }
    const factor = cholesky(whole, n);
    if (factor === undefined) return notConvex();
    solveCholesky(factor, n, x);
    return x;
  }
  const pivot = Float64Array.from(diagonal);
  for (let k = 1; k < n; k++) {
    const factor = beside[k - 1] / pivot[k - 1];
    pivot[k] -= factor * beside[k - 1];
    x[k] -= factor * x[k - 1];
  }
  if (!pivot.every((v) => v > 0)) return notConvex();
  x[n - 1] /= pivot[n - 1];
  for (let k = n - 2; k >= 0; k--) x[k] = (x[k] - beside[k] * x[k + 1]) / pivot[k];
  return x;
}
