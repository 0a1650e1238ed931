/**
 * Talks to a process that computes a log-density, in a thread of its own: whoever asks waits for the answer without an event loop.
 * A request is { rows, n, d, answer }: answer is shared memory, 16 bytes of state and length of a message, then the answer.
 */
import { spawn } from "node:child_process";
import { parentPort, workerData } from "node:worker_threads";

const [DONE, FAILED] = [1, 2];
const HEAD = 16;

let asked;
let received = [];
let size = 0;
let errors = "";
let ended;

const child = spawn(workerData.command, { shell: true, stdio: ["pipe", "pipe", "pipe"] });
child.stdout.on("data", (bytes) => {
  received.push(bytes);
  size += bytes.length;
  answer();
});
child.stderr.on("data", (bytes) => {
  errors = `${errors}${bytes}`.slice(-2000);
});
child.stdin.on("error", () => {}); // told by its end
child.on("error", (error) => end(`it could not be started: ${error.message}`));
child.on("close", (code, signal) => end(`it ended by ${signal ?? `code ${code}`}`));

function end(says) {
  const line = errors.trim().split("\n").at(-1)?.trim();
  ended = line ? `${says}: ${line}` : says;
  if (asked) fail(ended);
}

function settle(state) {
  const flags = new Int32Array(asked.answer, 0, 2);
  Atomics.store(flags, 0, state);
  Atomics.notify(flags, 0);
  asked = undefined;
  received = [];
  size = 0;
}

function fail(says) {
  const text = new TextEncoder().encode(says).subarray(0, asked.answer.byteLength - HEAD);
  new Uint8Array(asked.answer, HEAD).set(text);
  new Int32Array(asked.answer, 0, 2)[1] = text.length;
  settle(FAILED);
}

function answer() {
  if (!asked) return;
  const wanted = 8 * asked.n * (asked.d + 1);
  if (size < wanted) return;
  if (size > wanted) return fail(`it wrote ${size} bytes or more where ${wanted} are the answer`);
  new Uint8Array(asked.answer, HEAD).set(Buffer.concat(received));
  settle(DONE);
}

parentPort.on("message", (request) => {
  asked = request;
  if (ended !== undefined) return fail(ended);
  if (size > 0) return fail(`it wrote ${size} bytes that nobody asked for`);
  child.stdin.write(`rows ${request.n} columns ${request.d}\n`);
  child.stdin.write(Buffer.from(request.rows.buffer, request.rows.byteOffset, request.rows.byteLength));
});
