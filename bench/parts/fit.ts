/** What a program that fits one model to one table is asked, and what it answers: our library, its baselines and PyTorch. */
import type { Effort, Purpose, Settings } from "../../packages/jkoflow/src/systems/index.ts";

/** NPY files of float32 rows. */
export interface ProblemFiles {
  readonly train: string;
  readonly validation: string;
  readonly test: string;
}

/** The only argument of such a program, as JSON. */
export interface FitTask {
  readonly files: ProblemFiles;
  /** In place of the defaults of the program, by name. */
  readonly settings: Settings;
  /** What the defaults are for; "density" unless given. */
  readonly purpose?: Purpose;
  /** "normal" unless given. */
  readonly effort?: Effort;
  readonly seed: number;
  readonly threads: number;
  /** Of this library; default JKO-iFlow. */
  readonly system?: string;
  /** Folder for `METHOD.npy`: the log-density of each test row, nats; its score in `METHOD-score.npy` where that differs. */
  readonly logProbs?: string;
  /** With `logProbs`: so many rows drawn from the model go to `METHOD-samples.npy`. */
  readonly samples?: number;
  /** Integrate the density over this box: two lower and two upper corners' coordinates. Planar tables only. */
  readonly box?: readonly number[];
}

/** One try of one block. */
export interface BlockLine {
  readonly block: number;
  readonly verdict: string;
  readonly accepted: boolean;
  readonly stepSize: number;
  /** Since the start of training, this block included. */
  readonly updates: number;
  readonly cpuSeconds: number;
  /** On the fine grid; null for a block that was not accepted or that later stages changed. Nats in the units of the files. */
  readonly validationNll: number | null;
  readonly testNll: number | null;
  /** Change of the test NLL when the solver steps are doubled. */
  readonly gap: number | null;
}

export interface Fit {
  readonly method: string;
  readonly seed: number;
  /** A few words: components of a mixture, reason of a stop. */
  readonly detail: string;
  readonly blocks: readonly BlockLine[];
  readonly parameters: number;
  readonly updates: number;
  /** Of training; loading, start-up and everything about test rows are left out. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** Largest resident memory of the process up to the end of training. */
  readonly peakMiB: number;
  readonly validationNll: number;
  readonly testNll: number;
  readonly standardError: number;
  readonly gap: number | null;
  /** max |x - F^(-1)(F(x))| over test rows, standardised units. */
  readonly inversionError: number | null;
  /** 1/2 mean |x - F^(-1)(F(x))|^2 over 1,000 test rows, standardised units; where samples were asked for. */
  readonly inversionHalfSquare?: number;
  /** Integral of the density over `box`. */
  readonly integral: number | null;
  readonly kernel: string;
  /** Evaluations of the field, and products with its Jacobian, of one update. */
  readonly evaluations?: { readonly forward: number; readonly backward: number };
  readonly settings: Settings;
  /** SHA-256 of the model file; that of `jko fit` with the same rows, settings and seed, all columns being numbers. */
  readonly modelHash?: string;
}

/** The lines a program prints, as JSON. */
export type FitEvent =
  | { readonly event: "progress"; readonly text: string }
  | { readonly event: "result"; readonly fits: readonly Fit[] };
