/** What can be done with a finished run along a flow, or with a chain of maps: samples, log-densities, figures, a description. */
import { basename, resolve } from "node:path";
import { chain, createKey, evolutionSystems, fold, InputError } from "jkoflow";
import { neuralJkoIc } from "jkoflow/systems";
import { type ModelRowOptions, readModelRows } from "../input/modelRows.ts";
import { openTable } from "../input/openTable.ts";
import type { CommonFlags } from "../options.ts";
import { checkDraws, type DrawsFlags, drawsWish, openDraws } from "../output/drawsFile.ts";
import { checkOutput, checkRoom, type OutputFlags } from "../output/newFile.ts";
import { openTableWriter, outputFormat } from "../output/tableWriter.ts";
import { count, counted, small } from "../progress/numbers.ts";
import { createWatcher } from "../progress/watcher.ts";
import { readComplete } from "../report/complete.ts";
import { writePictures } from "../report/writeReport.ts";
import type { ChainFile } from "../run/modelFile.ts";
import { readFolder } from "../run/runFolder.ts";
import type { Shell } from "../shell.ts";
import type { CorrectedMeasures } from "./correctedMeasures.ts";
import { correctedVerdict } from "./correctedWords.ts";
import { openFinished } from "./finished.ts";
import { type FlowPlace, openAt, refuseIdle } from "./flowAt.ts";
import { alongOf, type EvolutionMeasures } from "./measures.ts";
import { isCorrected, recordKind } from "./record.ts";
import { figuresOfFlow } from "./report.ts";
import { stepsSay } from "./steps.ts";
import type { FlowVerb } from "./verbs.ts";
import { verdictOf } from "./words.ts";

interface TimeFlags extends CommonFlags, OutputFlags {
  readonly at?: number;
}

/** Rows that are made at one time; part of what a seed means. */
const CHUNK = 65_536;

export async function sampleFlow(
  place: FlowPlace,
  path: string,
  flags: TimeFlags & DrawsFlags & { readonly given?: unknown },
  shell: Shell,
): Promise<void> {
  const watcher = createWatcher(shell, flags);
  refuseIdle({ "--given": flags.given }, place);
  const wish = drawsWish(flags);
  const format = wish ? "npy" : outputFormat(flags.output);
  if (!wish) checkOutput(flags, [path]);
  const { flow, at, modelHash, dispose } = await openAt(place, flags.at, shell);
  const { columns } = flow;
  if (wish) checkDraws(wish, flags, [path], columns.length);
  else checkRoom(flags.output, format, flags.number, columns.length);
  const key = fold(createKey(flags.seed ?? 0), "sample");
  const sample = chain.need(flow, "sample", path);
  const draws = wish && openDraws(wish, flags, columns, "f4");
  const writer = draws ?? openTableWriter(flags.output, columns, "f4", shell);
  if (draws && flow.draw === undefined) watcher.note(`no log-densities in ${flags.output}: ${flow.lacks.draw}`);
  try {
    for (let first = 0; first < flags.number; first += CHUNK) {
      const rows = Math.min(CHUNK, flags.number - first);
      const chunk = fold(key, first / CHUNK);
      const scored = draws && flow.draw?.(chunk, rows, { at });
      if (scored) draws.score(scored.logProb);
      await writer.write(Float32Array.from((scored ?? sample(chunk, rows, { at })).values));
    }
    await writer.finish();
  } finally {
    writer.abort();
    dispose();
  }
  const { number: rows } = flags;
  const output = wish && wish.paths.length > 1 ? wish.paths : flags.output;
  watcher.line({ event: "result", output, rows, columns, ...(at === undefined ? {} : { time: at }), modelHash });
  watcher.close();
}

export async function logProbFlow(
  place: FlowPlace,
  path: string,
  data: string,
  flags: TimeFlags & { readonly threshold?: number; readonly draws: number },
  options: ModelRowOptions,
  shell: Shell,
): Promise<void> {
  const watcher = createWatcher(shell, flags);
  refuseIdle({ "--threshold": flags.threshold, "--draws": flags.draws > 1 ? flags.draws : undefined }, place);
  outputFormat(flags.output);
  checkOutput(flags, [path, data]);
  const { flow, at, modelHash, dispose } = await openAt(place, flags.at, shell);
  const logProb = chain.need(flow, "logProb", path);
  const file = await openTable(data, shell, "one");
  const writer = openTableWriter(flags.output, ["logProb"], "f8", shell);
  let [rows, sum] = [0, 0];
  try {
    for await (const { values } of readModelRows(file, flow.columns, { ...options, onNote: watcher.note })) {
      const scores = logProb(values, { at });
      rows += scores.length;
      for (const score of scores) sum += score;
      await writer.write(scores);
    }
    await writer.finish();
  } finally {
    writer.abort();
    dispose();
  }
  const means = { rows, meanLogProb: sum / rows, ...(at === undefined ? {} : { time: at }) };
  watcher.line({ event: "result", output: flags.output, ...means, modelHash });
  watcher.close();
}

export async function plotFlow(
  verb: FlowVerb,
  folder: string,
  flags: CommonFlags & { readonly out?: string },
  shell: Shell,
): Promise<void> {
  const watcher = createWatcher(shell, flags);
  const path = (name: string): string => `${folder}/${name}`;
  if (isCorrected(readFolder(recordKind(verb.name), folder))) {
    const fix = `jko infer and jko resume draw them, into ${folder}/plots`;
    throw new InputError({ where: folder, came: "a sampler", expected: "a flow in time, to draw it again", fix });
  }
  const { problem, open, record } = await openFinished(verb, folder, shell);
  const measures = measuresOf(folder);
  const along = alongOf(open, record.seed, measures.rows);
  const figures = figuresOfFlow(problem, measures, along, basename(resolve(folder)));
  const paths = await writePictures({ path }, figures, flags.out);
  watcher.line({ event: "result", files: paths });
  if (!flags.json && !flags.quiet) await shell.out(`${paths.join("\n")}\n`);
}

/** @throws InputError for a run whose report is not there. */
function measuresOf<M = EvolutionMeasures>(folder: string): M {
  const measures = readComplete<M>({ path: (name) => `${folder}/${name}` });
  if (measures !== undefined) return measures;
  const fix = `finish it by jko resume ${folder}`;
  throw new InputError({ where: folder, came: "a run without a report", expected: "a finished run", fix });
}

export async function infoFlow(verb: FlowVerb, folder: string, flags: CommonFlags, shell: Shell): Promise<void> {
  if (isCorrected(readFolder(recordKind(verb.name), folder))) return await infoSampler(verb, folder, flags, shell);
  const { record, problem, trained } = await openFinished(verb, folder, shell);
  const measures = measuresOf(folder);
  if (flags.json) {
    await shell.out(`${JSON.stringify({ ...record, ...measures })}\n`);
    return;
  }
  const { dimension, columns, time } = problem;
  const { title, reference } = evolutionSystems[record.system];
  const lines = [
    `${problem.title}, a run of jko ${verb.name}`,
    `system      ${title} (${reference})`,
    `columns     ${columns.join(", ")}`,
    `flow        to t = ${small(time)} in ${stepsSay(measures.table)}`,
    `size        ${counted(measures.parameters, "parameter")} a step, ${counted(dimension, "column")}`,
    `settings    ${Object.entries(record.settings)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(", ")}`,
    `model       SHA-256 ${trained.modelHash}`,
    "",
    verdictOf(measures),
  ];
  await shell.out(`${lines.join("\n")}\n`);
}

async function infoSampler(verb: FlowVerb, folder: string, flags: CommonFlags, shell: Shell): Promise<void> {
  const record = readFolder(recordKind(verb.name), folder);
  const measures = measuresOf<CorrectedMeasures>(folder);
  if (flags.json) return await shell.out(`${JSON.stringify({ ...record, ...measures })}\n`);
  const { title, reference } = neuralJkoIc;
  const lines = [
    `${measures.problem}, a run of jko ${verb.name}`,
    `system      ${title} (${reference})`,
    `columns     ${measures.columns.join(", ")}`,
    `size        ${counted(measures.parameters, "parameter")}, ${counted(measures.parts.length, "part")}`,
    `settings    ${Object.entries(record.settings)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(", ")}`,
    `model       SHA-256 ${measures.modelHash}`,
    "",
    correctedVerdict(measures),
  ];
  await shell.out(`${lines.join("\n")}\n`);
}

/** What a chain in a file alone is, and what it can. */
export async function infoChain(file: ChainFile, flags: CommonFlags, shell: Shell): Promise<void> {
  const { flow, modelHash, dispose } = await openAt({ file }, undefined, shell);
  dispose();
  const { stored, path, bytes } = file;
  const { system, columns, base, direction, times, parts } = stored;
  const can = chain.abilities.filter((ability) => flow[ability] !== undefined);
  if (flags.json) {
    const about = {
      system,
      columns,
      base,
      direction,
      ...(times ? { times } : {}),
      parts: parts.map((part) => part.config),
    };
    await shell.out(
      `${JSON.stringify({ event: "result", path, ...about, can, lacks: flow.lacks, bytes, modelHash })}\n`,
    );
    return;
  }
  const lines = [
    `${flow.title}, in a file alone: ${path}, ${count(bytes)} bytes`,
    `system      ${Object.hasOwn(evolutionSystems, system) ? evolutionSystems[system].title : system}`,
    `columns     ${columns.join(", ")}`,
    `base        ${base === "standard" ? "N(0, I)" : "the start of its problem, which is not in the file"}`,
    ...(times ? [`times       ${times.map(small).join(", ")}`] : []),
    `it can      ${can.join(", ")}`,
    ...Object.entries(flow.lacks).map(([ability, why]) => `no ${ability.padEnd(8)} ${why}`),
    `model       SHA-256 ${modelHash}`,
  ];
  await shell.out(`${lines.join("\n")}\n`);
}
