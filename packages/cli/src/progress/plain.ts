/** Training for a log: one line per step, and one every half minute inside a long one. */
import type { Shell } from "../shell.ts";
import { startText, stepText, updateText } from "./lines.ts";
import type { TrainingView } from "./trainingView.ts";

const QUIET_SECONDS = 30;

export function plainTraining(shell: Shell): TrainingView {
  let spoke = performance.now();
  const print = (text: string): void => {
    spoke = performance.now();
    shell.err(`${text}\n`);
  };
  let nll: number | undefined;
  let at = "";
  return {
    print,
    event: (event) => {
      const { type, place, values } = event;
      if (type === "start") print(startText(event));
      else if (type === "step") print(stepText(event));
      else if (type === "note") print(String(values.text ?? ""));
      else {
        if (place.join() !== at) nll = undefined;
        at = place.join();
        if (typeof values.validationNll === "number") nll = values.validationNll;
        if (performance.now() - spoke > 1000 * QUIET_SECONDS) print(updateText(event, nll).join(""));
      }
    },
    close: () => {},
  };
}
