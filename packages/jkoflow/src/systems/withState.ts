/** Events of a part of training as events of the whole: the state from which to go on is that of the whole. */
import type { TrainingState, WithState } from "./system.ts";

/** Pass the events on; `whole` makes the state of the training from that of the part. */
export async function* withState<Event extends { readonly state: () => unknown }, Result>(
  events: AsyncGenerator<Event, Result>,
  whole: (part: ReturnType<Event["state"]>) => TrainingState,
): AsyncGenerator<WithState<Event>, Result> {
  try {
    for (;;) {
      const next = await events.next();
      if (next.done) return next.value;
      const event = next.value;
      const state = (): TrainingState => whole(event.state() as ReturnType<Event["state"]>);
      yield { ...event, state } as unknown as WithState<Event>;
    }
  } finally {
    await events.return(undefined as never); // a caller that stops here stops the part too
  }
}
