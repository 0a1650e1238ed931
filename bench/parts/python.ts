/** Python with PyTorch or scikit-learn, where the machine has them. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { PeerCommand } from "./peer.ts";

/** Debian's OpenBLAS does not know newer AMD cores, and ATen chooses AVX2 on its own. */
const TUNED = { OPENBLAS_CORETYPE: "SkylakeX", ATEN_CPU_CAPABILITY: "avx512" };
const ONE_THREAD = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };

/** The command that runs a script of `peers` on one thread with the fastest kernels, or undefined without PyTorch. */
export const torchCommand = (script: string): PeerCommand | undefined => pythonCommand(script, "torch");

/** The command that runs a script of `peers` on one thread, or undefined where no Python has that module. */
export function pythonCommand(script: string, module: string): PeerCommand | undefined {
  const python = ["python3", "/usr/bin/python3"].find(
    (name) => spawnSync(name, ["-c", `import ${module}`], { stdio: "ignore" }).status === 0,
  );
  if (python === undefined) return undefined;
  return {
    command: python,
    args: [fileURLToPath(new URL(`../peers/${script}`, import.meta.url))],
    env: { ...ONE_THREAD, ...TUNED },
  };
}
