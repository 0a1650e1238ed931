/**
 * A time budget. It is asked between blocks, rounds and stages only, and what it answers becomes part of the state, so that
 * a resumed run does not ask again.
 */
import type { Growth, GrowthEvent } from "./growth.ts";
import type { TimeLimit } from "./stages.ts";

/** What a run has taken so far, from which the time of what may follow is estimated. */
export interface Pace {
  readonly seconds: number;
  /** Updates of one block. */
  readonly blockUpdates: number;
}

export interface Stopwatch extends TimeLimit {
  /** So far, what was before a resumption included. */
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

/** Growth that ends after a block once the next one, taking as long as this, would not be over in time. */
export async function* growWithin(
  growth: AsyncGenerator<GrowthEvent, Growth>,
  watch: Stopwatch,
): AsyncGenerator<GrowthEvent, Growth> {
  try {
    for (;;) {
      const next = await growth.next();
      if (next.done) return next.value;
      const event = next.value;
      if (event.type === "update") {
        watch.count(1);
        yield event;
        continue;
      }
      if (watch.allows(event.report.updates)) {
        yield event;
        continue;
      }
      const state = event.state();
      const more = await growth.next(); // it may be over by itself, which is the better reason
      if (more.done) {
        yield event;
        return more.value;
      }
      const stop = "time is used up";
      yield { ...event, state: () => ({ ...state, stop }) };
      return { blocks: state.blocks, reports: state.reports, stop };
    }
  } finally {
    await growth.return(undefined as never);
  }
}
