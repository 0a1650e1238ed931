/** Training for a log: one line per block, and one every half minute inside a long block. */
import type { Shell } from "../shell.ts";
import { blockLine, describeStart, movementText, roundText, stageLine, updateText } from "./lines.ts";
import type { TrainingView } from "./trainingView.ts";

const QUIET_SECONDS = 30;

export function plainTraining(shell: Shell): TrainingView {
  let spoke = performance.now();
  const print = (text: string): void => {
    spoke = performance.now();
    shell.err(`${text}\n`);
  };
  let score: number | undefined;
  return {
    print,
    moving: (_, text) => {
      if (performance.now() - spoke > 1000 * QUIET_SECONDS) print(text);
    },
    event: (event, toNll) => {
      if (event.type === "start") print(describeStart(event));
      else if (event.type === "block") print(blockLine(event.report, toNll));
      else if (event.type === "stage") print(stageLine(event.report, toNll));
      else if (event.type === "round update") {
        if (performance.now() - spoke > 1000 * QUIET_SECONDS) print(roundText(event));
      } else {
        score = event.progress.score ?? (event.progress.update === 1 ? undefined : score);
        if (performance.now() - spoke > 1000 * QUIET_SECONDS)
          print(updateText(event, score, toNll) + movementText(event));
      }
    },
    close: () => {},
  };
}
