/**
 * A flow: a chain of blocks F = T_L o ... o T_1 that carries data to the standard normal N(0, I).
 *
 *   log p(x) = -|F(x)|^2 / 2 - (d/2) log 2 pi + sum_k int_0^1 div v_k ds
 *   sample: z ~ N(0, I), then the blocks backward in time, last block first
 *
 * Everything here is in the coordinates the flow was trained in; a model (see model.ts) adds the standardiser. Nats.
 */
import type { Engine, Parameters } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { fold, type Key, normal } from "../random/index.ts";
import { createAdaptiveFlow, type Tolerance } from "./adaptiveFlow.ts";
import type { BlockConfig } from "./blockPrograms.ts";
import { createBlockRunner, createParticles, disposeParticles, type Particles } from "./blockRunner.ts";

export interface FlowBlock {
  readonly weights: Float32Array;
  /** JKO step size; Infinity for a free block. A weight of training only. */
  readonly stepSize: number;
}

export interface FlowConfig {
  readonly block: BlockConfig;
  readonly blocks: readonly FlowBlock[];
  /** Runge-Kutta steps per block when a density is evaluated, sampled or inverted. */
  readonly steps: number;
}

export interface Pushed {
  readonly z: Float32Array; // [n, d]
  readonly logDet: Float32Array; // [n], nats
}

/** How blocks are integrated: with so many equal steps each, or with adaptive steps to a tolerance. */
export type Integration = number | Tolerance;

export interface Flow {
  readonly config: FlowConfig;
  /** Data rows `[n, d]`, row-major, to noise; by default with the configuration's steps per block. */
  push(x: Float32Array, how?: Integration): Pushed;
  /** Noise rows back to data. */
  invert(z: Float32Array, how?: Integration): Float32Array;
  /** log p of each row, nats. */
  logProb(x: Float32Array, how?: Integration): Float64Array;
  /** n rows from the model, by key. */
  sample(key: Key, n: number): Float32Array;
  /** Positions before the first and after each block: L + 1 arrays `[n, d]`. */
  trajectory(x: Float32Array): Float32Array[];
  dispose(): void;
}

/** Rows that are on the engine at one time. */
const CHUNK_ROWS = 65_536;

export const halfLog2Pi: number = 0.9189385332046727;

/** log N(z; 0, I) + logDet for each row. */
export function logDensity({ z, logDet }: Pushed, d: number): Float64Array {
  return Float64Array.from(logDet, (l, i) => {
    let squares = 0;
    for (let j = 0; j < d; j++) squares += z[i * d + j] ** 2;
    return l - squares / 2 - d * halfLog2Pi;
  });
}

export function createFlow(engine: Engine, config: FlowConfig): Flow {
  const d = config.block.field.dimension;
  const runner = createBlockRunner(engine, config.block);
  const parameters: Parameters[] = config.blocks.map((block) => engine.parameters(block.weights));

  /** Chunks of whole rows, each loaded, worked on and released. */
  const inChunks = (x: Float32Array, work: (particles: Particles, firstRow: number) => void): void => {
    if (x.length % d !== 0) {
      throw new InputError({
        where: "rows",
        came: `${x.length} numbers`,
        expected: `a multiple of ${d}, the flow's columns`,
      });
    }
    const n = x.length / d;
    for (let first = 0; first < n; first += CHUNK_ROWS) {
      const particles = createParticles(engine, x.subarray(first * d, Math.min(n, first + CHUNK_ROWS) * d), d);
      try {
        work(particles, first);
      } finally {
        disposeParticles(particles);
      }
    }
  };

  const adaptive = createAdaptiveFlow(engine, config.block, parameters);

  const push = (x: Float32Array, how: Integration = config.steps): Pushed => {
    if (typeof how !== "number") {
      const { z, logDet } = adaptive.push(x, how);
      return { z: Float32Array.from(z), logDet: Float32Array.from(logDet) };
    }
    const z = new Float32Array(x.length);
    const logDet = new Float32Array(x.length / d);
    inChunks(x, (particles, first) => {
      for (const block of parameters) runner.push(block, particles, particles, { steps: how });
      z.set(particles.x.read(), first * d);
      logDet.set(particles.logDet.read(), first);
    });
    return { z, logDet };
  };
  const invert = (z: Float32Array, how: Integration = config.steps): Float32Array => {
    if (typeof how !== "number") return Float32Array.from(adaptive.invert(z, how));
    const x = new Float32Array(z.length);
    inChunks(z, (particles, first) => {
      for (const block of [...parameters].reverse()) {
        runner.push(block, particles, particles, { steps: how, direction: "inverse", gathered: "positions" });
      }
      x.set(particles.x.read(), first * d);
    });
    return x;
  };

  return {
    config,
    push,
    invert,
    logProb: (x, how) => logDensity(push(x, how), d),
    sample: (key, n) => invert(normal(fold(key, "sample"), n * d)),
    trajectory: (x) => {
      const positions = [x, ...parameters.map(() => new Float32Array(x.length))];
      inChunks(x, (particles, first) => {
        parameters.forEach((block, k) => {
          runner.push(block, particles, particles, { steps: config.steps });
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
