/** The engine on a kernel host: memory, tables, parameters, and programs as tapes. Shared by WebAssembly and native. */
import type { Program } from "../graph/index.ts";
import { power } from "../random/index.ts";
import { batchRows, checkBatch, checkLoss, checkOptimiser, foreign, sourceOf } from "./batch.ts";
import type { Batch, Engine, Executable, OptimiserStep, Values } from "./engine.ts";
import type { Host } from "./host.ts";
import { type LowerOptions, lower } from "./lower.ts";
import { type Block, createMemory, type Memory } from "./memory.ts";
import { notFinite } from "./notFinite.ts";
import { createParameters, createTable, type ResidentParameters, type ResidentTable } from "./resident.ts";
import { CHUNK_FLOATS, JOB, SLOT_WORDS } from "./tape.ts";

function loadProgram(host: Host, memory: Memory, shards: number, program: Program, options: LowerOptions): Executable {
  const lowered = lower(program, options);
  const tape = (words: Int32Array): Block => {
    const block = memory.allocate(words.length);
    block.write(words);
    return block;
  };
  const tapes = [tape(lowered.prologue), tape(lowered.rows), tape(lowered.epilogue)];
  const common = memory.allocate(lowered.commonFloats);
  common.write(new Float32Array(lowered.commonFloats));
  for (const { offset, value } of lowered.constants) common.write(Float32Array.of(value), offset);
  const gradient = memory.allocate(lowered.parameterFloats);
  const sumStride = Math.ceil(lowered.sumFloats / 16);
  const sums = memory.allocate(sumStride * 16 * (lowered.sumFloats > 0 ? shards : 1));
  const tileStride = Math.ceil(lowered.tileFloats / 16) + 1;
  const tiles = memory.allocate(tileStride * 16 * host.threads);
  const partials = memory.allocate(2 * (2 + Math.ceil(lowered.parameterFloats / CHUNK_FLOATS)));
  const optimiserBlock = memory.allocate(8);
  const slots = lowered.inputs.length + lowered.outputs.length;
  const job = new Int32Array(JOB.SLOTS + SLOT_WORDS * slots);
  const jobBlock = memory.allocate(job.length);
  // An output that nobody wants still needs room for the rows of one run; made on demand.
  let indexBlock: Block | undefined;
  let indexCapacity = 0;
  const dropped = new Map<string, { block: Block; rows: number }>();

  job[JOB.SHARDS] = shards;
  job[JOB.TILE_UNITS] = lowered.tileUnits;
  job[JOB.PROLOGUE] = tapes[0].line;
  job[JOB.ROW_TAPE] = tapes[1].line;
  job[JOB.EPILOGUE] = tapes[2].line;
  job[JOB.COMMON] = common.line;
  job[JOB.GRADIENT] = gradient.line;
  job[JOB.SUM] = sums.line;
  job[JOB.SUM_STRIDE] = sumStride;
  job[JOB.SUM_FLOATS] = lowered.sumFloats;
  job[JOB.TILE] = tiles.line;
  job[JOB.TILE_STRIDE] = tileStride;
  job[JOB.SCRATCH] = lowered.scratchOffset;
  job[JOB.PARAMETER_FLOATS] = lowered.parameterFloats;
  job[JOB.OPTIMISER] = optimiserBlock.line;
  job[JOB.PARTIALS] = partials.line;
  job[JOB.LOSS] = lowered.values.find((v) => v.name === "loss")?.offset ?? -1;

  const lineOf = (name: string, owner: { readonly block?: Block; readonly values?: Block }): number => {
    const block = owner.block ?? owner.values;
    if (block?.memory !== memory) throw foreign(program, name);
    return block.line;
  };

  const place = (batch: Batch, rows: number): void => {
    let slot: number = JOB.SLOTS;
    let indexLine = 0;
    if (batch.indices !== undefined) {
      if (indexBlock === undefined || indexCapacity < rows) {
        indexBlock?.free();
        indexCapacity = rows;
        indexBlock = memory.allocate(rows);
      }
      indexBlock.write(batch.indices.subarray(0, rows));
      indexLine = indexBlock.line;
    }
    for (const { name, cols } of lowered.inputs) {
      const { table, indices, from } = sourceOf(batch.inputs![name], batch.indices);
      job.set([lineOf(name, table as ResidentTable), cols, indices ? indexLine : 0, from], slot);
      slot += SLOT_WORDS;
    }
    for (const { name, cols } of lowered.outputs) {
      const target = batch.outputs?.[name];
      if (target !== undefined) {
        const { table, from } = sourceOf(target, undefined);
        job.set([lineOf(name, table as ResidentTable), cols, 0, from], slot);
      } else {
        let room = dropped.get(name);
        if (room === undefined || room.rows < rows) {
          room?.block.free();
          room = { block: memory.allocate(rows * cols), rows };
          dropped.set(name, room);
        }
        job.set([room.block.line, cols, 0, 0], slot);
      }
      slot += SLOT_WORDS;
    }
  };

  const execute = (given: Batch, optimiser?: OptimiserStep): void => {
    const batch = checkBatch(program, given);
    const rows = batchRows(program, batch);
    const parameters = batch.parameters as ResidentParameters | undefined;
    place(batch, rows);
    for (const [name, offset] of lowered.scalars) common.write(Float32Array.of(batch.scalars![name]), offset);
    if (lowered.rowCount !== undefined) common.write(Float32Array.of(rows), lowered.rowCount);
    job[JOB.ROWS] = rows;
    job[JOB.PARAMETER] = parameters === undefined ? 0 : lineOf("parameters", parameters);
    job[JOB.OPTIMISE] = optimiser ? 1 : 0;
    job[JOB.STATUS] = 0;
    job[JOB.CHECK] = 0;
    job[JOB.SITE] = -1;
    if (optimiser && parameters) {
      const { learningRate, weightDecay = 0, clip = 0, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = optimiser;
      // The corrections belong to the numbers the kernel has: 1 - 0.999 in float32 is off by 5e-5.
      const n = parameters.updates + 1;
      const fixes = [1 - power(Math.fround(beta1), n), 1 - power(Math.fround(beta2), n)];
      optimiserBlock.write(Float32Array.of(learningRate, weightDecay, beta1, beta2, epsilon, clip, ...fixes));
      job[JOB.MOMENT1] = parameters.first.line;
      job[JOB.MOMENT2] = parameters.second.line;
    }
    jobBlock.write(job);
    host.execute(jobBlock.line);
  };

  const readValues = (): Values =>
    Object.fromEntries(
      lowered.values.map(({ name, rows, cols, offset }) => {
        const into = new Float32Array(rows * cols);
        common.read(into, offset);
        return [name, into];
      }),
    );

  /** Look at the parameters, then run the batch again with every value looked at; name the first that is not finite. */
  const diagnose = (batch: Batch): never => {
    const values = batch.parameters?.read();
    let offset = 0;
    for (const node of program.parameters) {
      const end = offset + (node.rows as number) * node.cols;
      if (values?.subarray(offset, end).some((x) => !Number.isFinite(x))) throw notFinite(program, node);
      offset = end;
    }
    job[JOB.OPTIMISE] = 0;
    job[JOB.CHECK] = 1;
    job[JOB.SITE] = -1;
    job[JOB.SHARDS] = 1; // one task, so one thread: several would find several values, and the last one would stay
    jobBlock.write(job);
    host.execute(jobBlock.line);
    job[JOB.SHARDS] = shards;
    const after = new Int32Array(job.length);
    jobBlock.read(after);
    throw notFinite(program, program.graph.nodes[after[JOB.SITE]]);
  };

  return {
    program,
    run: (batch) => {
      execute(batch);
      return readValues();
    },
    gradient: (batch) => {
      checkLoss(program);
      execute(batch);
      const flat = new Float32Array(lowered.parameterFloats);
      gradient.read(flat);
      return { values: readValues(), gradient: flat };
    },
    step: (batch, optimiser) => {
      checkLoss(program);
      checkOptimiser(program, optimiser);
      execute(batch, optimiser);
      const status = new Int32Array(job.length);
      jobBlock.read(status);
      if (status[JOB.STATUS] !== 0) return diagnose(batch);
      (batch.parameters as ResidentParameters).updates++;
      const squared = new Float64Array(1);
      partials.read(squared);
      return { values: readValues(), gradientNorm: Math.sqrt(squared[0]) };
    },
    dispose: () => {
      const blocks = [...tapes, common, gradient, sums, tiles, partials, optimiserBlock, jobBlock];
      for (const block of blocks) block.free();
      indexBlock?.free();
      for (const { block } of dropped.values()) block.free();
    },
  };
}

/** An engine on a host. `firstLine`: memory below it belongs to the host. */
export function createTapeEngine(host: Host, shards: number, firstLine: number, options: LowerOptions = {}): Engine {
  const memory = createMemory(host, firstLine);
  return {
    kind: host.kind,
    kernelId: host.kernelId,
    threads: host.threads,
    shards,
    load: (program) => loadProgram(host, memory, shards, program, options),
    table: (rows, cols, values) => createTable(memory, rows, cols, values),
    parameters: (values) => createParameters(memory, values),
    dispose: host.dispose,
  };
}
