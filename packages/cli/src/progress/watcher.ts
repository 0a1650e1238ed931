/** Who watches a command: a person at a terminal, a log, a program (--json), or nobody (--quiet). */
import type { Shell } from "../shell.ts";
import type { EventLine, ShownEvent } from "./eventLine.ts";
import { gatherNotes } from "./gatherNotes.ts";
import { liveTraining } from "./live.ts";
import { plainTraining } from "./plain.ts";

export interface Watcher {
  /** A notice or a warning, for people. */
  note(line: string): void;
  /** Several; for people those of a kind are one. */
  notes(lines: readonly string[]): void;
  /** What is being done now, for people who wait. */
  phase(text: string): void;
  /** A machine-readable line. */
  line(line: EventLine): void;
  /** For people; `share` of the whole that is done. */
  event(event: ShownEvent, share?: number): void;
  /** Leave the display in order. */
  close(): void;
}

export interface WatcherFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function createWatcher(shell: Shell, { json, quiet }: WatcherFlags): Watcher {
  const view = json || quiet ? undefined : shell.display === "terminal" ? liveTraining(shell) : plainTraining(shell);
  const send = (line: EventLine): void => {
    if (json) void shell.out(`${JSON.stringify(line)}\n`);
  };
  const show = (text: string): void => view?.print(`note: ${text}`);
  const sendNote = (text: string): void => send({ event: "note", text });
  return {
    note: (text) => {
      show(text);
      sendNote(text);
    },
    notes: (lines) => {
      for (const line of gatherNotes(lines)) show(line);
      for (const line of lines) sendNote(line);
    },
    phase: (text) => view?.print(text),
    line: send,
    event: (event, share) => view?.event(event, share),
    close: () => view?.close(),
  };
}
