/**
 * JKO-iFlow with an effort, as a program of the benchmarks: one argument, the task as JSON; the answer as lines of JSON. The
 * flow after growth and after each round is kept; test rows are scored when the clock has stopped.
 */
import type { Table } from "../../packages/jkoflow/src/data/index.ts";
import type { Engine } from "../../packages/jkoflow/src/engine/index.ts";
import { scoreLogProb } from "../../packages/jkoflow/src/evaluate/index.ts";
import { createFlow, type FlowBlock, type Model, openModel } from "../../packages/jkoflow/src/flow/index.ts";
import type { StageReport } from "../../packages/jkoflow/src/jko/index.ts";
import { createKey, fold } from "../../packages/jkoflow/src/random/index.ts";
import { jkoIflow, type Trained } from "../../packages/jkoflow/src/systems/index.ts";
import { peakMiB, startClock } from "../parts/clock.ts";
import type { EffortFit, EffortTask, StageLine } from "../parts/effortFit.ts";
import { openEngine } from "../parts/engine.ts";
import type { FitEvent } from "../parts/fit.ts";
import { inversionHalfSquare } from "../parts/inversion.ts";
import { readProblem, writeLogProb, writeSamples } from "../parts/problem.ts";

interface Kept {
  readonly report: StageReport | undefined;
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
const settings = jkoIflow.check({ ...jkoIflow.defaults(problem, key, { effort: task.effort }), ...task.settings });
const training = jkoIflow.train(engine, problem, settings, key);
const kept: Kept[] = [];
let updates = 0;
let trained: Trained;
for (;;) {
  const next = await training.next();
  if (next.done) {
    trained = next.value;
    break;
  }
  const event = next.value;
  if (event.type !== "block" && event.type !== "stage") continue;
  const { cpuSeconds } = clock();
  updates += event.report.updates;
  if (event.type === "block") {
    const { blocks } = event.state();
    kept[0] = { report: undefined, blocks, cpuSeconds, updates };
    say({
      event: "progress",
      text: `block ${event.report.block}: ${cpuSeconds.toFixed(1)} CPU s, ${event.report.verdict}`,
    });
    continue;
  }
  const { report } = event;
  kept.push({ report, blocks: event.state().improvement!.best.blocks, cpuSeconds, updates });
  const change = `${report.change.toFixed(4)} +- ${report.changeError.toFixed(4)} nats`;
  const place = `${report.stage} ${report.round}: ${cpuSeconds.toFixed(1)} CPU s, ${report.verdict}`;
  say({ event: "progress", text: `${place}, ${change}, unevenness ${report.unevenness.toFixed(3)}` });
}
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
const stages = kept.map(({ report, blocks, cpuSeconds, updates }): StageLine => {
  const { validationNll, test } = scoreOf(blocks);
  return {
    stage: report?.stage ?? "growth",
    round: report?.round ?? 1,
    verdict: report?.verdict ?? trained.stop,
    blocks: blocks.length,
    unevenness: report?.unevenness ?? null,
    change: report?.change ?? null,
    changeError: report?.changeError ?? null,
    stepSizes: (report?.stepSizes ?? blocks.map(({ stepSize }) => stepSize)).map((h) =>
      Number.isFinite(h) ? h : null,
    ),
    arcLengths: report?.arcLengths ?? null,
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
