/** Compiles the packages to JavaScript, in the order of their dependence; skips a package whose sources did not change. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const packages = ["packages/jkoflow", "packages/cli"];

function files(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? files(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort();
}

/** Plain JavaScript beside the TypeScript (the worker of the WebAssembly engine) is copied as it is. */
function copyScripts(source, target) {
  for (const file of files(source)) {
    if (!file.endsWith(".js")) continue;
    const to = join(target, file.slice(source.length + 1));
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(file, to);
  }
}

export async function build() {
  let upstream = "";
  for (const name of packages) {
    const folder = join(root, name);
    const source = join(folder, "src");
    const digest = createHash("sha256")
      .update(upstream)
      .update(readFileSync(join(root, "tsconfig.base.json")));
    for (const file of [join(folder, "tsconfig.json"), ...files(source)])
      digest.update(file.slice(root.length)).update(readFileSync(file));
    const stamp = digest.digest("hex");
    upstream = stamp;
    const stampFile = join(folder, "dist", ".stamp");
    if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) continue;
    rmSync(join(folder, "dist"), { recursive: true, force: true });
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const result = spawnSync(process.execPath, [tsc, "-p", folder], { cwd: root, stdio: "inherit" });
    if (result.status !== 0) {
      console.error(`error: ${name} does not compile; the compiler's messages stand above`);
      process.exit(1);
    }
    copyScripts(source, join(folder, "dist"));
    writeFileSync(stampFile, stamp);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
