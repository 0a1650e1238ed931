/** What follows the training, phase by phase, each with the time that the one before took. */
import type { ReportExtent } from "../config/reportExtent.ts";
import { duration } from "./numbers.ts";
import type { Watcher } from "./watcher.ts";

export interface Phases {
  /** A phase begins. */
  next(text: string): void;
  /** The last one is over; `training` seconds were spent before all of them. */
  end(training: number): void;
}

/** A phase that took less is not worth a word. */
const LONG = 2;
/** Nor is a report of so many seconds a reason to leave parts of it out. */
const NOTED = 15;

export function createPhases({ phase, note }: Pick<Watcher, "phase" | "note">, extent: ReportExtent): Phases {
  const start = performance.now();
  let began = start;
  const sinceLast = (): string => {
    const seconds = (performance.now() - began) / 1000;
    began = performance.now();
    return seconds < LONG ? "" : `  (the last step took ${duration(seconds)})`;
  };
  let first = true;
  return {
    next: (text) => {
      const took = sinceLast();
      phase(first ? text : `${text}${took}`);
      first = false;
    },
    end: (training) => {
      const seconds = (performance.now() - start) / 1000;
      if (extent === "none" || seconds < Math.max(training, NOTED)) return;
      const less =
        extent === "full"
          ? "--report quick leaves out tests and figures, none the baselines too"
          : "--report none leaves the baselines out";
      note(`the report took ${duration(seconds)}, longer than the training: ${less}`);
    },
  };
}
