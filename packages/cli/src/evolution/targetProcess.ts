/**
 * A target that another process computes: BridgeStan, PyMC, JAX, NumPyro, whatever reads rows and writes log-densities.
 *
 *   to its standard input     a line "rows N columns D", then N D numbers, row after row
 *   from its standard output  N log-densities, then N D slopes of them
 *
 * All numbers are float64, little-endian; -Infinity is a row that cannot be. It is asked again and again, and ends when its input does.
 */
import { Worker } from "node:worker_threads";
import { createKey, type EvolutionProblem, type functionals, InputError } from "jkoflow";

/** Milliseconds for one answer. */
const LONGEST_WAIT = 120_000;
const [DONE, HEAD] = [1, 16];
/** Room for a message in the place of an answer. */
const MESSAGE = 4096;

type Batch = Extract<functionals.HostFunction | functionals.HostTogether, { together: unknown }>;

/** -ln p and its slopes at rows of `d` columns, by a command of the shell. */
export function openTargetProcess(command: string, d: number, where = "--process"): Batch {
  const worker = new Worker(new URL("./targetWorker.js", import.meta.url), { workerData: { command } });
  worker.unref();
  const fail = (came: string, expected: string, fix?: string): never => {
    throw new InputError({ where, came, expected, ...(fix ? { fix } : {}) });
  };
  return {
    together: (rows) => {
      const n = rows.length / d;
      const answer = new SharedArrayBuffer(HEAD + Math.max(8 * n * (d + 1), MESSAGE));
      const flags = new Int32Array(answer, 0, 2);
      worker.postMessage({ rows: rows.slice(), n, d, answer });
      const wanted = `${n} log-densities and ${n * d} slopes, float64`;
      if (Atomics.wait(flags, 0, 0, LONGEST_WAIT) === "timed-out") {
        const fix = "does it flush its output, and read all of its input?";
        fail(`no answer for ${LONGEST_WAIT / 1000} s`, wanted, fix);
      }
      if (flags[0] !== DONE) {
        const text = new TextDecoder().decode(new Uint8Array(answer, HEAD, flags[1]).slice());
        fail(text, wanted, "try it by itself; a run that was begun goes on by jko resume");
      }
      const found = new Float64Array(answer, HEAD, n * (d + 1));
      const values = Float64Array.from({ length: n }, (_, i) => -found[i]);
      const slopes = Float64Array.from({ length: n * d }, (_, at) => -found[n + at]);
      const odd = values.findIndex((value, i) => {
        if (value === Number.POSITIVE_INFINITY) return false; // a row that cannot be
        return !Number.isFinite(value) || !slopes.subarray(i * d, (i + 1) * d).every(Number.isFinite);
      });
      if (odd >= 0) {
        const place = Array.from(rows.subarray(odd * d, (odd + 1) * d), (v) => Number(v.toPrecision(4))).join(", ");
        const came = `a log-density of ${-values[odd]} with slopes ${Array.from(slopes.subarray(odd * d, (odd + 1) * d), (v) => -v).join(", ")} at (${place})`;
        fail(came, "finite numbers, or a log-density of -Infinity");
      }
      return { values, slopes: slopes.map((slope) => (Number.isFinite(slope) ? slope : 0)) };
    },
  };
}

/** Rows at which slopes are compared with differences of values, by so much, and how far they may be apart. */
const TRIED = 4;
const [DIFFERENCE, AGREE] = [1e-5, 1e-3];

/** Asks once, before anything is written. @throws InputError where there is no answer, or slopes are not those of the values. */
export function tryTarget(target: Batch, { columns, start }: Pick<EvolutionProblem, "columns" | "start">): void {
  const d = columns.length;
  const rows = start.sample!(createKey("tried"), TRIED);
  const moves = Array.from({ length: TRIED * d }, (_, at) => DIFFERENCE * (1 + Math.abs(rows[at])));
  const moved = moves.flatMap((by, at) =>
    [by, -by].flatMap((way) => {
      const first = Math.floor(at / d) * d;
      const row = Array.from(rows.subarray(first, first + d));
      row[at % d] += way;
      return row;
    }),
  );
  const { values, slopes } = target.together(Float64Array.from([...rows, ...moved]), d);
  moves.forEach((by, at) => {
    const [above, below] = [values[TRIED + 2 * at], values[TRIED + 2 * at + 1]];
    const difference = -(above - below) / (2 * by);
    const slope = -slopes[at];
    if (!Number.isFinite(difference) || Math.abs(slope - difference) <= AGREE * (1 + Math.abs(difference))) return;
    const place = Array.from(rows.subarray(Math.floor(at / d) * d, (Math.floor(at / d) + 1) * d), (v) =>
      Number(v.toPrecision(4)),
    ).join(", ");
    const came = `a slope of ${Number(slope.toPrecision(4))} by ${columns[at % d]} at (${place}), where log-densities rise by ${Number(difference.toPrecision(4))}`;
    const fix = "look at its sign and at the order of columns";
    throw new InputError({ where: "--process", came, expected: "the slopes of the log-density", fix });
  });
}
