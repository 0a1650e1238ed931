/**
 * Push and invert a flow with adaptive Dormand-Prince steps, to a tolerance instead of a number of steps.
 *
 *   d/ds (x, l) = (v(x, s), div v(x, s)),   s from 0 to 1 (push) or of x alone from 1 to 0 (invert), block after block
 *
 * A row's digits depend, within the tolerance, on the rows that share its steps; fixed steps, the default of a flow, score a
 * row alone as among others.
 */
import type { Engine, Parameters, Table } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { checkKind } from "../errors/kinds.ts";
import { type BlockConfig, copyColumns, createAdaptiveBlock, type Tolerance, wholeRows } from "../maps/index.ts";

type Values = Float32Array | Float64Array;

/** A flow that is integrated to a tolerance; log-determinants are sums over all blocks. */
export interface AdaptiveFlow {
  /**
   * Rows `[n, d]`, of a conditional field with covariates y `[n, c]`, to noise with their log-determinants (nats).
   * @throws SolverError when a block cannot be integrated.
   */
  push(x: Values, tolerance: Tolerance, y?: Float32Array): { readonly z: Float64Array; readonly logDet: Float64Array };
  /** Noise rows back to data; the divergence is not evaluated. @throws SolverError as `push`. */
  invert(z: Values, tolerance: Tolerance, y?: Float32Array): Float64Array;
  dispose(): void;
}

/** Rows that share their steps. A dozen float64 arrays of so many rows are held at a time. */
const PART_ROWS = 8192;

/**
 * Rounding of float32 velocities, some 1e-7 of their size, is an error that no step makes smaller than its own share: with
 * a tolerance near it the steps shrink for nothing.
 */
export const SMALLEST_FLOAT32_RTOL = 1e-6;

/**
 * Push and inverse of a flow by adaptive steps of `ode.dopri5`: blocks of the kind of `config`, in the order of
 * `parameters`, which stay the caller's. The methods throw InputError for numbers that do not fill whole rows, and on
 * float32 engines for an rtol below 1e-6; SolverError where a block cannot be integrated.
 */
export function createAdaptiveFlow(
  engine: Engine,
  config: BlockConfig,
  parameters: readonly Parameters[],
): AdaptiveFlow {
  const { dimension: d, condition: c = 0 } = config.field;
  const block = createAdaptiveBlock(engine, config);
  const pass = (
    k: number,
    rows: Float64Array,
    cols: number,
    times: readonly [number, number],
    how: Tolerance,
    condition: Table | undefined,
  ): Float64Array => {
    const { y, stats } = block.pass(parameters[k], rows, cols, times, how, condition);
    how.onBlock?.(k, stats);
    return y;
  };

  const checkRows = (x: Values, y: Float32Array | undefined): void => {
    const n = wholeRows(x, d, ["Float32Array", "Float64Array"]);
    if (c === 0) return;
    checkKind(y, "Float32Array", "covariates");
    if (y?.length === n * c) return;
    throw new InputError({
      where: "covariates",
      came: `${y?.length} numbers`,
      expected: `[${n}, ${c}], a row for each`,
    });
  };

  /** Parts of whole rows, one after the other, each with its covariates. */
  const inParts = (
    x: Values,
    { rtol }: Tolerance,
    y: Float32Array | undefined,
    work: (part: Float64Array, first: number, condition: Table | undefined) => void,
  ): void => {
    if (engine.kind !== "reference" && rtol < SMALLEST_FLOAT32_RTOL) {
      throw new InputError({
        where: "rtol",
        came: String(rtol),
        expected: `${SMALLEST_FLOAT32_RTOL} or above, as the velocity is computed in float32`,
        fix: 'take an engine of kind "reference" for more digits',
      });
    }
    const size = PART_ROWS * d;
    for (let at = 0; at < x.length; at += size) {
      const part = Float64Array.from(x.subarray(at, at + size));
      const [first, rows] = [at / d, part.length / d];
      const condition = c > 0 ? engine.table(rows, c, y!.subarray(first * c, (first + rows) * c)) : undefined;
      try {
        work(part, first, condition);
      } finally {
        condition?.dispose();
      }
    }
  };

  return {
    push: (x, how, y) => {
      checkRows(x, y);
      const z = new Float64Array(x.length);
      const logDet = new Float64Array(x.length / d);
      inParts(x, how, y, (part, first, condition) => {
        const n = part.length / d;
        const total = logDet.subarray(first, first + n);
        let position = part;
        parameters.forEach((_, k) => {
          // The log-determinant begins at 0 in each block, so that earlier blocks do not loosen its tolerance.
          const state = new Float64Array(n * (d + 1));
          copyColumns(position, d, state, d + 1);
          const end = pass(k, state, d + 1, [0, 1], how, condition);
          position = new Float64Array(n * d);
          copyColumns(end, d + 1, position, d);
          for (let i = 0; i < n; i++) total[i] += end[i * (d + 1) + d];
        });
        z.set(position, first * d);
      });
      return { z, logDet };
    },
    invert: (z, how, y) => {
      checkRows(z, y);
      const x = new Float64Array(z.length);
      inParts(z, how, y, (part, first, condition) => {
        let position = part;
        for (let k = parameters.length - 1; k >= 0; k--) position = pass(k, position, d, [1, 0], how, condition);
        x.set(position, first * d);
      });
      return x;
    },
    dispose: block.dispose,
  };
}
