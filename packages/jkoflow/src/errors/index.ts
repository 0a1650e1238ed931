export { InputError, type InputProblem, NumericError } from "./errors.ts";
