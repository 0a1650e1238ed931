/** Training on a terminal: one line per block that is drawn again in place, with a bar and the time left. */
import pc from "picocolors";
import { printable } from "../printable.ts";
import type { Shell } from "../shell.ts";
import { blockLine, describeStart, movementText, roundText, stageLine, updateText } from "./lines.ts";
import { duration } from "./numbers.ts";
import type { TrainingView } from "./trainingView.ts";

const REDRAW_MILLISECONDS = 80;
const BAR = 10;
const CLEAR_LINE = "\r\x1b[2K";

export function liveTraining(shell: Shell): TrainingView {
  const draw = shell.draw ?? shell.err;
  let drawn = false;
  let at = 0;
  let score: number | undefined;
  let begin = { block: 0, attempt: -1, update: 0, time: 0 };

  const clear = (): void => {
    if (drawn) draw(CLEAR_LINE);
    drawn = false;
  };
  /** `paint` comes last: its sequences are ours. */
  const print = (text: string, paint: (text: string) => string = String): void => {
    clear();
    draw(`${paint(printable(text))}\n`);
  };
  const bar = (share: number): string => {
    const full = Math.round(BAR * share);
    return pc.cyan("█".repeat(full)) + pc.dim("░".repeat(BAR - full));
  };

  return {
    print,
    moving: (share, text) => {
      const now = performance.now();
      if (now - at < REDRAW_MILLISECONDS && share < 1) return;
      at = now;
      draw(`${CLEAR_LINE}${bar(share)} ${printable(text).slice(0, Math.max(20, shell.width - BAR - 2))}`);
      drawn = true;
    },
    event: (event, toNll) => {
      if (event.type === "start") return print(describeStart(event), pc.dim);
      if (event.type === "block") {
        score = undefined;
        return print(blockLine(event.report, toNll), event.report.accepted ? String : pc.yellow);
      }
      if (event.type === "stage") return print(stageLine(event.report, toNll));
      const { block, updates, progress } = event;
      const attempt = event.type === "update" ? event.attempt : -event.round;
      const now = performance.now();
      if (begin.block !== block || begin.attempt !== attempt)
        begin = { block, attempt, update: progress.update, time: now };
      score = progress.score ?? score;
      if (now - at < REDRAW_MILLISECONDS && progress.update < updates) return;
      at = now;
      const speed = (progress.update - begin.update) / (now - begin.time);
      const left = speed > 0 ? `  ${duration((updates - progress.update) / speed / 1000)} left` : "";
      const room = Math.max(20, shell.width - BAR - 2);
      const [short, long] =
        event.type === "update" ? [updateText(event, score, toNll), movementText(event)] : [roundText(event), ""];
      // What does not fit goes, the least telling first: a line that wraps could not be drawn again in place.
      const text =
        [`${short}${long}${left}`, `${short}${left}`, short].find(({ length }) => length <= room) ??
        short.slice(0, room);
      draw(`${CLEAR_LINE}${bar(progress.update / updates)} ${printable(text)}`);
      drawn = true;
    },
    close: clear,
  };
}
