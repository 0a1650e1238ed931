/** Our own programs as compiled JavaScript: no development tool counts as their memory or their time. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PeerCommand } from "./peer.ts";

export interface Build {
  /** The command that runs a program of `peers`, named without its ending. */
  program(name: string): PeerCommand;
}

/** Compile the sources as they are now into a folder of this run, which is removed when the process ends. */
export function buildPrograms(): Build {
  const here = fileURLToPath(new URL("..", import.meta.url));
  mkdirSync(join(here, "build"), { recursive: true });
  const folder = mkdtempSync(join(here, "build/run-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const compiler = join(manifest, "..", JSON.parse(readFileSync(manifest, "utf8")).bin.tsc);
  const args = [compiler, "-p", join(here, "tsconfig.json"), "--outDir", folder];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) console.error(`type errors while compiling: ${stdout.split("\n")[0]}`);
  return { program: (name) => ({ command: process.execPath, args: [join(folder, "bench/peers", `${name}.js`)] }) };
}
