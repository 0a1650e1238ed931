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
