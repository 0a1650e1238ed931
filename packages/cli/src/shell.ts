/** What the command has of the outside world: streams and signals. Tests hand in their own. */
import process from "node:process";

export interface Shell {
  /** Results. Resolves when the reader has room for more. */
  out(data: string | Uint8Array): Promise<void>;
  /** Progress, notices and errors. */
  err(text: string): void;
  stdin(): AsyncIterable<Uint8Array>;
  /** Whether `err` is watched by a person. */
  readonly display: "terminal" | "plain";
  /** Columns of the terminal. */
  readonly width: number;
  /** Calls `stop` at the first signal to end; the second one ends the process at once. Returns how to stop listening. */
  onSignal(stop: (signal: string) => void): () => void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGUSR2"] as const;

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
  // `jko sample ... | head` is not an error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  process.stderr.on("error", () => {});
  return {
    out: (data) =>
      new Promise((resolve) => {
        if (process.stdout.write(data)) resolve();
        else process.stdout.once("drain", resolve);
      }),
    err: (text) => void process.stderr.write(text),
    stdin: () => process.stdin,
    display: process.stderr.isTTY ? "terminal" : "plain",
    width: process.stderr.columns ?? 80,
    onSignal: listen,
  };
}
