/** Bounds for counts of random events, so that a test fails by luck with a stated chance. */

/** ln P(X = k), X ~ Binomial(n, p). */
function logMass(k: number, n: number, p: number): number {
  let sum = k * Math.log(p) + (n - k) * Math.log1p(-p);
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}

/** [low, high] such that Binomial(n, p) lies below low, and above high, each with a chance below `tail`. */
export function binomialRange(n: number, p: number, tail: number): readonly [number, number] {
  const mass = Array.from({ length: n + 1 }, (_, k) => Math.exp(logMass(k, n, p)));
  let [low, high] = [0, n];
  for (let sum = mass[0]; sum < tail; sum += mass[++low]);
  for (let sum = mass[n]; sum < tail; sum += mass[--high]);
  return [low, high];
}

/** Phi(x), by the series of its integral; absolute error below 1e-12. */
export function normalCdf(x: number): number {
  if (Math.abs(x) > 7) return x > 0 ? 1 : 0;
  let [term, sum] = [x, x];
  for (let k = 1; Math.abs(term) > 1e-17; k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/**
 * The chance with which the best test of level 0.05 that knows the direction finds a shift of length delta between n rows
 * of N(0, I) and m of N(delta e, I); no test of that level finds it more often (Neyman and Pearson).
 */
export const bestPower = (delta: number, n: number, m: number): number =>
  normalCdf(delta * Math.sqrt((n * m) / (n + m)) - 1.6448536269514722);
