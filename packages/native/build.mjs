/**
 * Builds the native addon with the C++ compiler of this machine: `node build.mjs`.
 *
 * The headers come from the npm package node-api-headers, so nothing is downloaded. The kernel is compiled once per
 * instruction set and the addon chooses at run time. Exit code 3 means that there is no compiler.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "build");
const target = join(out, "kernel.node");
const sources = readdirSync(join(here, "src")).sort();

const compiler = [process.env.CXX, "g++", "clang++", "c++"].find(
  (name) => name && spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
);
if (compiler === undefined) {
  console.error("no C++ compiler found (tried $CXX, g++, clang++, c++): the native kernel is not built");
  process.exit(3);
}

const digest = createHash("sha256")
  .update(readFileSync(fileURLToPath(import.meta.url)))
  .update(process.arch);
for (const name of sources) digest.update(name).update(readFileSync(join(here, "src", name)));
const stamp = digest.digest("hex");
const stampFile = join(out, "stamp");
if (existsSync(target) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) process.exit(0);

mkdirSync(out, { recursive: true });
const include = createRequire(import.meta.url)("node-api-headers").include_dir;
const x86 = process.arch === "x64";
const common = ["-O3", "-std=c++17", "-fPIC", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math", "-Wall"];
// A warning about the calling convention of wide vectors: none crosses a function that is not inlined.
const quiet = ["-Wno-psabi", "-Wno-ignored-attributes", "-Wno-unknown-warning-option"];
const kernels = [{ name: "portable", flags: ["-DVL=4"] }];
if (x86) {
  kernels.push({ name: "avx2", flags: ["-DVL=8", "-mavx2", "-mfma", "-mtune=haswell"] });
  const avx512 = ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mavx2", "-mfma"];
  kernels.push({ name: "avx512", flags: ["-DVL=16", ...avx512, "-mprefer-vector-width=512"] });
}

function run(args) {
  const result = spawnSync(compiler, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (result.status !== 0) {
    console.error(`${compiler} ${args.join(" ")} failed; the native kernel is not built`);
    process.exit(1);
  }
}

const objects = kernels.map(({ name, flags }) => {
  const object = join(out, `${name}.o`);
  run([
    ...common,
    ...quiet,
    ...flags,
    `-DKERNEL(n)=jko_##n##_${name}`,
    "-c",
    join(here, "src/kernel.cpp"),
    "-o",
    object,
  ]);
  return object;
});
const addon = join(out, "addon.o");
run([
  ...common,
  ...quiet,
  "-fvisibility=hidden", // names such as Engine must not be taken from, or given to, the process
  ...(x86 ? ["-DHAVE_X86"] : []),
  `-I${include}`,
  "-c",
  join(here, "src/addon.cpp"),
  "-o",
  addon,
]);
const link = process.platform === "darwin" ? ["-bundle", "-undefined", "dynamic_lookup"] : ["-shared", "-pthread"];
run([...link, addon, ...objects, "-o", `${target}.new`]);
renameSync(`${target}.new`, target);
writeFileSync(stampFile, stamp);
