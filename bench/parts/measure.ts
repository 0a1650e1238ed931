/** Figures from measurements: medians, the processor's peak, tables. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { openPeer, type Peer } from "./peer.ts";

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A figure of a page; one that is not finite is null in the JSON of results. */
export const rounded = (value: number | null, digits = 4): string => {
  if (value === null || !Number.isFinite(value)) return "not finite";
  return value === 0 ? "0" : String(Number(value.toPrecision(digits)));
};

/** || a - b || / || b ||. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    size += b[i] ** 2;
  }
  return Math.sqrt(difference / size);
}

/** The program that measures the peak of one core, or undefined when no compiler can build it. */
export async function openPeak(folder: string, threads: number): Promise<Peer | undefined> {
  const source = new URL("../peers/peak.cpp", import.meta.url).pathname;
  const program = join(folder, "peak");
  const flags = ["-O3", "-std=c++17", "-march=native", "-pthread", source, "-o", program];
  const built = [process.env.CXX, "g++", "clang++", "c++"].some(
    (compiler) => compiler !== undefined && spawnSync(compiler, flags, { stdio: "ignore" }).status === 0,
  );
  return built ? openPeer({ command: program, args: [String(threads)] }, "silent") : undefined;
}

/** Rows of equal length as a markdown table; the first row is the head, numbers stand right. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const numeric = rows[0].map((_, column) => rows.slice(1).every((row) => /^[-\d.]/.test(row[column])));
  const widths = rows[0].map((_, column) => Math.max(4, ...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => (numeric[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (numeric[i] ? `${"-".repeat(width - 1)}:` : "-".repeat(width))).join(" | ")} |`;
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join("\n");
}
