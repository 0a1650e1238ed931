/**
 * The collision kernel of the homogeneous Landau equation for a density f of velocities v in 2 or 3 dimensions:
 *
 *   df/dt = div[ f(v) int A(v - w) (grad log f(v) - grad log f(w)) f(w) dw ],     A(z) = C |z|^gamma (|z|^2 I - z z^T)
 *
 * (L. Landau 1936; C. Villani, "On a new class of weak solutions to the spatially homogeneous Boltzmann and Landau equations",
 * Arch. Rational Mech. Anal. 143 (1998)). gamma = 0: Maxwell molecules; gamma = -3: Coulomb. A(z) z = 0, so that mass, momentum and
 * energy are kept, and H = int f log f never rises: dH/dt = -(1/2) iint |s(v) - s(w)|_A(v-w)^2 f f, s = grad log f.
 */
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/errors.ts";
import { exp, log } from "../random/index.ts";

/** gamma and C of A. */
export interface Collisions {
  readonly gamma: number;
  readonly constant: number;
}

/** What is computed with. */
export interface CollisionKernel extends Collisions {
  /** Least |z| in |z|^gamma of two particles, for gamma < 0; below it the kernel is C separation^gamma (|z|^2 I - z z^T). */
  readonly separation: number;
}

/** Dimensions in which there is an equation of this form, and determinants are taken exactly. */
export type VelocityDimension = 2 | 3;

/** @throws InputError for a kernel without a meaning. */
export function checkKernel({ gamma, constant, separation }: CollisionKernel): void {
  const fail = (place: string, came: unknown, expected: string): never => {
    throw new InputError({ where: "collisions", place, came: cameOf(came), expected });
  };
  if (!(Number.isFinite(gamma) && gamma >= -4 && gamma <= 1)) {
    fail(
      "gamma",
      gamma,
      "a power from -4 to 1: 0 is that of Maxwell molecules, -3 of Coulomb's force, 1 of hard spheres",
    );
  }
  if (!(Number.isFinite(constant) && constant > 0)) fail("constant", constant, "C above 0");
  if (!(Number.isFinite(separation) && separation > 0)) fail("separation", separation, "a distance above 0");
}

/** @throws InputError for other dimensions. */
export function checkVelocities(d: number): VelocityDimension {
  if (d === 2 || d === 3) return d;
  throw new InputError({
    where: "collisions",
    came: `${d} column${d === 1 ? "" : "s"}`,
    expected: "2 or 3, those of a velocity",
  });
}

/** |z|^gamma of |z|^2, by roots where there is one: the same bits everywhere. */
export function powerOf(gamma: number, squares: number): number {
  switch (gamma) {
    case 0:
      return 1;
    case 1:
      return Math.sqrt(squares);
    case -1:
      return 1 / Math.sqrt(squares);
    case -2:
      return 1 / squares;
    case -3:
      return 1 / (squares * Math.sqrt(squares));
    default:
      return exp((gamma / 2) * log(squares));
  }
}
