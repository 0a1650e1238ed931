/**
 * A time budget. It is asked between blocks, rounds and stages only, and what it answers becomes part of the state, so that
 * a resumed run does not ask again.
 */

/** Time for training. It is asked between blocks, rounds and stages only, and each answer becomes part of the state. */
export interface TimeLimit {
  /** So many updates of one block were made. */
  count(blockUpdates: number): void;
  /** Whether work that takes as long as so many updates of one block will be over in time. */
  allows(blockUpdates: number): boolean;
  /** So far, what was before a resumption included; nothing where time is not limited. */
  pace(): Partial<Pace>;
}

export const unlimited: TimeLimit = { count: () => {}, allows: () => true, pace: () => ({}) };

/** What a run has taken so far, from which the time of what may follow is estimated. */
export interface Pace {
  readonly seconds: number;
  /** Updates of one block. */
  readonly blockUpdates: number;
}

export interface Stopwatch extends TimeLimit {
  pace(): Pace;
}

/** `now` in milliseconds; `limit` in seconds. */
export function createStopwatch(
  now: () => number,
  limit: number,
  before: Pace = { seconds: 0, blockUpdates: 0 },
): Stopwatch {
  const start = now();
  let counted = before.blockUpdates;
  const spent = (): number => before.seconds + (now() - start) / 1000;
  return {
    pace: () => ({ seconds: spent(), blockUpdates: counted }),
    count: (blockUpdates) => {
      counted += blockUpdates;
    },
    allows: (blockUpdates) => {
      const each = counted > 0 ? spent() / counted : 0; // s; before anything was counted nothing is known
      return spent() + each * blockUpdates <= limit;
    },
  };
}
