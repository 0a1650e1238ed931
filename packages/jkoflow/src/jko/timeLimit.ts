/**
 * A time budget. It is asked between blocks, rounds and stages only, and what it answers becomes part of the state, so that
 * a resumed run does not ask again.
 */
import type { Growth, GrowthEvent } from "./growth.ts";
import type { TimeLimit } from "./stages.ts";

export interface Stopwatch extends TimeLimit {
  /** Seconds so far, those before a resumption included. */
  spent(): number;
  /** Count updates of blocks, from which the time of others is estimated. */
  count(blockUpdates: number): void;
}

/** `now` in milliseconds; `limit` and `before` in seconds. */
export function createStopwatch(now: () => number, limit: number, before = 0): Stopwatch {
  const start = now();
  let counted = 0;
  const since = (): number => (now() - start) / 1000;
  return {
    spent: () => before + since(),
    count: (blockUpdates) => {
      counted += blockUpdates;
    },
    allows: (blockUpdates) => {
      const each = counted > 0 ? since() / counted : 0; // s; before anything was counted nothing is known
      return before + since() + each * blockUpdates <= limit;
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
      const { blocks, reports } = event.state();
      const stop = "time is used up";
      yield { ...event, state: () => ({ ...event.state(), stop }) };
      return { blocks, reports, stop };
    }
  } finally {
    await growth.return(undefined as never);
  }
}
