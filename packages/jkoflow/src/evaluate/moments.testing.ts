/** The mean [d] and the covariance [d, d] of rows [n, d], for tests. */
export const momentsOf = (rows: ArrayLike<number>, d: number): { mean: number[]; covariance: number[] } => {
  const n = rows.length / d;
  const mean = Array.from({ length: d }, (_, j) => {
    let total = 0;
    for (let i = 0; i < n; i++) total += rows[i * d + j] / n;
    return total;
  });
  const covariance = Array.from({ length: d * d }, (_, at) => {
    const [j, k] = [Math.floor(at / d), at % d];
    let total = 0;
    for (let i = 0; i < n; i++) total += ((rows[i * d + j] - mean[j]) * (rows[i * d + k] - mean[k])) / n;
    return total;
  });
  return { mean, covariance };
};
