/**
 * A flow: a chain of blocks F = T_L o ... o T_1 that carries data to the standard normal N(0, I).
 *
 *   log p(x) = -|F(x)|^2 / 2 - (d/2) log 2 pi + sum_k int_0^1 div v_k ds
 *   sample: z ~ N(0, I), then the blocks backward in time, last block first
 *
 * A conditional flow is p(x | y) with covariates y of each row: they enter the field, or they move the base, N(mu(y), I)
 * instead of N(0, I), and the map is the same for all of them (arXiv:2206.01163). Either way the formulas above hold for
 * each y. With an opening, an affine map by y comes before the first block, and its log-determinant is part of the sum. A
 * mixture of Gaussians may stand in the place of N(0, I) (mixtureBase.ts).
 *
 * Everything here is in the coordinates the flow was trained in; a model (see model.ts) adds the standardiser. Nats.
 */
import { createOpening, meansOf } from "../data/index.ts";
import { mixtureLogDensity, sampleMixtureBase, standardConstant, standardEnergyOf } from "../distributions/index.ts";
import type { Engine, Parameters } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { checkKind } from "../errors/kinds.ts";
import { createBlockRunner, createParticles, disposeParticles, type Particles, wholeRows } from "../maps/index.ts";
import { fold, type Key, normal } from "../random/index.ts";
import { checkDraw } from "../random/key.ts";
import { createAdaptiveFlow } from "./adaptiveFlow.ts";
import { type FlowConfig, type Integration, stepsOf } from "./flowConfig.ts";

/** Rows that were pushed to noise, and ln |det dz/dx| of the way. */
export interface Pushed {
  readonly z: Float32Array; // [n, d]
  readonly logDet: Float32Array; // [n], nats
}

/** A conditional flow takes covariates y `[n, c]`, row-major, everywhere. @throws InputError where they do not fit. */
export interface Flow {
  readonly config: FlowConfig;
  /** Columns c of the covariates; 0 for a flow without condition. */
  readonly covariates: number;
  /** Data rows `[n, d]`, row-major, to noise; by default with the configuration's steps per block. */
  push(x: Float32Array, how?: Integration, y?: Float32Array): Pushed;
  /** Noise rows back to data. */
  invert(z: Float32Array, how?: Integration, y?: Float32Array): Float32Array;
  /** log p of each row, or log p(x | y), nats. */
  logProb(x: Float32Array, how?: Integration, y?: Float32Array): Float64Array;
  /** n rows from the model, by key. */
  sample(key: Key, n: number, y?: Float32Array): Float32Array;
  /** Positions before the first block (after the opening, where there is one) and after each: L + 1 arrays `[n, d]`. */
  trajectory(x: Float32Array, y?: Float32Array): Float32Array[];
  dispose(): void;
}

/** Rows that are on the engine at one time. */
const CHUNK_ROWS = 65_536;

/** log N(z; mean, I) + logDet for each row; mean 0 by default. */
export function logDensity({ z, logDet }: Pushed, d: number, mean?: Float32Array): Float64Array {
  checkKind(z, "Float32Array", "z");
  checkKind(logDet, "Float32Array", "logDet");
  if (mean !== undefined) checkKind(mean, "Float32Array", "mean");
  const centred = mean === undefined ? z : Float64Array.from(z, (value, at) => value - mean[at]);
  return Float64Array.from(logDet, (l, i) => l - standardEnergyOf(centred, i * d, (i + 1) * d) - standardConstant(d));
}

/**
 * A flow on an engine, which holds its weights until `dispose`; programs are loaded when first needed.
 * The methods throw InputError for rows, covariates or weights that do not fit the configuration, and SolverError where a
 * tolerance is not met.
 *
 * @example
 * ```ts
 * import { createEngine, createKey } from "jkoflow";
 * import { createFlow, type Flow, type FlowBlock, type FlowConfig } from "jkoflow/chain";
 * import { type BlockConfig, initBlock } from "jkoflow/maps";
 *
 * const engine = await createEngine({ threads: 1 });
 * const field = { dimension: 2, hidden: [8], activation: { kind: "tanh" }, time: "concat" } as const;
 * const block: BlockConfig = { field, divergence: "exact" };
 * const blocks: FlowBlock[] = [{ weights: initBlock(block, createKey(0), 0), stepSize: 1 }]; // the identity
 * const config: FlowConfig = { block, blocks, steps: 2 };
 * const flow: Flow = createFlow(engine, config);
 * console.log(flow.logProb(Float32Array.of(0, 0))[0].toFixed(4)); // -1.8379
 * flow.dispose();
 * engine.dispose();
 * ```
 */
export function createFlow(engine: Engine, config: FlowConfig): Flow {
  const { dimension: d, condition: c = 0 } = config.block.field;
  const { baseMeans, baseMixture } = config;
  const opening = config.opening && createOpening(config.opening);
  const opened = (x: Float32Array, y: Float32Array | undefined): Float32Array => opening?.forward(x, y!) ?? x;
  const closed = (x: Float32Array, y: Float32Array | undefined): Float32Array => opening?.inverse(x, y!) ?? x;
  const withOpening = (logDet: Float32Array): Float32Array =>
    opening ? logDet.map((value) => value + opening.logDet) : logDet;
  const covariates = baseMeans ? baseMeans.length / d : c;
  const runner = createBlockRunner(engine, config.block);
  const parameters: Parameters[] = config.blocks.map((block) => engine.parameters(block.weights));

  /** Chunks of whole rows, each loaded, worked on and released. */
  const inChunks = (
    x: Float32Array,
    y: Float32Array | undefined,
    work: (particles: Particles, firstRow: number) => void,
  ): void => {
    const n = wholeRows(x, d);
    for (let first = 0; first < n; first += CHUNK_ROWS) {
      const end = Math.min(n, first + CHUNK_ROWS);
      const condition = c > 0 ? { values: y!.subarray(first * c, end * c), cols: c } : undefined;
      const particles = createParticles(engine, x.subarray(first * d, end * d), d, condition);
      try {
        work(particles, first);
      } finally {
        disposeParticles(particles);
      }
    }
  };

  const adaptive = createAdaptiveFlow(engine, config.block, parameters);

  const checkCovariates = (rows: number, y: Float32Array | undefined): void => {
    if (y !== undefined) checkKind(y, "Float32Array", "covariates");
    if ((y?.length ?? 0) === rows * covariates) return;
    throw new InputError({
      where: "covariates",
      came: y === undefined ? "none" : `${y.length} numbers`,
      expected: covariates === 0 ? "none, the flow has no condition" : `[${rows}, ${covariates}], a row for each`,
    });
  };

  const checkRows = (x: Float32Array, y: Float32Array | undefined): void => {
    checkKind(x, "Float32Array", "rows");
    checkCovariates(x.length / d, y);
  };

  const push = (rows: Float32Array, how?: Integration, y?: Float32Array): Pushed => {
    checkRows(rows, y);
    const x = opened(rows, y);
    const steps = stepsOf(config, how);
    if (!Array.isArray(steps)) {
      const { z, logDet } = adaptive.push(x, steps, y);
      return { z: Float32Array.from(z), logDet: withOpening(Float32Array.from(logDet)) };
    }
    const z = new Float32Array(x.length);
    const logDet = new Float32Array(x.length / d);
    inChunks(x, y, (particles, first) => {
      for (const [k, block] of parameters.entries()) runner.push(block, particles, particles, { steps: steps[k] });
      z.set(particles.x.read(), first * d);
      logDet.set(particles.logDet.read(), first);
    });
    return { z, logDet: withOpening(logDet) };
  };
  const invert = (z: Float32Array, how?: Integration, y?: Float32Array): Float32Array => {
    checkRows(z, y);
    const steps = stepsOf(config, how);
    if (!Array.isArray(steps)) return closed(Float32Array.from(adaptive.invert(z, steps, y)), y);
    const x = new Float32Array(z.length);
    inChunks(z, y, (particles, first) => {
      for (let k = parameters.length - 1; k >= 0; k--) {
        const motion = { steps: steps[k], direction: "inverse", gathered: "positions" } as const;
        runner.push(parameters[k], particles, particles, motion);
      }
      x.set(particles.x.read(), first * d);
    });
    return closed(x, y);
  };

  return {
    config,
    covariates,
    push,
    invert,
    logProb: (x, how, y) => {
      const pushed = push(x, how, y);
      if (baseMixture === undefined) return logDensity(pushed, d, baseMeans && meansOf(y!, baseMeans, d));
      return mixtureLogDensity(baseMixture, pushed.z, d).map((value, i) => value + pushed.logDet[i]);
    },
    sample: (key, n, y) => {
      checkDraw(key, n);
      checkCovariates(n, y);
      const noise = fold(key, "sample");
      if (baseMixture) return invert(sampleMixtureBase(baseMixture, noise, n, d), undefined, y);
      const z = normal(noise, n * d);
      if (baseMeans) {
        meansOf(y!, baseMeans, d).forEach((mean, at) => {
          z[at] += mean;
        });
      }
      return invert(z, undefined, y);
    },
    trajectory: (rows, y) => {
      checkRows(rows, y);
      const x = opened(rows, y);
      const steps = config.blocks.map((block) => block.steps ?? config.steps);
      const positions = [x, ...parameters.map(() => new Float32Array(x.length))];
      inChunks(x, y, (particles, first) => {
        parameters.forEach((block, k) => {
          runner.push(block, particles, particles, { steps: steps[k] });
          positions[k + 1].set(particles.x.read(), first * d);
        });
      });
      return positions;
    },
    dispose: () => {
      adaptive.dispose();
      runner.dispose();
      for (const block of parameters) block.dispose();
    },
  };
}
