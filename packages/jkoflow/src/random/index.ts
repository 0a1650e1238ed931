/**
 * Draws by key, and elementary functions with the same bits everywhere.
 *
 * @example
 * ```ts
 * import { createKey, rademacher, uniform, uniform32, uniformAt } from "jkoflow/random";
 *
 * const key = createKey("draws");
 * console.log(uniform(key, 3).every((u) => u > 0 && u < 1), uniform32(key, 3)[0] === Math.fround(uniformAt(key, 0)));
 * console.log(rademacher(key, 1000).every((s) => s === 1 || s === -1)); // true
 * ```
 *
 * @example
 * ```ts
 * import { createKey, fillNormal, fillRademacher, fillUniform, normal, normalAt } from "jkoflow/random";
 *
 * const key = createKey(0);
 * const out = new Float32Array(2);
 * fillNormal(key, 3, out); // draws 3 and 4
 * console.log(out[0] === normal(key, 5)[3], out[0] === Math.fround(normalAt(key, 3))); // true true
 * fillUniform(key, 0, out);
 * fillRademacher(key, 0, out);
 * console.log(out.length); // 2
 * ```
 *
 * @example
 * ```ts
 * import { categorical, createKey } from "jkoflow/random";
 *
 * console.log(categorical(createKey(0), 1000, [0, 1, 3]).filter((k) => k === 2).length); // 759
 * ```
 *
 * @example
 * ```ts
 * import { createKey, integers, rademacher, rademacherAt } from "jkoflow/random";
 *
 * const key = createKey(1);
 * console.log(rademacherAt(key, 4) === rademacher(key, 5)[4]); // true
 * console.log(integers(key, 100, 2, 4).every((k) => k === 2 || k === 3)); // true
 * ```
 */

export {
  categorical,
  fillNormal,
  fillRademacher,
  fillUniform,
  halfLog2Pi,
  integers,
  normal,
  normalAt,
  permutation,
  rademacher,
  rademacherAt,
  uniform,
  uniform32,
  uniformAt,
} from "./distributions.ts";
export { cos, cosTurns, exp, expm1, log, log1p, power, sin, sinTurns } from "./elementary.ts";
export { createKey, fold, type Key, split } from "./key.ts";
export { threefry2x32 } from "./threefry.ts";
export { createWords, drawBelow } from "./words.ts";
