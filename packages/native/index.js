import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const path = fileURLToPath(new URL("./build/kernel.node", import.meta.url));

export function loadKernel() {
  return existsSync(path) ? createRequire(import.meta.url)(path) : undefined;
}
