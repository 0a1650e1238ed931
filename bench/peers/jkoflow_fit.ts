/**
 * JKO-iFlow with the settings the library chooses for a table, as a program of the benchmarks: one argument, the task as
 * JSON; the answer as lines of JSON. The clock runs from the choice of settings to the finished model. Test rows are read
 * before it starts and scored after it has stopped, block after block, so nothing about them is ever on it.
 */

import { createFlow, logDensity } from "../../packages/jkoflow/src/chain/index.ts";
import type { Table } from "../../packages/jkoflow/src/data/index.ts";
import type { Engine } from "../../packages/jkoflow/src/engine/index.ts";
import { scoreLogProb } from "../../packages/jkoflow/src/evaluate/index.ts";
import { sha256 } from "../../packages/jkoflow/src/io/index.ts";
import { encodeModel, type Model, type OpenModel, openModel } from "../../packages/jkoflow/src/model/index.ts";
import { createKey, fold } from "../../packages/jkoflow/src/random/index.ts";
import type { Event } from "../../packages/jkoflow/src/train/index.ts";
import { peakMiB, startClock } from "../parts/clock.ts";
import { openEngine } from "../parts/engine.ts";
import type { BlockLine, Fit, FitEvent, FitTask } from "../parts/fit.ts";
import { inversionHalfSquare } from "../parts/inversion.ts";
import { readProblem, writeLogProb, writeSamples } from "../parts/problem.ts";
import { numberOf, trainFlow } from "../parts/trainFlow.ts";

/** Points a side of the grid on which a planar density is summed. */
const GRID = 400;

const task: FitTask = JSON.parse(process.argv[2]);
const say = (event: FitEvent): void => console.log(JSON.stringify(event));
const problem = await readProblem(task.files);
const engine = await openEngine(task.threads);
const key = createKey(task.seed);

const clock = startClock();
const tries: { step: Event; updates: number; cpuSeconds: number }[] = [];
let updates = 0;
let changed = false; // by stages after growth: the blocks of the model are not those that growth reported
let evaluations: Fit["evaluations"];
const { trained, settings } = await trainFlow(engine, problem, task, (event) => {
  const { type, place, values } = event;
  const number = (name: string): number => numberOf(event, name);
  if (type === "update") evaluations = { forward: number("forward"), backward: number("backward") };
  if (type !== "step") return;
  updates += number("updates");
  const { cpuSeconds } = clock();
  const told = `${place.join(", ")}: ${updates} updates, ${cpuSeconds.toFixed(1)} CPU s, ${values.verdict}`;
  if (values.stage === undefined) {
    tries.push({ step: event, updates, cpuSeconds });
    say({
      event: "progress",
      text: `${told}, ${number("change").toFixed(3)} +- ${number("changeError").toFixed(3)} nats`,
    });
  } else {
    changed = true;
    say({ event: "progress", text: told });
  }
});
const { cpuSeconds, wallSeconds } = clock();
const peak = peakMiB();

const { model } = trained;
const open = openModel(engine, model);
const coarse = scoreBlocks(engine, model, problem.test, model.flow.steps);
const fine = scoreBlocks(engine, model, problem.test, 2 * model.flow.steps);
const held = scoreBlocks(engine, model, problem.validation, 2 * model.flow.steps);
const last = model.flow.blocks.length;
const { nll, standardError } = scoreLogProb(fine[last]);
if (task.logProbs) writeLogProb(task.logProbs, "flow", fine[last]);
if (task.logProbs && model.kernels)
  writeLogProb(task.logProbs, "flow-score", open.score(problem.test.values, fine[last]));
if (task.logProbs && task.samples) {
  const { values, columns } = open.sample(fold(key, "samples"), task.samples);
  writeSamples(task.logProbs, "flow", values, columns.length);
}

/** Fields that were trained together lie one behind the other in the model. */
const chain = last / Math.max(1, tries.filter(({ step }) => step.values.accepted === 1).length);
let reached = 0;
const blocks = tries.map(({ step, updates, cpuSeconds }): BlockLine => {
  const accepted = step.values.accepted === 1;
  if (accepted) reached += chain;
  const known = accepted && !changed;
  const scored = known ? scoreLogProb(fine[reached]).nll : null;
  return {
    block: numberOf(step, "block"),
    verdict: String(step.values.verdict),
    accepted,
    stepSize: numberOf(step, "stepSize"),
    updates,
    cpuSeconds,
    validationNll: known ? scoreLogProb(held[reached]).nll : null,
    testNll: scored,
    gap: scored === null ? null : Math.abs(scored - scoreLogProb(coarse[reached]).nll),
  };
});
const fit: Fit = {
  method: "flow",
  seed: task.seed,
  detail: trained.stop,
  blocks,
  parameters: model.flow.blocks.reduce((sum, { weights }) => sum + weights.length, 0),
  updates,
  cpuSeconds,
  wallSeconds,
  peakMiB: peak,
  validationNll: scoreLogProb(held[last]).nll,
  testNll: nll,
  standardError,
  gap: Math.abs(nll - scoreLogProb(coarse[last]).nll),
  inversionError: open.inversionError(problem.test),
  ...(task.samples ? { inversionHalfSquare: inversionHalfSquare(open, problem.test) } : {}),
  integral: task.box ? integrate(open, task.box) : null,
  kernel: engine.kernelId,
  evaluations,
  settings,
  modelHash: sha256(encodeModel(model)),
};
say({ event: "result", fits: [fit] });
open.dispose();
engine.dispose();

/** log p of each row, in the units of the table, under the flow cut after 0, 1, 2, ... blocks. */
function scoreBlocks(engine: Engine, { standardizer, flow }: Model, table: Table, steps: number): Float64Array[] {
  const scale = standardizer.logAbsDet(table);
  let z = standardizer.forward(table); // [n, d]
  const logDet = new Float32Array(table.rows);
  const density = (): Float64Array =>
    logDensity({ z, logDet }, table.columns.length).map((value, i) => value + scale[i]);
  const densities = [density()];
  for (const block of flow.blocks) {
    const one = createFlow(engine, { block: flow.block, blocks: [block], steps });
    const pushed = one.push(z);
    one.dispose();
    z = pushed.z;
    pushed.logDet.forEach((value, i) => {
      logDet[i] += value;
    });
    densities.push(density());
  }
  return densities;
}

/** Midpoint sums of the density over a box; for smooth densities that vanish at its border they converge fast. */
function integrate(open: OpenModel, [left, bottom, right, top]: readonly number[]): number {
  const [dx, dy] = [(right - left) / GRID, (top - bottom) / GRID];
  const points = new Float32Array(2 * GRID * GRID);
  for (let i = 0; i < GRID * GRID; i++) {
    points[2 * i] = left + dx * ((i % GRID) + 0.5);
    points[2 * i + 1] = bottom + dy * (Math.floor(i / GRID) + 0.5);
  }
  return open.logProb(points).reduce((sum, value) => sum + Math.exp(value), 0) * dx * dy;
}
