/** Tables out, row by row: .npy, .csv, .tsv, or text on standard output. Nothing is visible before all is written. */
import { InputError, io } from "jkoflow";
import { exitCodes, Interrupted } from "../exit.ts";
import { type AtomicFile, openAtomic } from "../files/atomic.ts";
import type { Shell } from "../shell.ts";
import { isStream } from "./newFile.ts";

export interface TableWriter {
  /** [rows, columns], and behind them `more` columns, which an NPY file has not. */
  write(values: Float32Array | Float64Array, more?: io.WritableTable["more"]): Promise<void>;
  finish(): Promise<void>;
  abort(): void;
}

export type OutputFormat = "npy" | "csv" | "tsv";

/** @throws InputError for an extension that is none of ours. */
export function outputFormat(path: string | undefined): OutputFormat {
  if (isStream(path)) return "csv";
  const extension = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase();
  if (extension === "npy" || extension === "csv" || extension === "tsv") return extension;
  throw new InputError({
    where: path,
    came: extension === undefined ? "no extension" : `the extension .${extension}`,
    expected: ".npy, .csv or .tsv",
    fix: "choose the format by the name of the file",
  });
}

/** `kind` is the type of the values; an NPY file of one column is one-dimensional; `texts` write the cells of text. */
export function openTableWriter(
  path: string | undefined,
  columns: readonly string[],
  kind: "f4" | "f8",
  shell: Shell,
  texts?: io.WritableTable["texts"],
): TableWriter {
  const format = outputFormat(path);
  if (format === "npy") return npyWriter(openStoppable(path!, shell), columns.length, kind);
  const delimiter = format === "tsv" ? "\t" : ",";
  const file = isStream(path) ? undefined : openStoppable(path, shell);
  const put = async (bytes: Uint8Array): Promise<void> => (file ? file.write(bytes) : shell.out(bytes));
  let begun = false;
  const write: TableWriter["write"] = async (values, more = []) => {
    let header = true;
    for (const part of io.writeCsv({ values, columns, more, texts }, delimiter)) {
      if (!header || !begun) await put(part);
      header = false;
    }
    begun = true;
  };
  return {
    write,
    finish: async () => {
      if (!begun) await write(new Float64Array(0));
      file?.commit();
    },
    abort: () => file?.abort(),
  };
}

/** The number of rows is in the header and known last, so the header is written twice. */
function npyWriter(file: StoppableFile, width: number, kind: "f4" | "f8"): TableWriter {
  const header = (rows: number): Uint8Array => io.writeNpyHeader(kind, width === 1 ? [rows] : [rows, width]);
  let count = 0;
  let begun = false;
  const begin = async (): Promise<void> => {
    if (!begun) await file.write(header(0));
    begun = true;
  };
  return {
    write: async (values) => {
      await begin();
      const typed = kind === "f8" ? Float64Array.from(values) : Float32Array.from(values);
      await file.write(new Uint8Array(typed.buffer));
      count += values.length;
    },
    finish: async () => {
      await begin();
      await file.write(header(count / width), 0);
      file.commit();
    },
    abort: file.abort,
  };
}

interface StoppableFile {
  /** Lets a signal in. */
  write(bytes: Uint8Array, position?: number): Promise<void>;
  commit(): void;
  abort(): void;
}

/** A file in the making, which the first signal takes away with the command. */
function openStoppable(path: string, shell: Shell): StoppableFile {
  let file: AtomicFile | undefined;
  let stopped: Interrupted | undefined;
  // Before the file is there: a signal between the two would leave it behind.
  const forget = shell.onSignal((signal) => {
    file?.abort();
    const code = signal === "SIGTERM" ? exitCodes.terminated : exitCodes.interrupted;
    stopped = new Interrupted(`${signal}: stopped, ${path} is not written`, code);
    shell.stop?.(stopped);
  });
  try {
    file = openAtomic(path);
  } catch (error) {
    forget();
    throw error;
  }
  const open = file;
  return {
    write: async (bytes, position) => {
      open.write(bytes, position);
      await new Promise((resolve) => setImmediate(resolve));
      if (stopped) throw stopped;
    },
    commit: () => {
      forget();
      open.commit();
    },
    abort: () => {
      forget();
      open.abort();
    },
  };
}
