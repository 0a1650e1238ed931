/** `jko info`: what is in a model file. */
import type { Command } from "commander";
import { data, fieldTitle } from "jkoflow";
import { describeColumn } from "../input/conditionRows.ts";
import { readModelFile } from "../input/modelFile.ts";
import { addTalk, type CommonFlags } from "../options.ts";
import { count, nats, small } from "../progress/numbers.ts";
import { parameterCount } from "../report/measures.ts";
import type { Shell } from "../shell.ts";

const EXAMPLES = `Examples:
  jko info run
  jko info model.safetensors --json
`;

export function addInfo(program: Command, shell: Shell): void {
  const command = program
    .command("info")
    .summary("what is in a model file")
    .description("System, columns, size, settings and digest of a model; the file is checked as a whole.")
    .argument("<model>", "run directory or model file")
    .addHelpText("before", EXAMPLES);
  addTalk(command).action((path: string, flags: CommonFlags) => info(path, flags, shell));
}

async function info(path: string, { json }: CommonFlags, shell: Shell): Promise<void> {
  const file = readModelFile(path);
  const { model } = file;
  const { standardizer, flow, settings, scores, system } = model;
  const { kind, columns } = standardizer.toJSON();
  const parameters = parameterCount(model);
  const stepSizes = flow.blocks.map(({ stepSize }) => (Number.isFinite(stepSize) ? stepSize : null));
  const quantile = (share: number): number => scores[Math.round(share * (scores.length - 1))];
  if (json) {
    const quantiles = { "0.01": quantile(0.01), "0.5": quantile(0.5), "0.99": quantile(0.99) };
    const shape = {
      blocks: flow.blocks.length,
      parameters,
      steps: flow.steps,
      stepSizes,
      divergence: flow.block.divergence,
    };
    const result = {
      event: "result",
      path: file.path,
      system,
      columns,
      ...(model.schema ? { schema: model.schema.columns } : {}),
      standardize: kind,
      ...(model.condition ? { condition: model.condition.encoder.columns, base: flow.block.base ?? "standard" } : {}),
      ...shape,
      field: flow.block.field,
      settings,
      heldOutScores: quantiles,
      bytes: file.bytes,
      modelHash: file.sha256,
    };
    return shell.out(`${JSON.stringify(result)}\n`);
  }
  const rows: readonly (readonly [string, string])[] = [
    ["file", `${file.path}, ${count(file.bytes)} bytes`],
    ["SHA-256", file.sha256],
    ["system", system],
    ["columns", `${columns.length}: ${columns.join(", ")}`],
    ...(model.schema?.columns ?? [])
      .filter((column) => !data.isPlain({ columns: [column] }))
      .map((column): readonly [string, string] => [`  ${column.name}`, describe(column)]),
    ["standardised by", kind],
    ...(model.condition?.encoder.columns ?? []).map((column): readonly [string, string] => [
      `given ${column.name}`,
      describeColumn(column),
    ]),
    [
      "blocks",
      `${flow.blocks.length}, ${count(parameters)} parameters in all; h = ${stepSizes.map((h) => (h === null ? "free" : small(h))).join(", ")}`,
    ],
    ["field", `${fieldTitle(flow.block.field)}, divergence ${flow.block.divergence}`],
    ["solver", `${flow.block.tableau?.name ?? "rk4"}, ${flow.steps} steps per block`],
    ...(model.kernels
      ? [
          [
            "kernels",
            `${count(model.kernels.rows.length / columns.length)} training rows, width ${small(model.kernels.width)}`,
          ] as const,
        ]
      : []),
    [
      "held-out scores",
      `${model.kernels ? "score" : "log-density"} quantiles 1 %: ${nats(quantile(0.01))}, 50 %: ${nats(quantile(0.5))}, 99 %: ${nats(quantile(0.99))} nats`,
    ],
    ...Object.entries(settings).map(([name, value]): readonly [string, string] => [`  ${name}`, JSON.stringify(value)]),
  ];
  await shell.out(`${rows.map(([name, text]) => `${name.padEnd(22)}${text}`).join("\n")}\n`);
}

/** A column of a schema in words. */
function describe({ kind, levels, bounds, noise, missing, offset = 0 }: data.SchemaColumn): string {
  const [low, high] = (bounds ?? [null, null])
    .slice(0, 2)
    .map((end) => (typeof end === "number" ? end + offset : null));
  const parts = [
    kind === "category" ? `categories ${levels!.map((level) => level ?? "(missing)").join(", ")}` : kind,
    low === null ? "" : `from ${low}`,
    high === null ? "" : `to ${high}`,
    noise ? `noise of width ${noise}` : "",
    missing ? "may be missing" : "",
    offset === 0 ? "" : `computed as the difference from ${offset}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}
