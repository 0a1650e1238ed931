/**
 * Step-size control by step doubling (E. Hairer, S. Norsett, G. Wanner, Solving Ordinary Differential Equations I, 1993, II.4):
 * one step of 2 h and two of h from the same density; where they are apart by more than a tolerance, again with h / 2.
 *
 * For a scheme of order one the distance of the two is the error of the pair, to leading order. Distances are SymKL between Gaussians
 * of the moments, nats, which go as h^4: a pair that is sixteen times nearer than asked is followed by one twice as long. Lengths
 * are the time over powers of two, and a pair begins at a multiple of its length, so that the last one ends at the time exactly.
 */
import { InputError } from "../errors/index.ts";

/** What the steps of a run are chosen by. */
export interface StepControl {
  readonly time: number;
  /** By which the length of the first pair is chosen: at most twice this. */
  readonly step: number;
  /** SymKL between the moments of one step and of the pair in its place, at most; nats. */
  readonly tolerance: number;
}

/** Where a run is: plain data, so that it goes on from here. */
export interface ControlState {
  /** Of the steps that are accepted, two by two. */
  readonly lengths: readonly number[];
  /** The next pair is as long as the time over 2^level. */
  readonly level: number;
  /** Pairs of the shortest length that would fit before it. */
  readonly position: number;
}

/** Shorter than the step that was asked for by 2^-6 at most. */
const FINER = 6;
/** SymKL goes as h^4; and as much again for what the leading order leaves out. */
const [GAIN, MARGIN] = [16, 1.5];

const levelOf = ({ time, step }: StepControl): number => Math.max(0, Math.ceil(Math.log2(time / (2 * step)) - 1e-9));
const finest = (control: StepControl): number => levelOf(control) + FINER;

/** @throws InputError unless time, step and tolerance are above 0. */
export function beginControl(control: StepControl): ControlState {
  for (const [where, value] of Object.entries(control)) {
    if (!(value > 0 && Number.isFinite(value)))
      throw new InputError({ where, came: String(value), expected: "a number above 0" });
  }
  return { lengths: [], level: levelOf(control), position: 0 };
}

/** Of the pair that is next; undefined at the end of the time. */
export const pairLength = ({ level, position }: ControlState, control: StepControl): number | undefined =>
  position < 2 ** finest(control) ? control.time / 2 ** level : undefined;

/** The time that is reached. */
export const reached = ({ position }: ControlState, control: StepControl): number =>
  (control.time * position) / 2 ** finest(control);

/**
 * After a pair that is so far from one step of its length: whether it stays, and what is next. A pair of the shortest length stays,
 * as `met: false` says.
 * @throws InputError for a distance that is no number, as of rows without a spread.
 */
export function judgePair(
  state: ControlState,
  gap: number,
  control: StepControl,
): { readonly accepted: boolean; readonly met: boolean; readonly next: ControlState } {
  if (!Number.isFinite(gap)) {
    const expected = "rows with a mean and a covariance, by which steps are compared";
    throw new InputError({ where: "tolerance", came: `a step whose moments differ by ${gap}`, expected });
  }
  const { lengths, level, position } = state;
  const met = gap <= control.tolerance;
  if (!met && level < finest(control)) return { accepted: false, met, next: { ...state, level: level + 1 } };
  const units = (of: number): number => 2 ** (finest(control) - of);
  const after = position + units(level);
  const longer = level > 0 && after % units(level - 1) === 0 && MARGIN * GAIN * gap <= control.tolerance;
  const half = control.time / 2 ** (level + 1);
  return {
    accepted: true,
    met,
    next: { lengths: [...lengths, half, half], level: longer ? level - 1 : level, position: after },
  };
}
