/**
 * Steady states in closed form, in the order: what the least F is, and where.
 *
 *   nonlinear Fokker-Planck  F = int rho^2 + int c x^2 rho on the line; rho = (C - c x^2 / 2)_+, 1 = (4/3) C sqrt(2 C / c),
 *                            F = (6/5) C. (The stationary point of rho^2 + V is 2 rho + V = 2 C.)
 *   aggregation              F = 1/2 int int W, W = x^2/2 - log |x| on the line: the semicircle sqrt(2 - x^2) / pi (E. Wigner,
 *                            Ann. Math. 62, 1955), F = 3/8 + ln(2)/4. In the plane: uniform on the unit disk, F = 3/8.
 *   ring                     W = r^4/4 - r^2/2 in the plane from a radial start: the circle of radius 1/sqrt(3), F = -1/12.
 *                            Any law on it with zero mean and equal variances has that energy.
 *
 * n particles on the line have less energy than the semicircle (they sit at the zeros of Hermite polynomials):
 *   F_n = (n - 1)/(4 n) (1 + ln 2 + ln n) - sum_j j ln j / (2 n^2), about F - ln(n) / (2 n)
 */

/** Density constant C, radius of the support and least F for V = c x^2, c > 0. */
export function parabolaState(c: number): {
  readonly constant: number;
  readonly radius: number;
  readonly energy: number;
} {
  const constant = ((3 / 4) * Math.sqrt(c / 2)) ** (2 / 3);
  return { constant, radius: Math.sqrt((2 * constant) / c), energy: (6 / 5) * constant };
}

export const aggregationStates = {
  /** Nats of F; W = x^2/2 - log |x|. */
  line: 3 / 8 + Math.log(2) / 4,
  /** The same W in the plane. */
  disk: 3 / 8,
  /** W = r^4/4 - r^2/2. */
  ring: -1 / 12,
  /** Of the ring. */
  ringRadius: 1 / Math.sqrt(3),
} as const;

/** Least F of n particles on the line, self-interaction left out: (1 / (2 n^2)) sum_{i != j} W(x_i - x_j). */
export function particleEnergy(n: number): number {
  let sum = 0;
  for (let j = 1; j <= n; j++) sum += j * Math.log(j);
  return ((n - 1) / (4 * n)) * (1 + Math.log(2) + Math.log(n)) - sum / (2 * n * n);
}
