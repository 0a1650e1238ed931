/**
 * jkoflow: probability flows trained by the Jordan-Kinderlehrer-Otto scheme, with exact densities.
 *
 * In the order a reader needs them: an engine computes; randomness comes from keys; a system trains a model on a table; a model
 * scores and samples; a flow of densities is trained along an equation. Everything else stands in the namespaces below, each
 * of which is an entry of its own too: `import { mmd } from "jkoflow/evaluate"`. The entries `jkoflow/engine`, `jkoflow/errors` and
 * `jkoflow/systems` have the rest of the folders whose main names stand here.
 */
// biome-ignore-all assist/source/organizeImports: this order teaches

// An engine, and the errors that a caller can act on.
export { createEngine, type Engine } from "./engine/index.ts";
export { InputError, NumericError } from "./errors/index.ts";

// Randomness.
export { createKey, fold, type Key } from "./random/index.ts";

// Training on a table.
export type { Problem } from "./data/index.ts";
export { type FitOptions, type FitResult, fit } from "./systems/index.ts";
export { startTraining, type Training, type TrainingOptions } from "./systems/index.ts";
export { ffjord, jkoIflow, otFlow, rnode, type System, systems } from "./systems/index.ts";
export type { Event } from "./train/index.ts";
export type { Effort, Settings } from "./settings/index.ts";

// A trained model.
export { type Model, type OpenModel, openModel } from "./model/index.ts";
export { type OpenTable, openTable } from "./model/index.ts";
export { decodeModel, encodeModel } from "./model/index.ts";
export { type Score, scoreLogProb } from "./evaluate/index.ts";
export { scoreThreshold } from "./model/index.ts";

// Training along an equation for a density.
export {
  type EvolutionProblem,
  type EvolutionSystem,
  type Evolved,
  evolutionSystems,
  evolve,
  jkoIcnn,
  landau,
  variational,
} from "./systems/index.ts";

/**
 * Tables, schemas of raw columns, splits, given columns, distributions with a known density ("toys").
 *
 * @example
 * ```ts
 * import { data } from "jkoflow";
 *
 * const table = data.tableOf([{ x: 1, y: 2 }, { x: 3, y: 5 }]);
 * console.log(table.rows, table.columns); // 2 [ 'x', 'y' ]
 * ```
 */
export * as data from "./data/index.ts";
/**
 * Files as bytes: CSV, NPY, NPZ, safetensors, PNG. No file system.
 *
 * @example
 * ```ts
 * import { io } from "jkoflow";
 *
 * const { values, columns } = await io.readCsv(new TextEncoder().encode("a,b\n1,2\n3,4\n"));
 * console.log(columns, values); // [ 'a', 'b' ] Float32Array(4) [ 1, 2, 3, 4 ]
 * console.log(io.writeNpy(values, [2, 2]).length); // 144
 * ```
 */
export * as io from "./io/index.ts";
/**
 * Draws by key: the same key, the same numbers on every machine.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 *
 * console.log(random.normal(createKey(0), 2)); // Float32Array(2) [ -1.0654525756835938, -0.7792127728462219 ]
 * console.log(random.permutation(createKey(0), 5).length); // 5
 * ```
 */
export * as random from "./random/index.ts";
/**
 * How good is it: baselines that need no training, comparisons of log-densities, two-sample distances and tests, closed forms.
 *
 * @example
 * ```ts
 * import { evaluate } from "jkoflow";
 *
 * const [candidate, reference] = [Float64Array.of(-1, -2, -1), Float64Array.of(-2, -2, -3)];
 * const { mean, median } = evaluate.compareModels(candidate, reference); // differences of -log p: below 0 is better
 * console.log(mean, median); // -1 -1
 * ```
 */
export * as evaluate from "./evaluate/index.ts";
/**
 * Figures as SVG text, the same bytes in Node and in a browser.
 *
 * @example
 * ```ts
 * import { plot } from "jkoflow";
 *
 * const axes = { x: { name: "update", unit: "" }, y: { name: "loss", unit: "nats" } };
 * const curves = [{ name: "training", x: [0, 1, 2], y: [3, 2.5, 2.4] }];
 * const svg = plot.curvesFigure({ title: "Loss", run: "first", ...axes, curves });
 * console.log(svg.startsWith("<svg")); // true
 * ```
 */
export * as plot from "./plot/index.ts";

/**
 * Densities with samples in closed form: starts and targets of flows.
 *
 * @example
 * ```ts
 * import { distributions } from "jkoflow";
 *
 * console.log(distributions.standardNormal(1).logDensityAt([0]).toFixed(4)); // -0.9189
 * ```
 */
export * as distributions from "./distributions/index.ts";
/**
 * Functionals of a density, of which a flow descends the gradient: F = integral of V rho, of f(rho), of W * rho rho, KL.
 *
 * @example
 * ```ts
 * import { distributions, functionals } from "jkoflow";
 *
 * const { terms } = functionals.kl(distributions.standardNormal(2));
 * console.log(terms.map(({ name, weight }) => [name, weight])); // [ [ 'entropy', 1 ], [ 'potential', 1 ] ]
 * ```
 */
export * as functionals from "./entries/functionals.ts";
/**
 * Formulas as text, such as "x^2 / 2", for functionals.
 *
 * @example
 * ```ts
 * import { expressions } from "jkoflow";
 *
 * const formula = expressions.parseExpression("x^2/2 + 2*y^2", ["x", "y"]);
 * console.log(formula.value([1, 2])); // 8.5
 * ```
 */
export * as expressions from "./expressions/index.ts";
/**
 * Flows by name, with closed forms where there are some, and flows from formulas.
 *
 * @example
 * ```ts
 * import { createKey, problems } from "jkoflow";
 *
 * const problem = problems.namedProblem("ou:2", createKey(0), { time: 0.5, step: 0.05 });
 * console.log(problem.dimension); // 2
 * ```
 */
export * as problems from "./problems/index.ts";

/**
 * Models of tables from inside: how they are finished, given columns, quantiles of their scores.
 *
 * @example
 * ```ts
 * import { model } from "jkoflow";
 *
 * const quantiles = model.scoreQuantiles(Float64Array.of(-3, -1, -2));
 * console.log(quantiles[0], quantiles[500], quantiles[1000]); // -3 -2 -1
 * ```
 */
export * as model from "./entries/model.ts";
/**
 * Flows of equal blocks, and chains of unequal parts, blocks and maps, with what each can do; their files.
 *
 * @example
 * ```ts
 * import { chain } from "jkoflow";
 *
 * console.log(chain.abilities.join(" ")); // sample draw logProb toBase fromBase inversionError
 * ```
 */
export * as chain from "./entries/chain.ts";
/**
 * What moves rows: blocks, each a velocity field integrated for unit time, and the gradient of a convex network.
 *
 * @example
 * ```ts
 * import { createKey, maps } from "jkoflow";
 *
 * const field = { kind: "mlp", dimension: 2, hidden: [3], activation: { kind: "tanh" }, time: "concat" } as const;
 * const block = { field, divergence: "exact" } as const;
 * console.log(maps.initBlock(block, createKey(0)).length === maps.blockSize(block)); // true
 * console.log(Object.keys(maps.mapKinds)); // [ 'collision', 'gradient', 'residual' ]
 * ```
 */
export * as maps from "./entries/maps.ts";
/**
 * The scheme: blocks trained one after the other, accepted by held-out rows, improved afterwards.
 *
 * @example
 * ```ts
 * import { jko } from "jkoflow";
 *
 * console.log(jko.stageNames); // [ 'reparameterise', 'refine', 'remove', 'joint', 'refine-joint' ]
 * ```
 */
export * as jko from "./entries/jko.ts";
/**
 * Sampling of a density that is known up to a constant, without training: tempered sequential Monte Carlo.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, distributions, sampling } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const start = distributions.normalDistribution([0, 0], Float64Array.of(9, 0, 0, 9)); // wider than the target
 * const bridge: sampling.Bridge = {
 *   base: sampling.evaluatorOf(engine, start),
 *   target: sampling.evaluatorOf(engine, distributions.banana()),
 * };
 * const settings: sampling.SmcSettings = { particles: 1600, groups: 16, ess: 0.9, leaps: 5, moves: 3 };
 * const run = sampling.smc(bridge, start.sample, settings, createKey(0));
 * let next = await run.next();
 * while (!next.done) next = await run.next();
 * const { value, error } = sampling.logZOf(next.value.logZ);
 * console.log(Math.abs(value) < 4 * error); // true
 * const described: sampling.Described = await sampling.describeRows(next.value.rows, bridge.target, createKey(1));
 * console.log(described.weighed.ess > 0.5); // true
 * engine.dispose();
 * ```
 *
 * @example
 * ```ts
 * import { createKey, sampling } from "jkoflow";
 *
 * // A target may be any function: here Exp(1), which is 0 below 0.
 * const target: sampling.Evaluator = {
 *   dimension: 1,
 *   evaluate: (rows): sampling.Evaluated => ({
 *     logDensity: Float64Array.from(rows, (x) => (x < 0 ? Number.NEGATIVE_INFINITY : -x)),
 *     gradient: Float64Array.from(rows, () => -1),
 *   }),
 *   dispose: () => {},
 * };
 * const bridge = { base: target, target };
 * let particles: sampling.Particles = await sampling.evaluated(bridge, Float32Array.of(0.5, 1, 2));
 * const leapfrog: sampling.Leapfrog = { stepSize: 0.5, leaps: 4, metric: Float64Array.of(1) };
 * for (let k = 0; k < 10; k++) ({ particles } = await sampling.hmcMove(bridge, particles, 1, leapfrog, createKey(k)));
 * console.log(particles.rows.every((x) => x >= 0)); // true
 * ```
 *
 * @example
 * ```ts
 * import { createEngine, functionals, sampling } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const quartic = functionals.hostPotential({ value: ([x]) => x ** 4 / 4, gradient: ([x]) => [x ** 3] });
 * const target = sampling.targetOf(engine, functionals.sum([1, quartic], [1, functionals.entropy()]), 1);
 * const { logDensity } = await target.evaluate(Float32Array.of(0, 1));
 * console.log(logDensity[1] - logDensity[0]); // -0.25
 * target.dispose();
 * engine.dispose();
 * ```
 */
export * as sampling from "./entries/sampling.ts";
/**
 * What theory says of runs: certificates of convergence, residuals of steps.
 *
 * @example
 * ```ts
 * import { theory } from "jkoflow";
 *
 * const [step] = theory.certify([{ stepSize: 1, residual: 0 }], { lambda: 1, distance: 9 });
 * console.log(step.distance); // 6
 * ```
 */
export * as theory from "./theory/index.ts";
/**
 * The training loop: Adam, learning rates, batches, patience.
 *
 * @example
 * ```ts
 * import { train } from "jkoflow";
 *
 * const rate = { warmup: 10, peak: 1, floor: 0, updates: 100 };
 * console.log([0, 50, 100].map((update) => train.cosineRate(rate, update).toFixed(2))); // [ '0.10', '0.50', '0.00' ]
 * ```
 */
export * as train from "./entries/train.ts";
/**
 * Settings as they are declared: kinds, defaults, checks.
 *
 * @example
 * ```ts
 * import { jkoIflow, settings } from "jkoflow";
 *
 * console.log(settings.parseSetting("--set", "hidden=[32,32]")); // [ 'hidden', [ 32, 32 ] ]
 * console.log(settings.defaultsOf(jkoIflow.settings).blocks); // 8
 * ```
 */
export * as settings from "./settings/index.ts";
/**
 * Networks as graphs, their sizes and first weights.
 *
 * @example
 * ```ts
 * import { createKey, nn } from "jkoflow";
 *
 * const config = { dimension: 2, hidden: [8], activation: { kind: "tanh" }, time: "concat" } as const;
 * console.log(nn.initMlp(config, createKey(0)).length === nn.mlpSize(config)); // true
 * ```
 */
export * as nn from "./nn/index.ts";
/**
 * Solvers of ordinary differential equations, with fixed and with chosen steps.
 *
 * @example
 * ```ts
 * import { ode } from "jkoflow";
 *
 * const decay = (_: number, y: ode.Vector): ode.Vector => y.map((value) => -value);
 * const { y } = ode.solve(decay, Float64Array.of(1), { from: 0, to: 1, steps: { count: 100 }, method: "rk4" });
 * console.log(Math.abs(y[0] - Math.exp(-1)) < 1e-9); // true
 * ```
 */
export * as ode from "./ode/index.ts";
/**
 * Computations as graphs of nodes, their gradients, and the programs that an engine runs.
 *
 * @example
 * ```ts
 * import { graph } from "jkoflow";
 *
 * const g = graph.createGraph();
 * const x = g.rows("x", 3);
 * const program = graph.createProgram({ name: "squares", outputs: { norm: graph.squaredNorm(x) } });
 * console.log(graph.print(program).includes("norm")); // true
 * ```
 */
export * as graph from "./graph/index.ts";
