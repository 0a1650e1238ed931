/** The loaded programs of one kind of block on one engine, made when first needed. */
import type { Engine, Executable, Parameters, Table } from "../engine/index.ts";
import { type BlockConfig, type Direction, type Gathered, pushProgram, trainingProgram } from "./blockPrograms.ts";

export interface BlockRunner {
  readonly config: BlockConfig;
  readonly engine: Engine;
  training(steps: number, input: "plain" | "jittered"): Executable;
  /**
   * Push rows of `from` through the block into `to` (they may be the same table): positions `[n, d]` and log-determinants
   * `[n, 1]`, which are added to.
   */
  push(parameters: Parameters, from: Particles, to: Particles, motion: Motion): void;
  dispose(): void;
}

/** Rows on their way through a flow. */
export interface Particles {
  readonly x: Table; // [n, d]
  readonly logDet: Table; // [n, 1], nats
}

export interface Motion {
  readonly steps: number;
  readonly direction?: Direction;
  /** Only the first rows; default all. */
  readonly rows?: number;
  /** Default both; with "positions" the log-determinants stay as they are. */
  readonly gathered?: Gathered;
}

export function createBlockRunner(engine: Engine, config: BlockConfig): BlockRunner {
  const loaded = new Map<string, Executable>();
  const get = (key: string, make: () => Executable): Executable => {
    const known = loaded.get(key) ?? make();
    loaded.set(key, known);
    return known;
  };
  return {
    config,
    engine,
    training: (steps, input) =>
      get(`train ${steps} ${input}`, () => engine.load(trainingProgram(config, steps, input))),
    push: (parameters, from, to, motion) => {
      const { steps, direction = "forward", rows = from.x.rows, gathered = "positions and log-determinants" } = motion;
      const key = `${direction} ${steps} ${gathered}`;
      const program = get(key, () => engine.load(pushProgram(config, steps, direction, gathered)));
      const [x, y] = [from.x, { table: to.x, from: 0 }];
      if (gathered === "positions") program.run({ parameters, rows, inputs: { x }, outputs: { y } });
      else {
        const logDet = { table: to.logDet, from: 0 };
        program.run({ parameters, rows, inputs: { x, logDet: from.logDet }, outputs: { y, logDet } });
      }
    },
    dispose: () => {
      for (const executable of loaded.values()) executable.dispose();
      loaded.clear();
    },
  };
}

/** Particles on the engine with log-determinant 0. */
export function createParticles(engine: Engine, values: Float32Array, cols: number): Particles {
  const rows = values.length / cols;
  return { x: engine.table(rows, cols, values), logDet: engine.table(rows, 1) };
}

export function disposeParticles({ x, logDet }: Particles): void {
  x.dispose();
  logDet.dispose();
}
