/** `jko info`: what is in a model file, on one screen. */
import type { Command } from "commander";
import { type data, type Model, systems } from "jkoflow";
import { fieldTitle } from "jkoflow/maps";
import { flowAt } from "../evolution/flowAt.ts";
import { infoChain, infoFlow } from "../evolution/use.ts";
import { inShell } from "../input/cellFixes.ts";
import { describeColumn } from "../input/conditionRows.ts";
import { addTalk, type CommonFlags } from "../options.ts";
import { listNames } from "../progress/gatherNotes.ts";
import { count, counted, nats, small } from "../progress/numbers.ts";
import { entry, wrapItems, wrapWords } from "../progress/wrap.ts";
import { readComplete } from "../report/complete.ts";
import { parameterCount } from "../report/judgedModel.ts";
import { settingsInUse } from "../report/settingsInUse.ts";
import { keptLines, noBlock, verdict } from "../report/verdict.ts";
import { comparison, judgedBy } from "../report/words.ts";
import { type ModelFile, readModelFile } from "../run/modelFile.ts";
import type { Shell } from "../shell.ts";

interface InfoFlags extends CommonFlags {
  readonly all?: boolean;
}

const EXAMPLES = `Examples:
  jko info run
  jko info run --all
  jko info model.safetensors --json
`;

export function addInfo(program: Command, shell: Shell): void {
  const command = program
    .command("info")
    .summary("what is in a model file")
    .description(
      "System, columns, size and likelihood of a model, and the settings that have an effect; the file is checked as a whole.",
    )
    .argument("<model>", "run directory or model file")
    .addHelpText("before", EXAMPLES)
    .option("--all", "every column and every setting");
  addTalk(command).action((path: string, flags: InfoFlags) => {
    const place = flowAt(path);
    if (place === undefined) return info(path, flags, shell);
    return "verb" in place ? infoFlow(place.verb, path, flags, shell) : infoChain(place.file, flags, shell);
  });
}

/** Columns and given columns that are written out, one a line, without --all. */
const SHOWN = 12;

const quantileOf =
  ({ scores }: Model) =>
  (share: number): number =>
    scores[Math.round(share * (scores.length - 1))];

async function info(path: string, flags: InfoFlags, shell: Shell): Promise<void> {
  const file = readModelFile(path);
  const text = flags.json ? JSON.stringify(asJson(file)) : describeModel(file, path, flags.all ? "all" : "short");
  await shell.out(`${text}\n`);
}

function asJson(file: ModelFile): Readonly<Record<string, unknown>> {
  const { model } = file;
  const { standardizer, flow, settings, system } = model;
  const { kind, columns } = standardizer.toJSON();
  const quantile = quantileOf(model);
  return {
    event: "result",
    path: file.path,
    system,
    columns: model.schema ? model.schema.columns.map(({ name }) => name) : columns,
    ...(model.schema ? { schema: model.schema.columns } : {}),
    standardize: kind,
    ...(model.condition ? { condition: model.condition.encoder.columns, base: flow.block.base ?? "standard" } : {}),
    blocks: flow.blocks.length,
    ...(flow.baseMixture ? { mixture: flow.baseMixture.weights.length } : {}),
    parameters: parameterCount(model),
    steps: flow.steps,
    blockSteps: flow.blocks.map(({ steps }) => steps ?? flow.steps),
    stepSizes: flow.blocks.map(({ stepSize }) => (Number.isFinite(stepSize) ? stepSize : null)),
    divergence: flow.block.divergence,
    field: flow.block.field,
    settings,
    heldOutScores: { "0.01": quantile(0.01), "0.5": quantile(0.5), "0.99": quantile(0.99) },
    bytes: file.bytes,
    modelHash: file.sha256,
  };
}

/** Solver steps of the blocks: one number where all have as many. */
function stepsPerBlock({ blocks, steps }: ModelFile["model"]["flow"]): string {
  const each = blocks.map(({ steps: own = steps }) => own);
  const differ = each.some((own) => own !== each[0]);
  return differ ? `${each.join(", ")} steps` : `${counted(each[0] ?? steps, "step")} per block`;
}

function describeModel(file: ModelFile, path: string, extent: "short" | "all"): string {
  const { model, run } = file;
  const { standardizer, flow, settings, system, condition, kernels } = model;
  const { kind } = standardizer.toJSON();
  const title = Object.hasOwn(systems, system) ? systems[system].title : system;
  const measures = run === undefined ? undefined : readComplete({ path: (name) => `${run}/${name}` });
  const quantile = quantileOf(model);
  const stepSizes = flow.blocks.map(({ stepSize }) => (Number.isFinite(stepSize) ? small(stepSize) : "free"));
  const shown = extent === "all" ? settings : settingsInUse(settings);
  const hidden = Object.keys(settings).length - Object.keys(shown).length;
  const items = Object.entries(shown).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const idle = hidden > 0 ? [`and ${hidden} that have no effect: --all`] : [];
  const conditions = (condition?.encoder.columns ?? []).filter((column) => column.kind !== "cell");
  const given = conditions.slice(0, extent === "all" || conditions.length <= SHOWN + 1 ? undefined : SHOWN);
  const name = inShell(path);
  const lines = [
    entry("model", [`${file.path}, ${count(file.bytes)} bytes`]),
    entry("SHA-256", [file.sha256]),
    entry("system", [title === system ? system : `${title} (${system})`]),
    ...(measures
      ? [
          entry("rows", [
            `${count(measures.rows.train)} training, ${count(measures.rows.validation)} validation, ${count(measures.rows.test)} test`,
          ]),
          entry(
            `${judgedBy(measures)} NLL`,
            comparison(measures).map(([of, nll]) => `${nll} nats, ${of}`),
          ),
          entry("", wrapWords([verdict(measures), ...keptLines(measures)].join(" "))),
        ]
      : []),
    entry("columns", columnLines(model, extent)),
    ...given.map((column) => entry(`given ${column.name}`, [describeColumn(column)])),
    ...(given.length < conditions.length ? [entry("", [`and ${conditions.length - given.length} more: --all`])] : []),
    flow.baseMixture && flow.blocks.length === 0
      ? entry("mixture", [describeMixture(flow), `rows standardised by ${kind}`])
      : entry("flow", [
          flow.blocks.length === 0
            ? noBlock(settings)
            : `${counted(flow.blocks.length, "block")}, ${count(parameterCount(model))} parameters in all, h = ${stepSizes.join(", ")}`,
          `${fieldTitle(flow.block.field)}, divergence ${flow.block.divergence}`,
          `${flow.block.tableau?.name ?? "rk4"}, ${stepsPerBlock(flow)}; rows standardised by ${kind}`,
        ]),
    ...(kernels ? [entry("kernels", [describeKernels(model)])] : []),
    entry("held-out scores", [
      `${kernels ? "score" : "log-density"} quantiles 1 %: ${nats(quantile(0.01))}, 50 %: ${nats(quantile(0.5))}, 99 %: ${nats(quantile(0.99))} nats`,
    ]),
    entry("settings", wrapItems([...items, ...idle])),
    entry("use", [
      `jko sample ${name} -n 10000 -o samples.csv`,
      `jko logprob ${name} rows.csv -o scores.csv --threshold 0.01`,
    ]),
  ];
  return lines.flat().join("\n");
}

/** A mixture that is the model. */
function describeMixture({ baseMixture, opening }: Model["flow"]): string {
  const parts = counted(baseMixture!.weights.length, "Gaussian");
  const margins = baseMixture!.margins ? " behind kernel margins" : "";
  return `${parts}${margins}${opening ? ", of what a linear regression on the given leaves" : ""}`;
}

function describeKernels({ kernels, standardizer }: Model): string {
  const rows = kernels!.rows.length / standardizer.columns.length;
  return `${count(rows)} training rows, width ${small(kernels!.width)}`;
}

const shorten = (lines: readonly string[]): readonly string[] =>
  lines.length <= SHOWN + 1 ? lines : [...lines.slice(0, SHOWN), `and ${lines.length - SHOWN} more: --all`];

/** A line for all columns that are described by the same words. */
function columnLines({ schema, standardizer }: Model, extent: "short" | "all"): readonly string[] {
  const columns = schema?.columns ?? standardizer.columns.map((name): data.SchemaColumn => ({ name, kind: "number" }));
  const alike = new Map<string, string[]>();
  for (const column of columns) {
    const words = describe(column, extent);
    alike.set(words, [...(alike.get(words) ?? []), column.name]);
  }
  const lines = [...alike].flatMap(([words, names]) =>
    extent === "all"
      ? wrapItems([...names.slice(0, -1), `${names.at(-1)}: ${words}`])
      : `${listNames(names, NAMED)}: ${words}`,
  );
  return [`${columns.length} in all`, ...(extent === "all" ? lines : shorten(lines))];
}

/** Columns alike, and levels of a category, that are written out without --all. */
const NAMED = 8;

/** A column of a schema in words. */
function describe(
  { kind, levels, bounds, noise, missing, offset = 0 }: data.SchemaColumn,
  extent: "short" | "all",
): string {
  const [low, high] = (bounds ?? [null, null])
    .slice(0, 2)
    .map((end) => (typeof end === "number" ? end + offset : null));
  const words = levels?.map((level) => level ?? "(missing)") ?? [];
  const named = extent === "all" ? words.join(", ") : listNames(words, NAMED);
  const parts = [
    kind === "category" ? `categories ${named}` : kind === "integer" ? "whole numbers" : "numbers",
    low === null ? "" : `from ${low}`,
    high === null ? "" : `to ${high}`,
    noise ? `noise of width ${noise}` : "",
    missing ? "may be missing" : "",
    offset === 0 ? "" : `computed as the difference from ${offset}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}
