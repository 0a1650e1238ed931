import { ffjord, rnode } from "./ffjord.ts";
import { jkoIflow } from "./jkoIflow.ts";
import { otFlow } from "./otFlow.ts";
import type { System } from "./system.ts";

export type { EvolutionState, StepReport } from "../jko/index.ts";
export type { Effort, Purpose, Settings } from "../settings/index.ts";
export type {
  Equation,
  EvolutionEvent,
  EvolutionProblem,
  EvolutionSystem,
  EvolutionTraining,
  Evolved,
  ExactFlow,
} from "./evolution.ts";
export {
  type AnyEvolutionSystem,
  checkEvolutionSettings,
  evolutionSystems,
  type MapConfig,
  systemFor,
} from "./evolutionSystems.ts";
export { chainOf, type Evolution, type EvolveOptions, evolve } from "./evolve.ts";
export { ffjord, rnode } from "./ffjord.ts";
export type { FfjordSettings } from "./ffjordSettings.ts";
export { type FitOptions, type FitResult, fit } from "./fit.ts";
export { jkoIcnn } from "./jkoIcnn.ts";
export { jkoIflow } from "./jkoIflow.ts";
export type { JkoIflowSettings } from "./jkoIflowSettings.ts";
export { landau } from "./landau.ts";
export { neuralJkoIc } from "./neuralJkoIc.ts";
export type {
  FoundStart,
  NeuralJkoIcEvent,
  NeuralJkoIcResult,
  NeuralJkoIcRun,
  NeuralJkoIcState,
  SamplerReport,
} from "./neuralJkoIcRun.ts";
export type { NeuralJkoIcSettings } from "./neuralJkoIcSettings.ts";
export { type OtFlowSettings, otFlow } from "./otFlow.ts";
export { startTraining, type Training, type TrainingOptions } from "./startTraining.ts";
export type { System, Trained, TrainingEvent, TrainingState, Wish } from "./system.ts";
export { type SmcEvent, type SmcResult, type SmcRun, type SmcRunState, temperedSmc } from "./temperedSmc.ts";
export { variational } from "./variational.ts";

/**
 * All systems by name; adding one here is enough to have it in the command and tested.
 *
 * @example
 * ```ts
 * import { systems } from "jkoflow";
 *
 * console.log(Object.keys(systems)); // [ 'jko-iflow', 'ot-flow', 'ffjord', 'rnode' ]
 * console.log(systems.ffjord.settings.updates);
 * ```
 */
export const systems: Readonly<Record<string, System>> = Object.fromEntries(
  [jkoIflow, otFlow, ffjord, rnode].map((system) => [system.name, system]),
);
