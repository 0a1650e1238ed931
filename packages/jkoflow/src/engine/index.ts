export { createEngine, type EngineOptions } from "./createEngine.ts";
export {
  type Batch,
  type Engine,
  type Executable,
  isTable,
  type OptimiserStep,
  type ParameterState,
  type Parameters,
  type RowSource,
  type Table,
  type Values,
} from "./engine.ts";
export { createReferenceEngine } from "./reference.ts";
