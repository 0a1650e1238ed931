import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^jkoflow\/(\w+)$/, replacement: source("./packages/jkoflow/src/$1/index.ts") },
      { find: /^jkoflow$/, replacement: source("./packages/jkoflow/src/index.ts") },
    ],
  },
  test: {
    include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "bench/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    // Far above what an idle machine needs: WebAssembly on a busy one must pass too.
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
});
