/**
 * The bits of the run of `npm start`: fits the MINIBOONE sample of examples/data with default settings into a folder that
 * goes away again, and compares the weights and scores of its model with those in packages/jkoflow/test/guardStart.json.
 * A kernel of another processor has no values there, which is said; with --write they are written down.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tsImport } from "tsx/esm/api";

const root = fileURLToPath(new URL("..", import.meta.url));
const file = join(root, "packages/jkoflow/test/guardStart.json");
const data = (part) => join(root, "examples/data", `miniboone-${part}.npy`);
const parts = ["train", "validation", "test"];

const missing = parts.map(data).find((path) => !existsSync(path));
if (missing) {
  console.log(`guard: not checked, ${missing} is not here`);
  process.exit(0);
}
const source = (path) => tsImport(join(root, "packages/jkoflow", path), import.meta.url);
const { createEngine } = await source("src/engine/index.ts");
const engine = await createEngine({ threads: 1 });
const { kernelId } = engine;
engine.dispose();
const golden = JSON.parse(readFileSync(file, "utf8"));
const writes = process.argv.includes("--write");
if (!golden[kernelId] && !writes) {
  console.log(`guard: the run of npm start is not checked, there are no values of ${kernelId}`);
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), "jko-guard-"));
try {
  const out = join(folder, "run");
  const [train, validation, test] = parts.map(data);
  const args = ["fit", train, "--validation", validation, "--test", test, "--out", out, "--quiet"];
  const jko = join(root, "packages/cli/bin/jko.js");
  const { status } = spawnSync(process.execPath, [jko, ...args], { stdio: "inherit" });
  if (status !== 0) throw new Error(`jko fit ended with ${status}`);
  const { decodeModel } = await source("src/model/index.ts");
  const { fingerprint } = await source("test/fingerprint.ts");
  const found = fingerprint(decodeModel(readFileSync(join(out, "model.safetensors"))));
  if (writes) {
    writeFileSync(file, `${JSON.stringify({ ...golden, [kernelId]: found }, null, 2)}\n`);
  } else {
    const other = Object.keys(found).filter((part) => found[part] !== golden[kernelId][part]);
    if (other.length > 0) {
      console.error(`guard: ${other.join(" and ")} of npm start changed on ${kernelId}: ${JSON.stringify(found)}`);
      process.exitCode = 1;
    } else console.log(`guard: the run of npm start has the same bits on ${kernelId}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
