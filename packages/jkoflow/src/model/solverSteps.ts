/**
 * Solver steps of a trained flow: each block gets as many as held-out rows need, because every row that is scored or drawn
 * pays for them. Early blocks move rows far and bend their paths; late ones move little.
 */
import { createFlow, type FlowConfig } from "../chain/index.ts";
import { createOpening } from "../data/index.ts";
import type { Engine, Table } from "../engine/index.ts";
import { type Covariates, createBlockRunner, createParticles, disposeParticles } from "../maps/index.ts";

const LARGEST_STEPS = 64;
/** By so much the mean log-density may be off, nats; and that of a row, on average. */
const OF_MEAN = 1e-3;
const OF_ROWS = 3e-3;
const ROWS = 1000;
/** Numbers of steps that are tried for a block. */
const TRIED = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];

export interface Stepped {
  readonly flow: FlowConfig;
  /** Change of the held-out NLL when the steps are doubled, nats. */
  readonly solverGap: number;
}

/**
 * First the steps of `flow` are doubled until the mean log-density of held-out rows changes by less than 1e-3 nats (at most
 * 64); then each block gets the fewest by which, all blocks together, that stays so, and the log-density of a row is off by
 * 3e-3 nats at most on average, or half as much again as with the doubled steps. `heldOut` [n, d] before an opening, covariates [n, c].
 */
export function chooseSteps(
  engine: Engine,
  config: FlowConfig,
  heldOut: Float32Array,
  covariates?: Float32Array,
): Stepped {
  const { dimension: d, condition: c = 0 } = config.block.field;
  const n = Math.min(heldOut.length / d, ROWS);
  const x = heldOut.subarray(0, n * d);
  let flow = config;
  const trial = createFlow(engine, flow);
  try {
    const y = covariates?.subarray(0, n * trial.covariates);
    const score = (steps: number): Float64Array => trial.logProb(x, steps, y);
    let [coarse, fine] = [score(flow.steps), score(2 * flow.steps)];
    while (differences(coarse, fine).ofMeans >= OF_MEAN && 2 * flow.steps <= LARGEST_STEPS) {
      flow = { ...flow, steps: 2 * flow.steps };
      [coarse, fine] = [fine, score(2 * flow.steps)];
    }
    const opened = config.opening && y ? createOpening(config.opening).forward(x, y) : x;
    const rows = { x: opened, ...(c > 0 ? { condition: { values: y!, cols: c } } : {}) };
    // Where steps that do for the mean leave more to a row, that is what can be had.
    const ofRowsMost = Math.max(OF_ROWS, 1.5 * differences(coarse, fine).ofRows);
    // Errors of blocks add up, and to more where a block magnifies those before it.
    for (const share of [1, 1 / 4]) {
      const steps = blockSteps(engine, flow, rows, (share * ofRowsMost) / flow.blocks.length);
      const fewer = createFlow(engine, withSteps(flow, steps));
      try {
        const { ofMeans, ofRows } = differences(fewer.logProb(x, undefined, y), fine);
        if (ofMeans >= OF_MEAN || ofRows >= ofRowsMost) continue;
        const doubled = fewer.logProb(x, { times: 2 }, y);
        const solverGap = differences(fewer.logProb(x, undefined, y), doubled).ofMeans;
        return { flow: fewer.config, solverGap };
      } finally {
        fewer.dispose();
      }
    }
    return { flow, solverGap: differences(coarse, fine).ofMeans };
  } finally {
    trial.dispose();
  }
}

/** A flow whose blocks have so many steps each. */
function withSteps(flow: FlowConfig, each: readonly number[]): FlowConfig {
  const steps = each.reduce((a, b) => Math.max(a, b), 1);
  const blocks = flow.blocks.map((block, k) => (each[k] === steps ? block : { ...block, steps: each[k] }));
  return { ...flow, blocks, steps };
}

/** Of log-densities: |mean a - mean b| and mean |a - b|, nats. */
function differences(a: Float64Array, b: Float64Array): { readonly ofMeans: number; readonly ofRows: number } {
  let [sum, sizes] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    sum += a[i] - b[i];
    sizes += Math.abs(a[i] - b[i]);
  }
  return { ofMeans: Math.abs(sum) / a.length, ofRows: sizes / a.length };
}

/**
 * For each block the fewest steps, at most those of `flow`, by which |x|^2 / 2 - ln |det| behind it is off by less than
 * `tolerance` nats on average over the rows that come to it, against twice the steps of `flow`.
 */
function blockSteps(
  engine: Engine,
  { block, blocks, steps }: FlowConfig,
  rows: { readonly x: Float32Array; readonly condition?: Covariates },
  tolerance: number,
): number[] {
  const { dimension: d } = block.field;
  const runner = createBlockRunner(engine, block);
  const [from, coarse, fine] = Array.from({ length: 3 }, () => createParticles(engine, rows.x, d, rows.condition));
  try {
    return blocks.map(({ weights }) => {
      const parameters = engine.parameters(weights);
      try {
        runner.push(parameters, from, fine, { steps: 2 * steps });
        const exact = energies(fine, d);
        const enough = TRIED.find((fewer) => {
          if (fewer >= steps) return false;
          runner.push(parameters, from, coarse, { steps: fewer });
          return differences(energies(coarse, d), exact).ofRows < tolerance;
        });
        // The next block starts from where these rows come to; it has the error of none before it.
        from.x.write(fine.x.read());
        return enough ?? steps;
      } finally {
        parameters.dispose();
      }
    });
  } finally {
    for (const particles of [from, coarse, fine]) disposeParticles(particles);
    runner.dispose();
  }
}

/** |x|^2 / 2 - ln |det| of each row, nats. */
function energies({ x, logDet }: { readonly x: Table; readonly logDet: Table }, d: number): Float64Array {
  const [values, dets] = [x.read(), logDet.read()];
  return Float64Array.from(dets, (det, i) => {
    let sum = -det;
    for (let k = 0; k < d; k++) sum += values[i * d + k] ** 2 / 2;
    return sum;
  });
}
