/**
 * Everything a fresh clone needs: packages from the lock file, the native kernel where a C++ compiler is present, compiled
 * TypeScript. Does nothing that is already done.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) fail(`Node ${process.versions.node}, expected 20.19 or later`);

// Packages: when the lock file changed since the last install. Install scripts are not needed by any of them.
const stampFile = join(root, "node_modules", ".jkoflow-stamp");
const stamp = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== stamp) {
  console.log("installing packages (npm ci) ...");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const installed = spawnSync(npm, args, { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
  if (installed.status !== 0) fail("npm ci failed; its messages stand above");
  writeFileSync(stampFile, stamp);
}

const native = spawnSync(process.execPath, [join(root, "packages/native/build.mjs")], { encoding: "utf8" });
if (native.status === 3)
  console.log("no C++ compiler found: running on WebAssembly (slower; results are the same to rounding)");
else if (native.status !== 0) {
  process.stderr.write(native.stderr);
  console.log("the native kernel could not be built (see above): running on WebAssembly");
}

await build();
