/**
 * The second half of `npm start`: fits the MINIBOONE sample kept in examples/data with default settings and says what to
 * do next. A start that was interrupted goes on where it was.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const jko = join(root, "packages/cli/bin/jko.js");
const data = (part) => join("examples/data", `miniboone-${part}.npy`);
const BAD_INPUT = 2;
// Where there is no native kernel the set-up has said so; asking for WebAssembly by name spares a second notice.
const engine = existsSync(join(root, "packages/native/build/kernel.node")) ? [] : ["--engine", "wasm"];

/** Run directories that are complete, or of other settings, are left alone. */
function fit() {
  for (let i = 1; ; i++) {
    const out = join("runs", i === 1 ? "miniboone" : `miniboone-${i}`);
    if (existsSync(join(root, out, "complete.json"))) continue;
    const existed = existsSync(join(root, out));
    const args = [
      "fit",
      data("train"),
      "--validation",
      data("validation"),
      "--test",
      data("test"),
      "--out",
      out,
      ...engine,
    ];
    const { status, signal } = spawnSync(process.execPath, [jko, ...args], { cwd: root, stdio: "inherit" });
    if (status === 0) return out;
    if (existed && status === BAD_INPUT) continue;
    process.exit(status ?? (signal === "SIGINT" ? 130 : 1));
  }
}

console.log("MINIBOONE sample (UCI, B. Roe, CC BY 4.0; examples/data/README.md): 43 columns, default settings\n");
const out = fit();
const command = `node ${relative(process.cwd(), jko) || jko}`;
console.log(`
Open ${out}/report.html in a browser. Then, for instance:

  ${command} sample ${out} -n 1000 -o samples.csv
  ${command} evaluate ${out}
  ${command} fit toy:moons
  ${command} fit your-table.csv`);
