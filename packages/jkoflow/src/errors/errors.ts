/**
 * The two errors a caller can act on. Everything else that is thrown is a bug in jkoflow.
 *
 * A message is one line: where, what came, what was expected, the likely fix.
 */

/** What an {@link InputError} is made of. */
export interface InputProblem {
  /** File, argument or parameter name. */
  readonly where: string;
  /** Line, row, column, byte or key inside `where`. */
  readonly place?: string;
  readonly came: string;
  readonly expected: string;
  readonly fix?: string;
}

/**
 * Usage or bad input (exit code 2 of the command).
 *
 * @example
 * ```ts
 * import { createKey, InputError } from "jkoflow";
 *
 * try {
 *   createKey(0.5);
 * } catch (error) {
 *   if (!(error instanceof InputError)) throw error;
 *   console.log(error.message); // seed: 0.5, expected an integer of at most 53 bits
 *   console.log(error.problem.where); // seed
 * }
 * ```
 */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly problem: InputProblem;

  constructor(problem: InputProblem) {
    // "12:3" and keys stand behind the file without a blank, words do not.
    const colon = problem.place?.includes(" ") ? ": " : ":";
    const place = problem.place === undefined ? "" : `${colon}${problem.place}`;
    const fix = problem.fix === undefined ? "" : `; ${problem.fix}`;
    super(`${problem.where}${place}: ${problem.came}, expected ${problem.expected}${fix}`);
    this.problem = problem;
  }
}

/**
 * A NaN, an infinity, or a solver that gave up (exit code 4 of the command).
 *
 * @example
 * ```ts
 * import { NumericError, ode } from "jkoflow";
 *
 * const blowsUp = (_: number, y: ode.Vector): ode.Vector => y.map((value) => value ** 2); // 1 / (1 - t)
 * try {
 *   ode.solve(blowsUp, Float64Array.of(1), { from: 0, to: 2, adaptive: { rtol: 1e-6, atol: 1e-6 }, method: "dopri5" });
 * } catch (error) {
  console.log(error instanceof NumericError); // true
 * }
 * ```
 */
export class NumericError extends Error {
  override readonly name = "NumericError";
}
