/** How training is shown to people. */
import type { ShownEvent } from "./eventLine.ts";

/** Draws training for people. */
export interface TrainingView {
  /** `share` of the whole that is done; without it what is done is the updates of the event's place. */
  event(event: ShownEvent, share?: number): void;
  /** Text that stays, above anything that moves. */
  print(text: string): void;
  close(): void;
}
