/** What every executor offers: resident tables and parameters, and programs that run on them. */
import type { Program } from "../graph/index.ts";

/** Rows kept in engine memory, float32, `[rows, cols]`. */
export interface Table {
  readonly rows: number;
  readonly cols: number;
  /** Overwrite rows from `firstRow` on (default 0) with row-major values. */
  write(values: Float32Array, firstRow?: number): void;
  /** Rows `firstRow` ... as a copy; all of them by default. */
  read(firstRow?: number, count?: number): Float32Array;
  dispose(): void;
}

/** Adam's state beside the weights; the layout of all three arrays is the program's parameter order, row-major. */
export interface ParameterState {
  readonly values: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  /** Updates made since the moments were zero. */
  readonly updates: number;
}

/** Weights and optimiser state kept in engine memory. Programs with the same parameter layout can share them. */
export interface Parameters {
  readonly size: number;
  read(): Float32Array;
  /** New weights; the moments stay. */
  write(values: Float32Array): void;
  state(): ParameterState;
  restore(state: ParameterState): void;
  /** Moments and update count back to zero. */
  resetMoments(): void;
  dispose(): void;
}

/** Where the rows of an input come from. */
export type RowSource =
  /** Through the batch's `indices`; without indices, the first rows. */
  | Table
  /** Rows `from`, `from + 1`, ... of the table, whatever the batch's indices are. */
  | { readonly table: Table; readonly from: number };

/** One run of a program. */
export interface Batch {
  readonly parameters?: Parameters;
  readonly inputs?: Readonly<Record<string, RowSource>>;
  /** Row indices of the batch. Without them `rows` rows from the start of each source. */
  readonly indices?: Int32Array;
  /** Number of rows; default the number of indices, or the rows of the first input. */
  readonly rows?: number;
  readonly scalars?: Readonly<Record<string, number>>;
  /** Where row outputs go; an output without a table is computed and dropped. */
  readonly outputs?: Readonly<Record<string, RowSource>>;
}

/** Parameter-space results by name, row-major: `loss`, means and values of the program. */
export type Values = Readonly<Record<string, Float32Array>>;

/** Adam with decoupled weight decay (arXiv:1711.05101) after clipping by the global norm. */
export interface OptimiserStep {
  readonly learningRate: number;
  /** Decoupled weight decay per unit of learning rate; default 0. */
  readonly weightDecay?: number;
  /** Largest global gradient norm; default no limit. */
  readonly clip?: number;
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
}

/** A loaded program. */
export interface Executable {
  readonly program: Program;
  /** Run forward; results by name. */
  run(batch: Batch): Values;
  /** Values and the flat gradient of the mean loss. */
  gradient(batch: Batch): { readonly values: Values; readonly gradient: Float32Array };
  /**
   * One optimiser update of `batch.parameters`.
   *
   * @throws NumericError when the loss or the gradient is not finite; nothing is updated, and the message names the first
   * value that is not finite.
   */
  step(batch: Batch, optimiser: OptimiserStep): { readonly values: Values; readonly gradientNorm: number };
  dispose(): void;
}

/**
 * What computes: it lays tables and parameters in its memory and runs programs on them. `run`, `gradient` and `step` of a
 * program throw InputError for a batch that does not fit it.
 *
 * @example
 * ```ts
 * import { createEngine, type Engine, graph } from "jkoflow";
 *
 * const g = graph.createGraph();
 * const x = g.rows("x", 2);
 * const program = graph.createProgram({ name: "norms", outputs: { norm: graph.sqrt(graph.squaredNorm(x)) } });
 *
 * function norms(engine: Engine): Float32Array {
 *   const out = engine.table(2, 1);
 *   const inputs = { x: engine.table(2, 2, Float32Array.of(3, 4, 6, 8)) };
 *   engine.load(program).run({ inputs, outputs: { norm: out } });
 *   return out.read();
 * }
 *
 * const engine = await createEngine({ threads: 1 });
 * console.log(norms(engine)); // Float32Array(2) [ 5, 10 ]
 * engine.dispose();
 * ```
 */
export interface Engine {
  readonly kind: "reference" | "wasm" | "native";
  /** Which kernel computes: same kernel and shards, same bits. */
  readonly kernelId: string;
  readonly threads: number;
  /** Parts into which the rows of a sum are cut, whatever the number of threads. */
  readonly shards: number;
  load(program: Program): Executable;
  /** A table of given values, or of zeros. */
  table(rows: number, cols: number, values?: Float32Array): Table;
  parameters(values: Float32Array): Parameters;
  /** Give all memory and threads back. Using anything of the engine afterwards is an error. */
  dispose(): void;
}

/** Whether a source is a table itself, read through the batch's indices, and not one with a first row of its own. */
export const isTable = (source: RowSource): source is Table => "read" in source;
