/**
 * The gradient of a training objective over the steps that an adaptive solver took: discretise, then optimise.
 *
 * Position and log-determinant of a batch are solved with an error test; the accepted times are then a fixed grid. One
 * program of ONE step, with its time and size as scalars, replays the grid forward and runs backward over it, so that
 * another grid lowers nothing again:
 *
 *   l_k(x) = <g, x_k+1(x)> + sum of weights times what the step adds to the integrals,   g_k = dl_k/dx,   g at the end = x(1)
 *
 * Its parameter gradients add up to the exact gradient of the discrete objective. The penalties are integrals beside the
 * state: they take no part in the error test, and the grid does not depend on them. Probes stay the same for a whole solve.
 */
import { standardEnergyOf } from "../distributions/index.ts";
import type { Engine, Executable, Parameters, RowSource, Table } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import type { Functional } from "../functionals/index.ts";
import type { Program } from "../graph/index.ts";
import { dopri5, type SolveStats, solve } from "../ode/index.ts";
import { slopeProgram, stagesOf, stepProgram } from "./adaptiveStep.ts";
import type { BlockConfig } from "./blockPrograms.ts";
import { linksOf } from "./blockWeights.ts";
import { integralsOf, weightScalars } from "./pathIntegrands.ts";
import { wholeRows } from "./wholeRows.ts";

/** Of a training solve: || error / (atol + rtol |state|) || < 1 per step and row. */
export interface Accuracy {
  readonly rtol: number;
  readonly atol: number;
}

/** The objective over a batch, in nats where it is an energy, and its gradient. */
export interface AdaptiveGradient {
  /** Means over the batch: `loss`, `energy`, `logDet`, `movement`, and the integrals by term. */
  readonly values: Readonly<Record<string, number>>;
  /** Of the mean loss, in the order of the block's parameters. */
  readonly gradient: Float64Array;
  /** Evaluations of the field by the solver, and products with its Jacobian in the gradient. */
  readonly evaluations: { readonly forward: number; readonly backward: number };
  /** Accepted times of each link of the chain. */
  readonly grids: readonly (readonly number[])[];
}

/** The loaded programs of such a gradient. */
export interface AdaptiveTraining {
  /** Rows `[n, d]`, and probes where the divergence or the Jacobian term needs them. @throws SolverError */
  gradient(weights: Float32Array, x: Float32Array, probe: Float32Array | undefined): AdaptiveGradient;
  dispose(): void;
}

/**
 * The gradient of an objective of likelihood and integrals along the path, loaded on an engine until `dispose`; a
 * movement term belongs to blocks with fixed steps. @throws InputError for other terms. `gradient` throws SolverError where a field cannot be integrated.
 */
export function createAdaptiveTraining(
  engine: Engine,
  config: BlockConfig,
  objective: Functional,
  accuracy: Accuracy,
): AdaptiveTraining {
  const d = config.field.dimension;
  const { terms } = objective;
  const path = integralsOf(terms);
  checkObjective(objective);
  const load = (program: Program): Executable => engine.load(program);
  const [slope, forward, backward] = [
    slopeProgram(config),
    stepProgram(config, path, "forward"),
    stepProgram(config, path, "backward"),
  ].map(load);
  const tables = new Map<string, Table>();
  const table = (name: string, rows: number, cols: number): Table => {
    const known = tables.get(name);
    if (known?.rows === rows) return known;
    known?.dispose();
    const made = engine.table(rows, cols);
    tables.set(name, made);
    return made;
  };
  const likelihood = terms.find(({ name }) => name === "likelihood")!.weight;

  /** The accepted times of one field from rows x. */
  const gridOf = (parameters: Parameters, x: Float32Array, probe: Record<string, RowSource>) => {
    const n = x.length / d;
    const [position, velocity, divergence] = [table("x", n, d), table("velocity", n, d), table("divergence", n, 1)];
    const state = new Float64Array(n * (d + 1));
    for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) state[i * (d + 1) + j] = x[i * d + j];
    const rows = new Float32Array(x.length);
    const slopes = new Float64Array(state.length);
    const field = (s: number, y: Float64Array): Float64Array => {
      for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) rows[i * d + j] = y[i * (d + 1) + j];
      position.write(rows);
      const outputs = { velocity, divergence };
      slope.run({ parameters, rows: n, inputs: { x: position, ...probe }, scalars: { s }, outputs });
      const [v, div] = [velocity.read(), divergence.read()];
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < d; j++) slopes[i * (d + 1) + j] = v[i * d + j];
        slopes[i * (d + 1) + d] = div[i];
      }
      return slopes;
    };
    const { times, stats } = solve(field, state, { from: 0, to: 1, method: "dopri5", rows: n, adaptive: accuracy });
    return { times, stats };
  };

  return {
    gradient: (weights, x, probeRows) => {
      wholeRows(x, d);
      const n = x.length / d;
      const probe: Record<string, RowSource> = {};
      if (probeRows) {
        probe.probe = table("probe", n, d);
        (probe.probe as Table).write(probeRows);
      }
      const links = linksOf(config, weights).map((part) => engine.parameters(part));
      try {
        const values: Record<string, number> = { logDet: 0 };
        const stats: SolveStats[] = [];
        const grids: (readonly number[])[] = [];
        const visited: { readonly link: number; readonly t: number; readonly h: number; readonly x: Float32Array }[] =
          [];
        const [from, to, cotangent, back] = ["start", "end", "cotangent", "back"].map((name) => table(name, n, d));
        let position: Float32Array = x;
        links.forEach((parameters, link) => {
          const solved = gridOf(parameters, position, probe);
          stats.push(solved.stats);
          grids.push(solved.times);
          for (let k = 0; k + 1 < solved.times.length; k++) {
            const [t, h] = [solved.times[k], solved.times[k + 1] - solved.times[k]];
            visited.push({ link, t, h, x: position });
            from.write(position);
            const inputs = { x: from, ...probe };
            const means = forward.run({ parameters, inputs, rows: n, scalars: { t, h }, outputs: { y: to } });
            for (const [name, [value]] of Object.entries(means)) values[name] = (values[name] ?? 0) + value;
            position = to.read();
          }
        });
        values.energy = standardEnergyOf(position) / n;
        values.movement = position.reduce((s, v, i) => s + (v - x[i]) ** 2, 0) / n;
        values.loss = terms.reduce(
          (sum, { name, weight }) =>
            sum + weight * (name === "likelihood" ? values.energy - values.logDet : values[name]),
          0,
        );

        const gradient = new Float64Array(weights.length);
        const size = weights.length / links.length;
        let g: Float32Array = position.map((v) => likelihood * v);
        for (const { link, t, h, x: start } of visited.reverse()) {
          from.write(start);
          cotangent.write(g);
          const part = backward.gradient({
            parameters: links[link],
            inputs: { x: from, g: cotangent, ...probe },
            rows: n,
            scalars: { t, h, ...weightScalars(objective) },
            outputs: { back },
          }).gradient;
          for (let i = 0; i < size; i++) gradient[link * size + i] += part[i];
          g = back.read();
        }
        const evaluations = {
          forward: stats.reduce((sum, { nfe }) => sum + nfe, 0),
          backward: visited.length * stagesOf(dopri5),
        };
        return { values, gradient, evaluations, grids };
      } finally {
        for (const parameters of links) parameters.dispose();
      }
    },
    dispose: () => {
      for (const program of [slope, forward, backward]) program.dispose();
      for (const each of tables.values()) each.dispose();
    },
  };
}

function checkObjective({ terms }: Functional): void {
  const others = terms.filter(({ name, needs }) => name !== "likelihood" && integralsOf([{ needs }]).length === 0);
  if (others.length === 0 && terms.some(({ name }) => name === "likelihood")) return;
  const came = terms.map(({ name }) => name).join(", ");
  const expected = "the likelihood, and integrals along the path";
  throw new InputError({ where: "objective of adaptive steps", came, expected });
}
