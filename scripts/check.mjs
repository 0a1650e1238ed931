/** Format, lint and types of everything, tests included. */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const bin = (name, file) => join(root, "node_modules", name, file);

await build();
const steps = [
  ["format and lint", bin("@biomejs/biome", "bin/biome"), ["check", "--error-on-warnings", "."]],
  ["types", bin("typescript", "bin/tsc"), ["-p", join(root, "tsconfig.json")]],
];
let failed = false;
for (const [title, script, args] of steps) {
  const result = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: "inherit" });
  console.log(`${title}: ${result.status === 0 ? "fine" : "failed"}`);
  failed ||= result.status !== 0;
}
process.exit(failed ? 1 : 0);
