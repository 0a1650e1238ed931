/** Settings as they are declared: kinds, defaults, sentences, checks. */

export { but, checkSettings, type Declaration, defaultsOf, type Setting, type SettingsOf, setting } from "./declare.ts";
export {
  type Effort,
  efforts,
  longTraining,
  PLANE,
  type Purpose,
  purposes,
  SMALL_TABLE,
  withEffort,
} from "./effort.ts";
export {
  above,
  alphaTriple,
  atLeast,
  decay,
  type Kind,
  oneOf,
  orNull,
  pairList,
  type Settings,
  type SettingValue,
  share,
  someOf,
  stepSizeList,
  whole,
  wholeList,
} from "./kinds.ts";
export { parseSetting } from "./parse.ts";
export { acceptance, movementRatio, network, schedule, standardization, training } from "./training.ts";
