/**
 * The library in headless Chromium: the gradient of the workload W on WebAssembly has the bits that Node gives, with and
 * without threads, and in a page without cross-origin isolation. The binary is $CHROMIUM, or chromium on the path.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gradientHash, type Outcome } from "./browserCase.ts";

// Node 20 has relaxed SIMD behind this flag; later ones, and browsers, have it without.
if (process.versions.node.startsWith("20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");

const folder = fileURLToPath(new URL("..", import.meta.url));

function findChromium(): string | undefined {
  const { CHROMIUM, PATH = "" } = process.env;
  const named = ["chromium", "chromium-browser", "google-chrome"].flatMap((name) =>
    PATH.split(delimiter).map((path) => join(path, name)),
  );
  return [CHROMIUM, ...named].find((path) => path !== undefined && existsSync(path));
}

const chromium = findChromium();
if (chromium === undefined) console.log("browser tests are skipped: no chromium on the path, and $CHROMIUM is not set");

/** The engine and the case as JavaScript, in the layout of the sources. */
function compile(target: string): void {
  const root = join(folder, "../..");
  const config = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: { rootDir: folder, outDir: target, sourceMap: false },
    files: [join(folder, "test/browserCase.ts")],
  };
  writeFileSync(join(target, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const result = spawnSync(process.execPath, [tsc, "-p", target], { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`the library does not compile:\n${result.stdout}`);
  writeFileSync(join(target, "package.json"), '{"type":"module"}');
  copyFileSync(join(folder, "src/engine/wasmWorker.js"), join(target, "src/engine/wasmWorker.js"));
}

/** Runs the cases that the address names one after another, and sends back what came. */
const page = `<!doctype html><meta charset="utf-8"><script type="module">
  const report = (body) => fetch("/report" + location.search, { method: "POST", body: JSON.stringify(body) });
  try {
    const { gradientHash } = await import("/test/browserCase.js");
    const outcomes = [];
    for (const [threads, isa] of JSON.parse(new URLSearchParams(location.search).get("cases"))) {
      outcomes.push(await gradientHash(threads, isa ?? undefined));
    }
    await report({ outcomes });
  } catch (error) {
    await report({ error: String(error?.stack ?? error) });
  }
</script>`;

interface Report {
  readonly outcomes?: readonly Outcome[];
  readonly error?: string;
}

describe.skipIf(chromium === undefined)("Chromium", () => {
  let [site, profile] = ["", ""];
  let server: Server;
  let browser: ChildProcess | undefined;
  let receive: (report: Report) => void = () => {};

  beforeAll(async () => {
    [site, profile] = ["site", "profile"].map((name) => mkdtempSync(join(tmpdir(), `jkoflow-${name}-`)));
    compile(site);
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url!, "http://localhost");
      if (pathname === "/report") {
        let body = "";
        request.on("data", (part) => (body += part));
        request.on("end", () => receive(JSON.parse(body)));
        return response.end();
      }
      if (pathname !== "/plain") {
        response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
        response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
      }
      const file = join(site, pathname);
      if (pathname === "/plain" || pathname === "/isolated") {
        response.setHeader("Content-Type", "text/html").end(page);
      } else if (extname(file) === ".js" && existsSync(file)) {
        response.setHeader("Content-Type", "text/javascript").end(readFileSync(file));
      } else {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });

  const closeBrowser = async (): Promise<void> => {
    const running = browser;
    browser = undefined;
    if (running?.pid === undefined) return;
    const closed = new Promise((resolve) => running.once("exit", resolve));
    process.kill(-running.pid, "SIGKILL"); // its whole group: the binary starts helpers of its own
    await closed;
  };
  afterAll(async () => {
    await closeBrowser();
    server?.close();
    for (const path of [site, profile]) rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });

  async function runPage(path: string, cases: readonly (readonly [number, string?])[]): Promise<readonly Outcome[]> {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
    const report = new Promise<Report>((resolve) => {
      receive = resolve;
    });
    const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync", "--disable-component-update"];
    const flags = [
      "--headless",
      "--no-sandbox",
      ...quiet,
      "--disable-background-networking",
      `--user-data-dir=${profile}`,
    ];
    // a debugging port keeps the browser open until it is closed here
    const query = `?cases=${encodeURIComponent(JSON.stringify(cases))}`;
    browser = spawn(chromium!, [...flags, "--remote-debugging-port=0", address + query], {
      stdio: "ignore",
      detached: true,
    });
    const { outcomes, error } = await report;
    await closeBrowser();
    if (outcomes === undefined) throw new Error(error);
    return outcomes;
  }

  it("gives the bits of Node on 1 and 2 threads, with plain and with relaxed SIMD", async () => {
    const cases = [[1, "simd128"], [2, "simd128"], [1, "relaxed"], [2, "relaxed"], [2]] as const;
    const outcomes = await runPage("/isolated", cases);
    const expected = [];
    for (const [threads, isa] of cases) expected.push(await gradientHash(threads, isa));
    expect(outcomes).toEqual(expected);
    expect(outcomes.map(({ threads }) => threads)).toEqual([1, 2, 1, 2, 2]);
    expect(outcomes[0].kernelId).toBe("wasm-f32-simd128");
  });

  it("runs on one thread in a page that is not cross-origin isolated, with one notice", async () => {
    const [outcome] = await runPage("/plain", [[2]]);
    const { kernelId, hash } = await gradientHash(1);
    const notice = "this page is not cross-origin isolated, so it has no shared memory: running on one thread";
    expect(outcome).toEqual({ kernelId, hash, threads: 1, notices: [notice] });
  });
});
