/** `npm run bench -- NAME [options]`: runs bench/NAME.ts after the set-up. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const names = readdirSync(join(root, "bench"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -".ts".length));

const [name, ...options] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`benchmarks: ${names.join(", ")}; npm run bench -- NAME [options], described in bench/README.md`);
  process.exit(2);
}

function run(args) {
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit", cwd: root });
  if (status !== 0) process.exit(status ?? 1);
}
const setup = join(root, "scripts/setup.mjs");
if (existsSync(setup)) run([setup]);
run(["--import", "tsx", join(root, "bench", `${name}.ts`), ...options]);
