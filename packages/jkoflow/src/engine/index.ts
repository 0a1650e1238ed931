/**
 * Engines: where programs run.
 *
 * @example
 * ```ts
 * import { createReferenceEngine, isTable } from "jkoflow/engine";
 *
 * const engine = createReferenceEngine(); // float64, in plain TypeScript: what the kernels are measured against
 * const table = engine.table(2, 1, Float32Array.of(1, 2));
 * console.log(engine.kind, isTable(table), isTable({ table, from: 1 })); // reference true false
 * ```
 */

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
