/** A training as a stream of events that lets timers and signal handlers run, now and then. */

const LONGEST = 50; // ms without a pause

/** Waits a moment where the last pause is some time ago; `pause` is awaited then, and what it throws ends the training. */
export function createBreather(pause?: () => Promise<void>): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < LONGEST) return;
    const immediate = (globalThis as { setImmediate?: (f: () => void) => void }).setImmediate;
    await new Promise<void>((resolve) => (immediate ? immediate(resolve) : setTimeout(resolve, 0)));
    await pause?.();
    last = performance.now();
  };
}

/**
 * The one place where updates of a training become events. A caller may leave at any event: a training (`train`) holds nothing
 * that would have to be given back.
 */
export async function* drive<Update, Event, Result>(
  training: Generator<Update, Result, void>,
  event: (update: Update) => Event,
  breathe: () => Promise<void> = createBreather(),
): AsyncGenerator<Event, Result, void> {
  for (;;) {
    const next = training.next();
    if (next.done) return next.value;
    yield event(next.value);
    await breathe();
  }
}
