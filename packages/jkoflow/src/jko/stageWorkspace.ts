/** What the stages train in: the rows can be put back to where the data are, and a chain of all blocks has its parameters. */
import type { Parameters } from "../engine/index.ts";
import { type BlockRunner, blockSize, createBlockRunner, type Particles } from "../maps/index.ts";
import type { Key } from "../random/index.ts";
import type { HeldRows } from "./growth.ts";
import type { StepSettings } from "./step.ts";
import { createWorkspace, type Workspace } from "./workspace.ts";

export interface StageWorkspace extends Workspace {
  /** Put the particles back to where the data are; those of `scratch` too, where held-out rows have room of their own. */
  reset(): void;
  /** Held-out rows where the data are, in tables of their own until `release`. */
  heldOut(): Particles;
  /** Gives back what `heldOut` made. */
  release(particles: Particles): void;
  /** Runner and parameters of a chain of so many blocks; those of another length are given back. */
  chain(blocks: number): { readonly runner: BlockRunner; readonly parameters: Parameters };
}

/** `jitter`: the most noise that any training will put on a batch. */
export function createStageWorkspace(
  runner: BlockRunner,
  rows: HeldRows,
  step: Pick<StepSettings, "jitter" | "batchSize">,
  key: Key,
): StageWorkspace {
  const { engine, config } = runner;
  const workspace = createWorkspace(runner, rows, step, key);
  const { train, validation, scratch } = workspace;
  const size = blockSize(config);
  let chain: { readonly length: number; readonly runner: BlockRunner; readonly parameters: Parameters } | undefined;
  const dropChain = (): void => {
    chain?.runner.dispose();
    chain?.parameters.dispose();
    chain = undefined;
  };
  return {
    ...workspace,
    reset: () => {
      train.x.write(rows.train);
      for (const { x } of [validation, scratch]) x.write(rows.validation);
      for (const { logDet } of [train, validation, scratch]) logDet.write(new Float32Array(logDet.rows));
    },
    heldOut: () => {
      const { rows: n, cols } = validation.x;
      return { ...validation, x: engine.table(n, cols, rows.validation), logDet: engine.table(n, 1) };
    },
    release: ({ x, logDet }) => {
      x.dispose();
      logDet.dispose();
    },
    chain: (length) => {
      if (chain?.length !== length) {
        dropChain();
        const made = createBlockRunner(engine, { ...config, chain: length });
        chain = { length, runner: made, parameters: engine.parameters(new Float32Array(length * size)) };
      }
      return chain!;
    },
    dispose: () => {
      dropChain();
      workspace.dispose();
    },
  };
}
