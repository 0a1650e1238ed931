import { jkoIflow } from "./jkoIflow.ts";
import type { System } from "./system.ts";

export { type FitOptions, fit } from "./fit.ts";
export { jkoIflow } from "./jkoIflow.ts";
export type { JkoIflowSettings } from "./jkoIflowSettings.ts";
export { checkSettings } from "./settings.ts";
export {
  checkConditions,
  type Effort,
  type Problem,
  type Purpose,
  type Setting,
  type Settings,
  type System,
  type Trained,
  type TrainingEvent,
  type TrainingState,
  type Wish,
} from "./system.ts";

/** All systems by name. */
export const systems: Readonly<Record<string, System>> = { [jkoIflow.name]: jkoIflow as unknown as System };
