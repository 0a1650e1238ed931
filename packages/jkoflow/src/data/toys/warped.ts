/** Toys that are a smooth map of a Gaussian: funnel and banana. */
import { exp } from "../../random/index.ts";
import { sampleNoise } from "./mixture.ts";
import type { Toy } from "./toy.ts";

const LOG_2_PI = Math.log(2 * Math.PI);

/**
 * Neal's funnel in two dimensions (R. Neal, Ann. Statist. 31 (2003), 705-767, section 8): y ~ N(0, 3^2),
 * x ~ N(0, exp(y)). Entropy 1 + ln(2 pi) + ln 3 = 3.936 nats.
 */
export const funnel: Toy = {
  name: "funnel",
  title: "Funnel",
  dimension: 2,
  sample: (key, n) => {
    const z = sampleNoise(key, n);
    for (let i = 0; i < n; i++) {
      z[2 * i + 1] *= 3;
      z[2 * i] *= exp(z[2 * i + 1] / 2);
    }
    return Float32Array.from(z);
  },
  logDensity: (x, y) => -0.5 * ((y * y) / 9 + x * x * Math.exp(-y) + y) - Math.log(3) - LOG_2_PI,
};

/**
 * A bent Gaussian (after H. Haario, E. Saksman, J. Tamminen, Comput. Statist. 14 (1999), 375-395): x ~ N(0, 1.5^2),
 * y = x^2 / 2 - 9/8 + e, e ~ N(0, 0.5^2). Entropy 1 + ln(2 pi) + ln 0.75 = 2.550 nats.
 */
export const banana: Toy = {
  name: "banana",
  title: "Banana",
  dimension: 2,
  sample: (key, n) => {
    const z = sampleNoise(key, n);
    for (let i = 0; i < n; i++) {
      const x = 1.5 * z[2 * i];
      z[2 * i] = x;
      z[2 * i + 1] = 0.5 * x * x - 1.125 + 0.5 * z[2 * i + 1];
    }
    return Float32Array.from(z);
  },
  logDensity: (x, y) => {
    const a = x / 1.5;
    const b = (y - 0.5 * x * x + 1.125) / 0.5;
    return -0.5 * (a * a + b * b) - Math.log(0.75) - LOG_2_PI;
  },
};
