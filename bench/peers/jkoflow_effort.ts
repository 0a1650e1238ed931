/**
 * JKO-iFlow with an effort, as a program of the benchmarks: one argument, the task as JSON; the answer as lines of JSON. The
 * flow after growth and after each round is kept; test rows are scored when the clock has stopped.
 */

import { createFlow, type FlowBlock } from "../../packages/jkoflow/src/chain/index.ts";
import type { Table } from "../../packages/jkoflow/src/data/index.ts";
import type { Engine } from "../../packages/jkoflow/src/engine/index.ts";
import { scoreLogProb } from "../../packages/jkoflow/src/evaluate/index.ts";
import { type Model, openModel } from "../../packages/jkoflow/src/model/index.ts";
import { createKey, fold } from "../../packages/jkoflow/src/random/index.ts";
import type { Event } from "../../packages/jkoflow/src/train/index.ts";
import { peakMiB, startClock } from "../parts/clock.ts";
import type { EffortFit, EffortTask, StageLine } from "../parts/effortFit.ts";
import { openEngine } from "../parts/engine.ts";
import type { FitEvent } from "../parts/fit.ts";
import { inversionHalfSquare } from "../parts/inversion.ts";
import { readProblem, writeLogProb, writeSamples } from "../parts/problem.ts";
import { listOf, numberOf, trainFlow } from "../parts/trainFlow.ts";

interface Kept {
  /** The round; undefined for growth. */
  readonly step: Event | undefined;
  readonly blocks: readonly FlowBlock[];
  readonly cpuSeconds: number;
  readonly updates: number;
}

const task: EffortTask = JSON.parse(process.argv[2]);
const say = (event: FitEvent): void => console.log(JSON.stringify(event));
const problem = await readProblem(task.files);
const engine = await openEngine(task.threads);
const key = createKey(task.seed);

const clock = startClock();
const kept: Kept[] = [];
let updates = 0;
const { trained, settings } = await trainFlow(engine, problem, task, (event) => {
  if (event.type !== "step") return;
  const { values, place } = event;
  const { cpuSeconds } = clock();
  updates += numberOf(event, "updates");
  const { improvement, blocks } = event.state();
  const told = `${place.join(", ")}: ${cpuSeconds.toFixed(1)} CPU s, ${values.verdict}`;
  if (values.stage === undefined) {
    kept[0] = { step: undefined, blocks, cpuSeconds, updates };
    return say({ event: "progress", text: told });
  }
  kept.push({ step: event, blocks: improvement!.best.blocks, cpuSeconds, updates });
  const number = (name: string, digits: number): string => numberOf(event, name).toFixed(digits);
  const change = `${number("change", 4)} +- ${number("changeError", 4)} nats`;
  say({ event: "progress", text: `${told}, ${change}, unevenness ${number("unevenness", 3)}` });
});
const { cpuSeconds, wallSeconds } = clock();
const peak = peakMiB();

const { model } = trained;
const { steps } = model.flow;
interface Scored {
  readonly blocks: readonly FlowBlock[];
  readonly validationNll: number;
  /** ln p of each test row. */
  readonly test: Float64Array;
}
/** On the fine grid, each flow once: a round that was rolled back leaves the flow of the round before; the last one is the model. */
const scored: Scored[] = [];
const scoreOf = (blocks: readonly FlowBlock[]): Scored => {
  const fine = (table: Table): Float64Array =>
    logProb(engine, { ...model, flow: { ...model.flow, blocks } }, table, 2 * steps);
  const same = (known: Scored): boolean =>
    known.blocks.length === blocks.length && known.blocks.every(({ weights }, k) => weights === blocks[k].weights);
  const found = scored.find(same);
  if (found) return found;
  const validationNll = scoreLogProb(fine(problem.validation)).nll;
  const made = { blocks, validationNll, test: fine(problem.test) };
  scored.push(made);
  return made;
};
const stages = kept.map(({ step, blocks, cpuSeconds, updates }): StageLine => {
  const { validationNll, test } = scoreOf(blocks);
  const number = (name: string): number | null => (step ? numberOf(step, name) : null);
  return {
    stage: String(step?.values.stage ?? "growth"),
    round: number("round") ?? 1,
    verdict: String(step?.values.verdict ?? trained.stop),
    blocks: blocks.length,
    unevenness: number("unevenness"),
    change: number("change"),
    changeError: number("changeError"),
    stepSizes: (step ? listOf(step, "stepSizes") : blocks.map(({ stepSize }) => stepSize)).map((h) =>
      Number.isFinite(h) ? h : null,
    ),
    arcLengths: step ? listOf(step, "arcLengths") : null,
    updates,
    cpuSeconds,
    validationNll,
    testNll: scoreLogProb(test).nll,
  };
});
const { validationNll, test: fine } = scoreOf(model.flow.blocks);
const coarse = scoreLogProb(logProb(engine, model, problem.test, steps)).nll;
const open = openModel(engine, model);
if (task.logProbs) writeLogProb(task.logProbs, "flow", fine);
if (task.logProbs && task.samples) {
  const { values, columns } = open.sample(fold(key, "samples"), task.samples);
  writeSamples(task.logProbs, "flow", values, columns.length);
}
const { nll, standardError } = scoreLogProb(fine);
const fit: EffortFit = {
  method: "flow",
  seed: task.seed,
  detail: trained.stop,
  blocks: [],
  stages,
  parameters: model.flow.blocks.reduce((sum, { weights }) => sum + weights.length, 0),
  updates,
  cpuSeconds,
  wallSeconds,
  peakMiB: peak,
  validationNll,
  testNll: nll,
  standardError,
  gap: Math.abs(nll - coarse),
  inversionError: open.inversionError(problem.test),
  ...(task.samples ? { inversionHalfSquare: inversionHalfSquare(open, problem.test) } : {}),
  integral: null,
  kernel: engine.kernelId,
  settings,
};
say({ event: "result", fits: [fit] });
open.dispose();
engine.dispose();

/** log p of each row, in the units of the table. */
function logProb(engine: Engine, { standardizer, flow }: Model, table: Table, steps: number): Float64Array {
  const scale = standardizer.logAbsDet(table);
  const open = createFlow(engine, flow);
  const values = open.logProb(standardizer.forward(table), steps);
  open.dispose();
  return values.map((value, i) => value + scale[i]);
}
