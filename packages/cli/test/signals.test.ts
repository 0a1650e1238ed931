/** Signals while a command computes in one piece, in which no handler can run. */
import { expect, it } from "vitest";
import { watchSignals } from "../src/shell.ts";

it("a signal is kept where there is something to save, and left to the system where there is not", () => {
  const listeners = new Set<(name: string) => void>();
  const onSignal = (listener: (name: string) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const send = (name: string) => {
    for (const listener of listeners) listener(name);
    return listeners.size;
  };
  const watch = watchSignals({ onSignal });
  expect(watch.atOnce(() => [send("SIGTERM"), watch.signal()])).toEqual([0, undefined]);
  expect(() =>
    watch.atOnce(() => {
      throw new Error("of the work");
    }),
  ).toThrow("of the work");
  expect([send("SIGTERM"), watch.signal()]).toEqual([1, "SIGTERM"]);
  expect(watch.atOnce(() => listeners.size)).toBe(1); // it came before: what comes next is ended in order
  watch.forget();
  expect(listeners.size).toBe(0);
});
