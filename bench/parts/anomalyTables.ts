/** Results of the benchmark `anomaly` as text: one row a set, means at the end, wins and losses against each peer. */
import { fixed } from "./figures.ts";
import { machineLine } from "./machine.ts";
import { markdownTable } from "./measure.ts";
import type { Conditions } from "./results.ts";

export const methodNames = ["flow", "flow-anomalies", "kNN", "IsolationForest", "mixture", "Gaussian"] as const;
export type MethodName = (typeof methodNames)[number];

/** What one method made of one set. */
export interface Result {
  /** On the rows of the test part. */
  readonly auroc: number;
  readonly averagePrecision: number;
  /** Normal test rows against all anomalies of the set, none of which was trained on. */
  readonly aurocAll: number;
  /** Of the normal test rows, nats in z-scored units; null for methods without a density. */
  readonly nll: number | null;
  readonly nllError: number | null;
  readonly cpuSeconds: number;
}

export interface Entry extends Conditions {
  readonly seed: number;
  /** Training, validation (normal rows), test part. */
  readonly rows: readonly number[];
  readonly available: number;
  readonly columns: number;
  readonly constant: readonly string[];
  readonly tied: number;
  /** Anomalies in the test part, and beside them from the other parts. */
  readonly anomalies: readonly [number, number];
  readonly results: Readonly<Partial<Record<MethodName, Result>>>;
}

export type Entries = Readonly<Record<string, Entry>>;

/** Methods that have a result for every set. */
const methodsOf = (entries: Entries): MethodName[] =>
  methodNames.filter((method) => Object.values(entries).every(({ results }) => results[method] !== undefined));

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export const meanOf = (
  entries: Entries,
  method: MethodName,
  figure: "auroc" | "averagePrecision" | "aurocAll",
): number => mean(Object.values(entries).map(({ results }) => results[method]?.[figure] ?? Number.NaN));

export function aurocTable(entries: Entries): string {
  const methods = methodsOf(entries);
  const rows = Object.entries(entries).map(([name, { rows, columns, anomalies, results }]) => [
    name,
    String(rows[0]),
    String(columns),
    `${anomalies[0]} of ${rows[2]}`,
    ...methods.map((method) => fixed(results[method]?.auroc, 3)),
    ...methods.map((method) => fixed(results[method]?.cpuSeconds, 1)),
  ]);
  const total = (method: MethodName): number =>
    Object.values(entries).reduce((sum, { results }) => sum + (results[method]?.cpuSeconds ?? 0), 0);
  const last = (name: string, figure: "auroc" | "aurocAll", seconds: boolean): string[] => [
    name,
    "",
    "",
    "",
    ...methods.map((method) => fixed(meanOf(entries, method, figure), 4)),
    ...methods.map((method) => (seconds ? fixed(total(method), 0) : "")),
  ];
  return markdownTable([
    ["set", "training rows", "columns", "anomalies", ...methods, ...methods.map((method) => `CPU s, ${method}`)],
    ...rows,
    last("mean; CPU seconds in all", "auroc", true),
    last("mean with all anomalies", "aurocAll", false),
  ]);
}

export function precisionTable(entries: Entries): string {
  const methods = methodsOf(entries);
  const densities = methods.filter((method) =>
    Object.values(entries).every(({ results }) => results[method]?.nll !== null),
  );
  const rows = Object.entries(entries).map(([name, { results }]) => [
    name,
    ...methods.map((method) => fixed(results[method]?.averagePrecision, 3)),
    ...densities.map((method) => `${fixed(results[method]?.nll, 2)} ± ${fixed(results[method]?.nllError, 2)}`),
  ]);
  return markdownTable([
    ["set", ...methods, ...densities.map((method) => `NLL, ${method}`)],
    ...rows,
    [
      "mean",
      ...methods.map((method) => fixed(meanOf(entries, method, "averagePrecision"), 4)),
      ...densities.map(() => ""),
    ],
  ]);
}

const OURS: readonly MethodName[] = ["flow", "flow-anomalies"];

/** Sets on which a flow's AUROC is higher, equal, lower than a peer's; the mean difference with its standard error over sets. */
export function standings(entries: Entries): string {
  const methods = methodsOf(entries);
  const peers = methods.filter((method) => !OURS.includes(method));
  const line = (ours: MethodName, peer: MethodName, figure: "auroc" | "aurocAll"): string => {
    const differences = Object.values(entries).map(
      ({ results }) => (results[ours]?.[figure] ?? Number.NaN) - (results[peer]?.[figure] ?? Number.NaN),
    );
    const count = (holds: (value: number) => boolean): number => differences.filter(holds).length;
    const average = mean(differences);
    const error = Math.sqrt(
      mean(differences.map((value) => (value - average) ** 2)) / Math.max(1, differences.length - 1),
    );
    return (
      `better on ${count((v) => v > 0)} sets, equal on ${count((v) => v === 0)}, worse on ${count((v) => v < 0)}, ` +
      `mean difference ${fixed(average, 4)} ± ${fixed(error, 4)} (${average < 0 ? "BELOW" : "not below"})`
    );
  };
  return OURS.filter((ours) => methods.includes(ours))
    .flatMap((ours) =>
      peers.map(
        (peer) =>
          `- ${ours} against ${peer}: ${line(ours, peer, "auroc")}; with all anomalies: ${line(ours, peer, "aurocAll")}`,
      ),
    )
    .join("\n");
}

export function renderAll(entries: Entries): string {
  const names = Object.keys(entries).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  const sorted: Entries = Object.fromEntries(names.map((name) => [name, entries[name]]));
  const [{ date, machine, seed }] = Object.values(sorted);
  const capped = names.filter((name) => sorted[name].rows[0] < sorted[name].available);
  const without = names.filter((name) => sorted[name].constant.length > 0);
  return [
    `# Anomalies: ${names.length} sets of ADBench`,
    `${date}; ${machineLine(machine)}; one thread each; seed ${seed}; the settings of every set are those the library chooses.`,
    "Every method learns from the normal rows of the training part alone (row i with i % 10 = 9 is test, 8 validation), z-scored " +
      "by them. Scores: flows, mixture and Gaussian -ln p (flow: the defaults of `jko fit`; flow-anomalies: those of " +
      "`jko fit --for anomalies`, which differ for tables below 20,000 rows: noise of 0.2 deviations on z-scored columns, and " +
      "the score is the mean of the flow's -ln p and that of Gaussian kernels at the training rows, 1.4 nearest-neighbour " +
      "distances wide; both chosen on validation parts); kNN the distance to the 5th nearest training row; " +
      "IsolationForest (scikit-learn, 100 trees). Tied columns have the same uniform noise for all methods. " +
      "CPU seconds are those of training for densities, of training and scoring for kNN and IsolationForest.",
    "## AUROC on the test part, CPU seconds",
    aurocTable(sorted),
    "Mean with all anomalies: normal test rows against the anomalies of all three parts (at most 2,000 of the others), none of " +
      "which was trained on; steadier where the test part has few. The settings of flow-anomalies were chosen by anomalies of the " +
      "training and validation parts, which are among these; nothing was chosen by the test part.",
    "AUROC, ± one standard error over sets:",
    standings(sorted),
    "## Average precision; NLL of the normal test rows in nats of the z-scored columns, ± one standard error",
    precisionTable(sorted),
    ...(capped.length > 0
      ? [
          `Training rows are a subset by key for all methods alike: ${capped.map((name) => `${name} (of ${sorted[name].available})`).join(", ")}.`,
        ]
      : []),
    ...(without.length > 0
      ? [
          `Columns with a single value in the whole table are left out: ${without.map((name) => `${name} ${sorted[name].constant.length}`).join(", ")}.`,
        ]
      : []),
  ].join("\n\n");
}
