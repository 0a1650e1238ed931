/** A shell without a command around it. */
import type { Shell } from "../src/shell.ts";

export function shellOf(stdin: Uint8Array = new Uint8Array(0)): Shell {
  return {
    out: async () => {},
    err: () => {},
    async *stdin() {
      yield stdin;
    },
    display: "plain",
    width: 80,
    onSignal: () => () => {},
  };
}
