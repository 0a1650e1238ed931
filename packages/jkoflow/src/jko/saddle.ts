/**
 * A step of the scheme as a saddle: the functional's term int f(rho), which needs a density, is replaced by its lower bound
 * (functionals/bound.ts), and two players share the objective, the map T lowering it and the critic v raising it:
 *
 *   min over T  max over v   E |T(x) - x|^2 / 2 + h ( E[a(v(T x))] - E_gamma[b(v)] + terms that rows suffice for )
 *
 * The opponent of whoever moves is frozen: it is in the program, and its weights are copied there. For the mean in the
 * logarithm, log E_gamma[b], the critic's gradient has b / E_gamma[b] in the place of b; that mean is taken first, over the rows of
 * the same turn. A rival is a critic that goes on alone against the map as it is: what it adds is the gap of the saddle.
 */
import type { Distribution } from "../distributions/index.ts";
import type {
  Batch,
  Engine,
  Executable,
  OptimiserStep,
  Parameters,
  RowSource,
  Table,
  Values,
} from "../engine/index.ts";
import { boundedTerm, type Functional } from "../functionals/index.ts";
import type { MapKind } from "../maps/index.ts";
import { fold, type Key, log } from "../random/index.ts";
import { type BesideFrozen, besideFrozen, keepAbove, type Player } from "../train/index.ts";
import { type CriticConfig, criticSize } from "./critic.ts";
import type { ReferenceRows } from "./reference.ts";
import { createRowMover } from "./rowMover.ts";
import { createSaddlePrograms } from "./saddlePrograms.ts";
import { type SaddleDraw, type SaddleRows, tablesOf, usedOf } from "./saddleRows.ts";

/** A lower bound of F. */
export interface Bounded {
  readonly energy: number;
  /** Its standard error. */
  readonly energyError: number;
  /** E |T(x) - x|^2 */
  readonly moved: number;
}

export interface Saddle {
  readonly map: Parameters;
  readonly critic: Parameters;
  /** `goal`: the saddle, or no movement. */
  mapPlayer(goal: "step" | "identity", rows: SaddleRows, h: number, rate: Rate): Player<SaddleDraw>;
  /** None where no term of the functional needs one. */
  criticPlayers(rows: SaddleRows, reference: ReferenceRows, turns: number, rate: Rate): readonly Player<SaddleDraw>[];
  /** A rival that starts from the critic takes these turns against the map as it is. */
  trainRival(rows: SaddleRows, reference: ReferenceRows, draws: readonly SaddleDraw[], rate: Rate): void;
  /** n rows of a start, without their densities. */
  draw(start: Distribution, key: Key, n: number): SaddleRows;
  /** Moves rows in place. */
  push(rows: SaddleRows, weights: Float32Array): void;
  /** On these rows, by the map as it is, and by the critic or its rival; the reference's rows are those that no turn is made of. */
  bound(rows: SaddleRows, reference: ReferenceRows, by: "critic" | "rival"): Bounded;
  dispose(): void;
}

type Rate = (update: number) => number;

export function createSaddle<C extends { readonly dimension: number }>(
  engine: Engine,
  kind: MapKind<C>,
  config: C,
  criticConfig: CriticConfig,
  functional: Functional,
): Saddle {
  const { dimension: d } = criticConfig;
  const term = boundedTerm(functional);
  const strength = Math.abs(term?.weight ?? 0);
  const isLog = term?.bound?.less === "log mean";
  const paired = functional.needs.includes("pair");
  const sizes = { map: kind.size(config), critic: criticSize(criticConfig) };
  const map = besideFrozen(engine, sizes.map, sizes.critic);
  const [critic, rival] = [1, 2].map(() => besideFrozen(engine, sizes.critic, sizes.map));
  const programs = createSaddlePrograms(engine, kind, config, criticConfig, functional);
  const mover = createRowMover(engine, kind, config);

  const run = (
    program: Executable,
    batch: Pick<Batch, "parameters" | "rows">,
    all: Readonly<Record<string, RowSource>>,
  ): Values => program.run({ ...batch, inputs: usedOf(program, all) });
  const turnOf =
    (who: BesideFrozen, rows: SaddleRows, reference: ReferenceRows) =>
    ({ indices, beside, reference: taken }: SaddleDraw, by: OptimiserStep): ReturnType<Executable["step"]> => {
      const { turn, reference: mean } = programs.critic!;
      who.copy(map.own);
      const u = reference.pool().take(taken, indices.length);
      const b = isLog ? run(mean, { parameters: who.whole, rows: indices.length }, { u }).b[0] : 1;
      const inputs = usedOf(turn, { ...tablesOf(rows, beside), u });
      return turn.step({ parameters: who.whole, inputs, indices, scalars: { share: 1 / b } }, by);
    };
  return {
    map: map.own,
    critic: critic.own,
    mapPlayer: (goal, rows, h, rate) => ({
      name: "map",
      parameters: map.own,
      rate,
      update: ({ indices, beside }, by) => {
        map.copy(critic.own);
        const program = goal === "step" ? programs.map : programs.identity;
        const scalars = goal === "step" ? { scalars: { h } } : {};
        const found = program.step(
          { parameters: map.whole, inputs: usedOf(program, tablesOf(rows, beside)), indices, ...scalars },
          by,
        );
        keepAbove(map.own, kind.bounds?.(config) ?? []);
        return found;
      },
    }),
    criticPlayers: (rows, reference, turns, rate) =>
      programs.critic
        ? [{ name: "critic", parameters: critic.own, turns, rate, update: turnOf(critic, rows, reference) }]
        : [],
    trainRival: (rows, reference, draws, rate) => {
      rival.own.write(critic.own.read());
      rival.own.resetMoments();
      const turn = turnOf(rival, rows, reference);
      if (programs.critic) for (const [at, draw] of draws.entries()) turn(draw, { learningRate: rate(at) });
    },
    draw: (start, key, n) => {
      const sample = (from: Key): Table => engine.table(n, d, start.sample!(from, n));
      return { x: sample(key), ...(paired ? { pair: sample(fold(key, "pair")) } : {}) };
    },
    push: ({ x, pair }, weights) => {
      for (const table of pair ? [x, pair] : [x]) mover.push(table, weights);
    },
    bound: (rows, reference, by) => {
      const who = by === "critic" ? critic : rival;
      const n = rows.x.rows;
      map.copy(who.own);
      const { a, square, moved } = run(programs.rows, { parameters: map.whole, rows: n }, tablesOf(rows, 0));
      const variance = Math.max(0, square[0] - a[0] ** 2) / n;
      if (!programs.critic) return { energy: a[0], energyError: Math.sqrt(variance), moved: moved[0] };
      who.copy(map.own);
      const u = reference.heldOut();
      const means = run(programs.critic.reference, { parameters: who.whole, rows: u.rows }, { u });
      const [b, slope] = [means.b[0], isLog ? strength / means.b[0] : strength];
      const ofReference = (slope ** 2 * Math.max(0, means.square[0] - b * b)) / u.rows;
      return {
        energy: a[0] - strength * (isLog ? log(b) : b),
        energyError: Math.sqrt(variance + ofReference),
        moved: moved[0],
      };
    },
    dispose: () => {
      programs.dispose();
      mover.dispose();
      for (const each of [map, critic, rival]) each.whole.dispose();
    },
  };
}
