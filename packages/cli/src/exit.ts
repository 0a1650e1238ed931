/** Exit codes, and how an error becomes one line (and, with --json, one object). */
import { InputError, NumericError } from "jkoflow";
import type { InputProblem } from "jkoflow/errors";

export const exitCodes = { done: 0, bug: 1, usage: 2, io: 3, numeric: 4, interrupted: 130, terminated: 143 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A signal came: the state is on disk, or nothing is. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly code: ExitCode;

  constructor(message: string, code: ExitCode = exitCodes.interrupted) {
    super(message);
    this.code = code;
  }
}

/** A disk or permission problem with the file it is about. */
export class FileError extends Error {
  override readonly name = "FileError";
  readonly problem: InputProblem;

  constructor(problem: InputProblem) {
    super(new InputError(problem).message);
    this.problem = problem;
  }
}

export interface Failure {
  readonly code: ExitCode;
  /** One line, without "error:". */
  readonly message: string;
  readonly problem?: InputProblem;
  /** Of a bug only. */
  readonly stack?: string;
}

const WORDS: Readonly<Record<string, readonly [came: string, expected: string, fix: string]>> = {
  ENOSPC: ["no space left on the disk", "room for the file", "free some space; earlier files are unchanged"],
  EDQUOT: ["the disk quota is used up", "room for the file", "free some space; earlier files are unchanged"],
  EFBIG: ["the file is larger than the limit", "room for the file", "raise the limit; earlier files are unchanged"],
  EACCES: ["permission denied", "access to the file", "check the owner and the mode"],
  EPERM: ["permission denied", "access to the file", "check the owner and the mode"],
  EROFS: ["the file system is read-only", "a place to write", "choose another folder with --out or -o"],
  EIO: ["the disk reports an error", "a working disk", "check the disk; earlier files are unchanged"],
  ENOENT: ["no such file or folder", "an existing one", "check the path"],
  ENOTDIR: ["a part of the path is a file", "a folder", "check the path"],
  EISDIR: ["a folder", "a file", "check the path"],
  ENOMEM: ["too little memory or address space", "more of it", "raise the limit (ulimit -v), or take fewer rows"],
  EAGAIN: [
    "the system has none left just now",
    "a free one",
    "try again; for threads raise ulimit -u or take --threads 1",
  ],
  EMFILE: ["too many open files", "fewer of them", "raise the limit with ulimit -n"],
};

/** An operating system's error as a problem; undefined for anything else. */
function errnoProblem(error: unknown): InputProblem | undefined {
  const { code, syscall, path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  if (!(error instanceof Error) || typeof code !== "string" || typeof syscall !== "string") return undefined;
  const [came, expected, fix] = WORDS[code] ?? [`${code} from ${syscall}`, "no such error", "try again"];
  return { where: dest ?? path ?? syscall, came, expected, fix };
}

function memoryProblem(error: unknown): InputProblem | undefined {
  if (!(error instanceof RangeError) || error.message !== "Array buffer allocation failed") return undefined;
  return { where: "memory", came: "too little for the rows", expected: "more of it", fix: "take fewer rows" };
}

/** Whether a signal ended the command. */
export const isInterruption = (code: ExitCode): boolean =>
  code === exitCodes.interrupted || code === exitCodes.terminated;

export function describeFailure(error: unknown): Failure {
  if (error instanceof InputError)
    return { code: exitCodes.usage, message: oneLine(error.message), problem: error.problem };
  if (error instanceof FileError)
    return { code: exitCodes.io, message: oneLine(error.message), problem: error.problem };
  if (error instanceof NumericError) return { code: exitCodes.numeric, message: oneLine(error.message) };
  if (error instanceof Interrupted) return { code: error.code, message: oneLine(error.message) };
  const problem = errnoProblem(error) ?? memoryProblem(error);
  if (problem) return { code: exitCodes.io, message: oneLine(new InputError(problem).message), problem };
  const bug = error instanceof Error ? error : new Error(String(error));
  return { code: exitCodes.bug, message: oneLine(bug.message), stack: bug.stack ?? bug.message };
}

/** File names may hold line breaks; messages may not. What else they may not hold is seen to on the way out. */
function oneLine(text: string): string {
  return text.replace(/[\n\r\t]+/g, " ");
}
