/** Between the parts of a report: a phase is told, a signal is let in, and the run is still where it was. */
import { Interrupted } from "../exit.ts";
import type { Phases } from "../progress/phases.ts";
import type { SignalWatch } from "../shell.ts";

/** @throws Interrupted, by what it returns, where a signal came; InputError where the run directory is gone. */
export function createPause(
  run: { readonly folder: string; confirm(): void },
  signals: Pick<SignalWatch, "signal">,
  phases: Pick<Phases, "next">,
): (phase?: string) => Promise<void> {
  return async (phase) => {
    if (phase !== undefined) phases.next(phase);
    await new Promise((resolve) => setImmediate(resolve)); // lets a signal in
    run.confirm();
    const signal = signals.signal();
    if (signal === undefined) return;
    throw new Interrupted(`${signal}: the model is saved, its report is not; go on with: jko resume ${run.folder}`);
  };
}
