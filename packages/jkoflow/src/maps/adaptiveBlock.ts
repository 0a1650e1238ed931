/**
 * One block by adaptive Dormand-Prince steps. The engine evaluates the field; the state, the sums of the stages and the error
 * test are float64 on the host, so that the solver adds no rounding of its own.
 */
import type { Engine, Executable, Parameters, Table } from "../engine/index.ts";
import { type SolveStats, solve } from "../ode/index.ts";
import { type BlockConfig, fieldProgram } from "./blockPrograms.ts";

/** How exact an adaptive push is; of the position, and in a push of the log-determinant (nats) too. */
export interface Tolerance {
  /** Per step and row: || error / (atol + rtol |state|) || < 1. On float32 engines at least 1e-6. */
  readonly rtol: number;
  readonly atol: number;
  /** Steps tried per block; default 10,000. */
  readonly maxSteps?: number;
  /** What each block cost; blocks count from 0, and large data passes each of them in several parts. */
  readonly onBlock?: (block: number, stats: SolveStats) => void;
}

/** Steps of one kind of block on an engine. */
export interface AdaptiveBlock {
  /**
   * Rows `[n, cols]` from one time to another; cols is d, or d + 1 with the log-determinant behind the position.
   * @throws SolverError where the field cannot be integrated.
   */
  pass(
    parameters: Parameters,
    rows: Float64Array,
    cols: number,
    times: readonly [from: number, to: number],
    how: Pick<Tolerance, "rtol" | "atol" | "maxSteps">,
    condition: Table | undefined,
  ): { readonly y: Float64Array; readonly stats: SolveStats };
  dispose(): void;
}

type Values = Float32Array | Float64Array;

/** The reference engine keeps float64 behind its tables (`data()`); float32 would hide what it can do. */
function wide(table: Table): Float64Array | undefined {
  const { data } = table as { readonly data?: () => unknown };
  const numbers = typeof data === "function" ? data() : undefined;
  return numbers instanceof Float64Array ? numbers : undefined;
}
const read = (table: Table): Values => wide(table) ?? table.read();
function write(table: Table, values: Float64Array): void {
  const data = wide(table);
  if (data) data.set(values);
  else table.write(Float32Array.from(values));
}

/** Columns of `source` `[n, sourceCols]` into columns `at` ... of `target` `[n, targetCols]`, as many as both have. */
export function copyColumns(source: Values, sourceCols: number, target: Values, targetCols: number, at = 0): void {
  const cols = Math.min(sourceCols, targetCols - at);
  for (let i = 0; i * targetCols < target.length; i++) {
    for (let j = 0; j < cols; j++) target[i * targetCols + at + j] = source[i * sourceCols + j];
  }
}

/** Programs are loaded when first needed. */
export function createAdaptiveBlock(engine: Engine, config: BlockConfig): AdaptiveBlock {
  const { dimension: d } = config.field;
  let density: Executable | undefined;
  let motion: Executable | undefined;

  const pass: AdaptiveBlock["pass"] = (parameters, rows, cols, [from, to], { rtol, atol, maxSteps }, condition) => {
    const n = rows.length / cols;
    const withDensity = cols > d;
    const program = withDensity
      ? (density ??= engine.load(fieldProgram(config, "velocity and divergence")))
      : (motion ??= engine.load(fieldProgram(config, "velocity")));
    const [x, velocity, divergence] = [d, d, 1].map((width) => engine.table(n, width));
    const position = new Float64Array(n * d);
    const slope = new Float64Array(rows.length);
    const field = (s: number, y: Float64Array): Float64Array => {
      copyColumns(y, cols, position, d);
      write(x, position);
      program.run({
        parameters,
        rows: n,
        inputs: condition ? { x, condition } : { x },
        scalars: { s },
        outputs: withDensity ? { velocity, divergence } : { velocity },
      });
      copyColumns(read(velocity), d, slope, cols);
      if (withDensity) copyColumns(read(divergence), 1, slope, cols, d);
      return slope;
    };
    try {
      return solve(field, rows, {
        from,
        to,
        method: "dopri5",
        rows: n,
        adaptive: { rtol, atol, ...(maxSteps === undefined ? {} : { maxSteps }) },
      });
    } finally {
      for (const table of [x, velocity, divergence]) table.dispose();
    }
  };
  return {
    pass,
    dispose: () => {
      density?.dispose();
      motion?.dispose();
    },
  };
}
