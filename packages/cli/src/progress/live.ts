/** Training on a terminal: one line per step that is drawn again in place, with a bar and the time left. */
import pc from "picocolors";
import { printable } from "../printable.ts";
import type { Shell } from "../shell.ts";
import { isDropped, startText, stepText, updateText } from "./lines.ts";
import { duration } from "./numbers.ts";
import type { TrainingView } from "./trainingView.ts";

const REDRAW_MILLISECONDS = 80;
const BAR = 10;
const CLEAR_LINE = "\r\x1b[2K";

export function liveTraining(shell: Shell): TrainingView {
  const draw = shell.draw ?? shell.err;
  let drawn = false;
  let at = 0;
  let nll: number | undefined;
  let begin = { place: "", done: 0, time: 0 };

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
    event: (event, share) => {
      const { type, values } = event;
      if (type === "start") return print(startText(event), pc.dim);
      if (type === "step") return print(stepText(event), isDropped(event) ? pc.yellow : String);
      if (type === "note") return print(String(values.text ?? ""));
      const [update, updates] = [Number(values.update ?? 0), Number(values.updates ?? 0)];
      const done = share ?? (updates > 0 ? Math.min(1, update / updates) : 0);
      const place = share === undefined ? event.place.join() : "the whole";
      const now = performance.now();
      if (begin.place !== place || done < begin.done) {
        begin = { place, done, time: now };
        nll = undefined;
      }
      if (typeof values.validationNll === "number") nll = values.validationNll;
      if (now - at < REDRAW_MILLISECONDS && done < 1) return;
      at = now;
      const speed = (done - begin.done) / (now - begin.time);
      const left = speed > 0 ? `  ${duration((1 - done) / speed / 1000)} left` : "";
      const room = Math.max(20, shell.width - BAR - 2);
      const [short, long] = updateText(event, nll);
      // What does not fit goes, the least telling first: a line that wraps could not be drawn again in place.
      const text =
        [`${short}${long}${left}`, `${short}${left}`, short].find(({ length }) => length <= room) ??
        short.slice(0, room);
      draw(`${CLEAR_LINE}${bar(done)} ${printable(text)}`);
      drawn = true;
    },
    close: clear,
  };
}
