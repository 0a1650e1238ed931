/** How training is shown to people. */
import type { ToldEvent } from "./eventLine.ts";

/** Draws training for people. */
export interface TrainingView {
  event(event: ToldEvent): void;
  /** What moves: the share that is done, and words. */
  moving(share: number, text: string): void;
  /** Text that stays, above anything that moves. */
  print(text: string): void;
  close(): void;
}
