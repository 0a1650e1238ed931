/** The loaded programs of one kind of block on one engine, made when first needed. */
import type { Engine, Executable, Parameters, RowSource, Table } from "../engine/index.ts";
import type { Term } from "../functionals/index.ts";
import { type BlockConfig, type Direction, type Gathered, pushProgram, trainingProgram } from "./blockPrograms.ts";

/** A kind of block with its programs on an engine; which block it is, the parameters of each call say. */
export interface BlockRunner {
  readonly config: BlockConfig;
  readonly engine: Engine;
  /** The objective's program; one for all terms that compute the same, whatever their weights. */
  training(steps: number, input: "plain" | "jittered", terms: readonly Term[]): Executable;
  /**
   * Push rows of `from` through the block into `to` (they may be the same table): positions `[n, d]` and log-determinants
   * `[n, 1]`, which are added to.
   */
  push(parameters: Parameters, from: Particles, to: Particles, motion: Motion): void;
  /** Rows through the block in place, positions alone, on so many steps; gives E|T(x) - x|^2 over them. */
  carry(parameters: Parameters, particles: Particles, steps: number): number;
  dispose(): void;
}

/** Rows on their way through a flow. */
export interface Particles {
  readonly x: Table; // [n, d]
  readonly logDet: Table; // [n, 1], nats
  /** Covariates of a conditional field; they stay as they are. */
  readonly condition?: Table; // [n, c]
  /** Mean of the target of each row, where it depends on the row's labels; else 0. */
  readonly mean?: Table; // [n, d]
}

/** How rows go through a block. */
export interface Motion {
  readonly steps: number;
  readonly direction?: Direction;
  /** Only the first rows; default all. */
  readonly rows?: number;
  /** Default both; with "positions" the log-determinants stay as they are. */
  readonly gathered?: Exclude<Gathered, "positions and movement">;
}

/**
 * A runner of blocks of one kind. Each program is loaded at the first call that needs it and kept until `dispose`.
 * `push` and what `training` returns throw InputError where particles or parameters do not fit the block.
 */
export function createBlockRunner(engine: Engine, config: BlockConfig): BlockRunner {
  const loaded = new Map<string, Executable>();
  const get = (key: string, make: () => Executable): Executable => {
    const known = loaded.get(key) ?? make();
    loaded.set(key, known);
    return known;
  };
  /** Terms are the same where they have the same name and function. */
  const computed: Term["perRow"][] = [];
  const numbersOf = (terms: readonly Term[]): string =>
    terms
      .map(({ name, perRow }) => {
        if (!computed.includes(perRow)) computed.push(perRow);
        return `${computed.indexOf(perRow)} ${name}`;
      })
      .join();
  return {
    config,
    engine,
    training: (steps, input, terms) =>
      get(`train ${steps} ${input} ${numbersOf(terms)}`, () =>
        engine.load(trainingProgram(config, steps, input, terms)),
      ),
    push: (parameters, from, to, motion) => {
      const { steps, direction = "forward", rows = from.x.rows, gathered = "positions and log-determinants" } = motion;
      const key = `${direction} ${steps} ${gathered}`;
      const program = get(key, () => engine.load(pushProgram(config, steps, direction, gathered)));
      const inputs: Record<string, RowSource> = { x: from.x };
      const outputs: Record<string, RowSource> = { y: { table: to.x, from: 0 } };
      if (from.condition) inputs.condition = from.condition;
      if (gathered !== "positions") {
        inputs.logDet = from.logDet;
        outputs.logDet = { table: to.logDet, from: 0 };
      }
      program.run({ parameters, rows, inputs, outputs });
    },
    carry: (parameters, { x, condition }, steps) => {
      const program = get(`carry ${steps}`, () =>
        engine.load(pushProgram(config, steps, "forward", "positions and movement")),
      );
      const inputs: Record<string, RowSource> = condition ? { x, condition } : { x };
      const { moved } = program.run({ parameters, rows: x.rows, inputs, outputs: { y: { table: x, from: 0 } } });
      return moved[0];
    },
    dispose: () => {
      for (const executable of loaded.values()) executable.dispose();
      loaded.clear();
    },
  };
}

/** Covariates of rows: `[n, cols]`, row-major. */
export interface Covariates {
  readonly values: Float32Array;
  readonly cols: number;
}

/** Particles on the engine with log-determinant 0. A table that lies there already is taken as it is, not copied. */
export function createParticles(
  engine: Engine,
  values: Float32Array | Table,
  cols: number,
  condition?: Covariates,
  mean?: Float32Array,
): Particles {
  const isTableOfEngine = typeof values === "object" && values !== null && "read" in values;
  const x = !isTableOfEngine ? engine.table(values.length / cols, cols, values) : values;
  const { rows } = x;
  return {
    x,
    logDet: engine.table(rows, 1),
    ...(condition ? { condition: engine.table(rows, condition.cols, condition.values) } : {}),
    ...(mean ? { mean: engine.table(rows, cols, mean) } : {}),
  };
}

/** Gives the tables of particles back to the engine; a table that `createParticles` took as it was goes too. */
export function disposeParticles({ x, logDet, condition, mean }: Particles): void {
  x.dispose();
  logDet.dispose();
  condition?.dispose();
  mean?.dispose();
}
