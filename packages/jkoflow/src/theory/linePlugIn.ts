/**
 * Laws on the line for a potential theta U(x) whose factor was estimated, in cells of fixed mass (evaluate/lineScheme.ts), with the derivative
 * of every end of a cell by theta: the condition of a step, grad F(x') + D (x' - x) / h = 0 with D of the squared distance, is
 * differentiated, so that one more tridiagonal system gives it:
 *
 *   (Hess F(x') + D / h) dx' = (D / h) dx - grad (d_theta F)(x'),     dx = 0 at the start
 */
import { type LineFunctional, lineEnergy, type Smooth } from "../evaluate/lineEnergy.ts";
import { addMoved, type LineState, lineMoment, lineStep, solveLine } from "../evaluate/lineScheme.ts";

/** A state with the derivative of the ends of its cells. */
export interface LineSensitivity {
  readonly state: LineState;
  /** By theta: [n + 1] */
  readonly slope: Float64Array;
}

/** The potential theta U and the other terms of F. */
export interface ScaledPotential {
  readonly factor: number;
  readonly potential: Smooth;
  readonly others?: Omit<LineFunctional, "potential">;
}

/**
 * After so many steps of size h. @throws InputError and NumericError as steps on the line do.
 *
 * @example
 * ```ts
 * import { type LineSensitivity, lineSensitivity, type MomentSlopes, momentSlopes, type ScaledPotential } from "jkoflow/theory";
 *
 * const potential = { at: (x: number) => (x * x) / 2, slope: (x: number) => x, curvature: () => 1 };
 * const cells = { mass: Float64Array.of(0.5, 0.5), nodes: Float64Array.of(-1, 0.5, 2) };
 * const pulled: ScaledPotential = { factor: 1, potential };
 * const end: LineSensitivity = lineSensitivity(pulled, cells, 0.1, 1);
 * console.log(end.state.nodes[2].toFixed(4), end.slope[2].toFixed(4)); // 1.8182 -0.1653
 * const slopes: MomentSlopes = momentSlopes(end);
 * console.log(slopes.meanByFactor < 0); // true
 * ```
 */
export function lineSensitivity(
  { factor, potential, others = {} }: ScaledPotential,
  start: LineState,
  h: number,
  steps: number,
): LineSensitivity {
  const scaled: Smooth = {
    at: (x) => factor * potential.at(x),
    slope: (x) => factor * potential.slope(x),
    curvature: (x) => factor * potential.curvature(x),
  };
  const functional = { ...others, potential: scaled };
  let state = start;
  let slope: Float64Array = new Float64Array(start.nodes.length);
  for (let k = 0; k < steps; k++) {
    const next = lineStep(functional, state, h);
    const { hessian, gradient } = lineEnergy(functional, next.mass, next.nodes);
    const pull = { gradient: new Float64Array(slope.length), hessian: empty(slope.length) };
    addMoved(pull, next.mass, state.nodes, next.nodes, h);
    const byFactor = lineEnergy({ potential }, next.mass, next.nodes).gradient;
    const right = times(pull.hessian, slope).map((v, i) => v - byFactor[i]);
    addMoved({ gradient, hessian }, next.mass, state.nodes, next.nodes, h);
    slope = solveLine(hessian, right);
    state = { mass: next.mass, nodes: next.nodes };
  }
  return { state, slope };
}

/** Mean and variance of a state, and their derivatives by the factor. */
export interface MomentSlopes {
  readonly mean: number;
  readonly variance: number;
  readonly meanByFactor: number;
  readonly varianceByFactor: number;
}

/** Of a law on the line. For an example see `lineSensitivity`. */
export function momentSlopes({ state, slope }: LineSensitivity): MomentSlopes {
  const { mass, nodes } = state;
  const [first, second] = [lineMoment(state, 1), lineMoment(state, 2)];
  let [mean, square] = [0, 0];
  mass.forEach((c, i) => {
    const [a, b, da, db] = [nodes[i], nodes[i + 1], slope[i], slope[i + 1]];
    mean += (c * (da + db)) / 2;
    square += (c * (2 * a * da + a * db + b * da + 2 * b * db)) / 3;
  });
  return {
    mean: first,
    variance: second - first ** 2,
    meanByFactor: mean,
    varianceByFactor: square - 2 * first * mean,
  };
}

const empty = (n: number) => ({ diagonal: new Float64Array(n), beside: new Float64Array(n - 1) });

function times({ diagonal, beside }: ReturnType<typeof empty>, x: Float64Array): Float64Array {
  return x.map(
    (v, i) => diagonal[i] * v + (i > 0 ? beside[i - 1] * x[i - 1] : 0) + (i + 1 < x.length ? beside[i] * x[i + 1] : 0),
  );
}
