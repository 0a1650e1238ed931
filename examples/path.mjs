/** Writes path.csv: a path of dx = -1.5 (x - 1) dt + dW at 2,001 times, 0.1 apart. Its steady state is N(1, 1/3). */
import { writeFileSync } from "node:fs";
import { createKey, random } from "jkoflow";

const z = random.normal(createKey("path"), 2001);
const keep = Math.exp(-1.5 * 0.1); // what is left after 0.1
let x = 1 + z[0] * Math.sqrt(1 / 3);
const lines = Array.from(z, (draw, k) => {
  if (k > 0) x = 1 + keep * (x - 1) + draw * Math.sqrt((1 - keep ** 2) / 3);
  return String(x);
});
writeFileSync("path.csv", ["x", ...lines, ""].join("\n"));
