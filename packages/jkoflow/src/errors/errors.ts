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

/** Usage or bad input (exit code 2 of the command). */
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

/** A NaN, an infinity, or a solver that gave up (exit code 4 of the command). */
export class NumericError extends Error {
  override readonly name = "NumericError";
}
