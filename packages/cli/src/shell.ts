/** What the command has of the outside world: streams and signals. Tests hand in their own. */
import process from "node:process";
import type { Interrupted } from "./exit.ts";

export interface Shell {
  /**
   * Results: words for people, or data as bytes, which go out as they are. Resolves when they are written; after a failure
   * every later call fails by it too.
   */
  out(data: string | Uint8Array): Promise<void>;
  /** Progress, notices and errors. */
  err(text: string): void;
  /** Of `err`, but for sequences that move on the terminal: the words of others in it must be printable. `run` hands it in. */
  readonly draw?: (text: string) => void;
  stdin(): AsyncIterable<Uint8Array>;
  /** Whether `err` is watched by a person. */
  readonly display: "terminal" | "plain";
  /** Columns of the terminal. */
  readonly width: number;
  /** Calls `stop` at the first signal to end; the second one ends the process at once. Returns how to stop listening. */
  onSignal(stop: (signal: string) => void): () => void;
  /** Ends the command by this error, whatever it is waiting for. `run` hands it in. */
  readonly stop?: (error: Interrupted) => void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGUSR2"] as const;

/** Signals while a command works, some of it in one piece, in which no handler can run. */
export interface SignalWatch {
  /** The first signal that came. */
  readonly signal: () => string | undefined;
  /** Does work before which there is nothing to save: a signal then has its usual effect and ends the process at once. */
  readonly atOnce: <T>(work: () => T) => T;
  readonly forget: () => void;
}

export function watchSignals({ onSignal }: Pick<Shell, "onSignal">): SignalWatch {
  let signal: string | undefined;
  const watch = (): (() => void) =>
    onSignal((name) => {
      signal = name;
    });
  let forget = watch();
  return {
    signal: () => signal,
    atOnce: (work) => {
      if (signal !== undefined) return work();
      forget();
      try {
        return work();
      } finally {
        forget = watch();
      }
    },
    forget: () => forget(),
  };
}

/** SIGUSR1 is left out: Node opens its inspector on it. */
function listen(stop: (signal: string) => void): () => void {
  const signals = SIGNALS.filter((name) => process.platform !== "win32" || name !== "SIGUSR2");
  const forget = (): void => {
    for (const name of signals) process.off(name, first);
  };
  // Without a handler the second signal has its usual effect.
  const first = (name: string): void => {
    forget();
    stop(name);
  };
  for (const name of signals) process.on(name, first);
  return forget;
}

export function processShell(): Shell {
  let failure: Error | undefined;
  const fail = (error: NodeJS.ErrnoException): Error => {
    if (error.code === "EPIPE") process.exit(0); // `jko sample ... | head` is not an error
    failure ??= Object.assign(error, { path: "standard output" });
    return failure;
  };
  process.stdout.on("error", fail);
  process.stderr.on("error", () => {});
  const write = (data: string | Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      if (failure) reject(failure);
      else process.stdout.write(data, (error) => (error ? reject(fail(error)) : resolve()));
    });
  return {
    out: (data) => {
      const written = write(data);
      written.catch(() => {}); // who does not wait hears of it at the next call
      return written;
    },
    err: (text) => void process.stderr.write(text),
    stdin: () => process.stdin,
    display: process.stderr.isTTY ? "terminal" : "plain",
    width: process.stderr.columns ?? 80,
    onSignal: listen,
  };
}
