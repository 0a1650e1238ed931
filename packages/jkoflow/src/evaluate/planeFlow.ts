/**
 * The Fokker-Planck equation d rho/dt = div(grad rho + rho grad V) in the plane, on a grid: the flow of KL(rho | e^-V / Z) for
 * any V, to a few digits, as a standard for learned flows.
 *
 * Finite volumes on [-r, r]^2, no flow through the edge. Between neighbours at a distance s, with the masses u and V = -log q at
 * their centres (D. Scharfetter, H. Gummel, IEEE Trans. Electron Devices 16 (1969), 64-77; with it J. Chang, G. Cooper,
 * J. Comput. Phys. 6 (1970), 1-16):
 *
 *   from i to j:  (B(V_j - V_i) u_i - B(V_i - V_j) u_j) / s^2,     B(z) = z / (e^z - 1)
 *
 * B(z) / B(-z) = e^-z: masses stay above 0, their sum stays, and e^-V is at rest exactly. Time: half a step along x, one along
 * y, half a step along x (G. Strang, SIAM J. Numer. Anal. 5 (1968)), each by the L-stable method of two stages of order two
 * (R. Alexander, SIAM J. Numer. Anal. 14 (1977)), so that lines are tridiagonal systems. Errors fall as s^2 and dt^2.
 */
import type { Distribution } from "../distributions/index.ts";
import { InputError } from "../errors/index.ts";

export interface PlaneGrid {
  /** r: rows of the plane beyond are cut off. */
  readonly radius: number;
  /** Cells of a side. */
  readonly cells: number;
}

/** The density on the grid, and how far it is from the target. */
export interface PlaneState {
  /** Of each cell, sum 1: [cells, cells], x changing fastest. */
  readonly mass: Float64Array;
  /** KL(rho | q), nats; q normalised on the grid. */
  readonly kl: number;
  /** KL(rho | q) + KL(q | rho), nats. */
  readonly symKl: number;
}

/**
 * The state at a time after `steps` equal steps from `start`; densities of the plane.
 * @throws InputError for distributions that are not of the plane, and for counts that are no whole numbers above 0.
 */
export function planeFlowAt(
  start: Distribution,
  target: Distribution,
  { radius, cells: n }: PlaneGrid,
  time: number,
  steps: number,
): PlaneState {
  for (const { dimension, title } of [start, target]) {
    if (dimension !== 2)
      throw new InputError({ where: "plane flow", came: title, expected: "a density in 2 dimensions" });
  }
  for (const [where, came] of Object.entries({ cells: n, steps })) {
    if (!(Number.isInteger(came) && came > 0))
      throw new InputError({ where, came: String(came), expected: "a whole number above 0" });
  }
  const side = (2 * radius) / n;
  const place = (i: number): number => (i + 0.5) * side - radius;
  const logOf = (of: Distribution): Float64Array =>
    Float64Array.from({ length: n * n }, (_, at) => of.logDensityAt([place(at % n), place(Math.floor(at / n))]));
  const logTarget = logOf(target);
  const mass = normalised(logOf(start));
  const dt = time / steps;
  const alongX = lines(logTarget, n, { first: n, next: 1 }, dt / 2 / side ** 2);
  const alongY = lines(logTarget, n, { first: 1, next: n }, dt / side ** 2);
  for (let k = 0; k < steps; k++) {
    alongX(mass);
    alongY(mass);
    alongX(mass);
  }
  const still = normalised(logTarget);
  let [kl, back] = [0, 0];
  for (let i = 0; i < mass.length; i++) {
    if (mass[i] > 0 && still[i] > 0) {
      const log = Math.log(mass[i] / still[i]);
      kl += mass[i] * log;
      back -= still[i] * log;
    }
  }
  return { mass, kl, symKl: kl + back };
}

function normalised(logs: Float64Array): Float64Array {
  const most = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const mass = logs.map((v) => Math.exp(v - most));
  const total = mass.reduce((a, b) => a + b, 0);
  return mass.map((v) => v / total);
}

/** z / (e^z - 1) */
export const bernoulli = (z: number): number => (Math.abs(z) < 1e-9 ? 1 - z / 2 : z / Math.expm1(z));

const GAMMA = 1 - Math.SQRT1_2;

/** One step of all lines: `rate` is dt / s^2; entry i of line l stands at l * first + i * next. */
function lines(
  logTarget: Float64Array,
  n: number,
  { first, next }: { readonly first: number; readonly next: number },
  rate: number,
): (mass: Float64Array) => void {
  // (I - gamma dt A) factored once, as no diagonal needs a pivot: columns of A sum to 0.
  const [ahead, back, pivot] = [0, 1, 2].map(() => new Float64Array(n * n));
  const weight = GAMMA * rate;
  for (let line = 0; line < n; line++) {
    for (let i = 0; i < n; i++) {
      const at = line * first + i * next;
      const leaves = (to: number): number => weight * bernoulli(logTarget[at] - logTarget[to]);
      const [up, down] = [i + 1 < n ? leaves(at + next) : 0, i > 0 ? leaves(at - next) : 0];
      const before = at - next;
      // ahead: what cell i gets from i + 1; back: what it gets from i - 1.
      ahead[at] = i + 1 < n ? weight * bernoulli(logTarget[at + next] - logTarget[at]) : 0;
      back[at] = i > 0 ? weight * bernoulli(logTarget[before] - logTarget[at]) : 0;
      pivot[at] = 1 + up + down - (i > 0 ? (back[at] * ahead[before]) / pivot[before] : 0);
    }
  }
  const solve = (u: Float64Array): void => {
    for (let line = 0; line < n; line++) {
      for (let i = 1, at = line * first + next; i < n; i++, at += next)
        u[at] += (back[at] / pivot[at - next]) * u[at - next];
      let at = line * first + (n - 1) * next;
      u[at] /= pivot[at];
      for (let i = n - 2; i >= 0; i--) {
        at -= next;
        u[at] = (u[at] + ahead[at] * u[at + next]) / pivot[at];
      }
    }
  };
  const stage = new Float64Array(n * n);
  return (u) => {
    stage.set(u);
    solve(stage);
    // u + (1 - gamma) dt A stage, and gamma dt A stage = stage - u.
    for (let i = 0; i < u.length; i++) u[i] += ((1 - GAMMA) / GAMMA) * (stage[i] - u[i]);
    solve(u);
  };
}
