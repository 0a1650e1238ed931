/**
 * The scheme whose steps are maps: every system for evolutions is trained by it.
 *
 *   for k = 1, 2, ...:  rows of rho_{k-1} -> train T_k, phase by phase -> F of rho_k = T_k # rho_{k-1} on held-out rows
 *
 * (R. Jordan, D. Kinderlehrer, F. Otto, SIAM J. Math. Anal. 29 (1998), 1-17.) Of rho_{k-1} a system knows the start and the
 * maps that are done: rows are drawn from the start and pushed through them, afresh for each step or once for all. Every draw
 * follows from the key, the step, the phase and the update, so that a training goes on from each of its states to the same bits.
 */
import type { Parameters } from "../engine/index.ts";
import { fold, type Key } from "../random/index.ts";
import {
  createBreather,
  type Event,
  type Judge,
  type Training,
  type TrainState,
  train,
  type Updated,
} from "../train/index.ts";
import type { ControlState } from "./stepControl.ts";

/** After a step: its number, time, and what is measured of it, F ("energy") and the distance moved ("moved") among it. */
export type StepReport = Readonly<Record<string, number>>;

/** Plain data and typed arrays. */
export interface EvolutionState {
  readonly format: 1;
  /** Weights of the maps that are done, each [size]. */
  readonly maps: readonly Float32Array[];
  /** Rows of the table of steps that are done. */
  readonly reports: readonly StepReport[];
  /** The step in training. */
  readonly training?: { readonly phase: string; readonly inner: TrainState };
  /** Weights by the name of their parameters, where neither `maps` nor `training` has them; absent: there are none. */
  readonly others?: Readonly<Record<string, Float32Array>>;
  /** Where step sizes are chosen on the way: how far that is, and the weights of the one step in whose place a pair is trained. */
  readonly control?: { readonly at: ControlState; readonly whole?: Float32Array };
}

/** A part of the training of a step: who moves, by which draws, judged by what. */
export interface Phase<Draw> extends Pick<Training<Draw>, "players" | "updates"> {
  readonly name: string;
  /** Absent: the last weights are kept, not the best. */
  readonly judge?: Judge;
  /** What a turn of a player is made of; of the key of the update (and of the turn, after the first). */
  draw(key: Key): Draw;
}

/** A step as its phases see it. */
export interface Step<Rows> {
  /** From 1. */
  readonly number: number;
  /** Of rho_{k-1}. */
  readonly rows: Rows;
  /** Of rho_{k-1}, which no step is trained on. */
  readonly heldOut: Rows;
}

/** What a system says of its steps. */
export interface MapScheme<Rows, Draw> {
  readonly steps: number;
  /** h */
  readonly stepSize: number;
  /** Of each player, with the weights that it begins with; a step begins with those that the step before it ended with. */
  readonly parameters: { readonly map: Parameters } & Readonly<Record<string, Parameters>>;
  /** Rows of a step, whether they are drawn for each or once, and rows for what is reported. */
  readonly rows: { readonly count: number; readonly drawn: "for each step" | "once"; readonly heldOut: number };
  /** n rows of the start, to be trained or to be measured. */
  draw(key: Key, n: number, use: "pool" | "held out"): Rows;
  /** Moves rows in place, by the map of step k. */
  push(rows: Rows, weights: Float32Array, k: number): void;
  /** Of rows of rho_{k-1} and the map of step k, or of the start; before they are pushed. */
  measure(rows: Rows, weights?: Float32Array): Readonly<Record<string, number>>;
  phases(step: Step<Rows>): readonly Phase<Draw>[];
  /** Gives back what rows hold of the engine. */
  dispose(rows: Rows): void;
}

/** Updates between two events. */
const EVERY = 20;

const unjudged: Judge = {
  every: Number.POSITIVE_INFINITY,
  patience: Number.POSITIVE_INFINITY,
  evaluate: () => ({ score: 0 }),
};

type Told = Event<EvolutionState>;

const told = (type: Event["type"], place: readonly string[], values: Event["values"], state: EvolutionState): Told => ({
  type,
  place,
  values,
  state: () => state,
});

/** Loss, norm of the gradient and rate of the first player; loss and norm of the others with their names. */
function valuesOf(
  players: readonly { readonly name: string }[],
  found: readonly (Updated & { readonly learningRate: number })[],
): Event["values"] {
  const [{ values: means, gradientNorm, learningRate }, ...others] = found;
  const more = others.flatMap(({ values, gradientNorm }, i) => {
    const { name } = players[i + 1];
    return [
      [`${name}Loss`, values.loss[0]],
      [`${name}GradientNorm`, gradientNorm],
    ];
  });
  return { loss: means.loss[0], gradientNorm, learningRate, ...Object.fromEntries(more) };
}

/** What a training goes on from, and what it waits for now and then, between updates and parts of a step. */
export interface Surroundings {
  readonly resume?: EvolutionState | undefined;
  readonly pause?: (() => Promise<void>) | undefined;
}

/** Events with places such as ["step 3", "update 40"]; ends in weights of one map for each step, with a report of each. */
export async function* mapSteps<Rows, Draw>(
  scheme: MapScheme<Rows, Draw>,
  key: Key,
  { resume, pause }: Surroundings = {},
): AsyncGenerator<Told, Pick<EvolutionState, "maps" | "reports"> & { readonly stop: string }, void> {
  const { steps, stepSize, parameters, rows: wanted } = scheme;
  const breathe = createBreather(pause);
  const maps = [...(resume?.maps ?? [])];
  const reports = [...(resume?.reports ?? [])];
  /** `held`: parameters whose weights are in `maps` or `training`. */
  const stateOf = (held: readonly Parameters[], training?: EvolutionState["training"]): EvolutionState => {
    const others = Object.entries(parameters).filter(([, of]) => !held.includes(of));
    return {
      format: 1,
      maps: [...maps],
      reports: [...reports],
      ...(training ? { training } : {}),
      ...(others.length > 0 ? { others: Object.fromEntries(others.map(([name, of]) => [name, of.read()])) } : {}),
    };
  };
  const open = new Set<Rows>();
  const draw = async (n: number, use: "pool" | "held out", ...step: number[]): Promise<Rows> => {
    const rows = scheme.draw(fold(key, use, ...step), n, use);
    open.add(rows);
    for (const [i, weights] of maps.entries()) {
      await breathe();
      scheme.push(rows, weights, i + 1);
    }
    await breathe();
    return rows;
  };
  const close = (rows: Rows): void => {
    open.delete(rows);
    scheme.dispose(rows);
  };

  for (const [name, of] of Object.entries(parameters)) {
    const weights = resume?.others?.[name] ?? (name === "map" ? maps.at(-1) : undefined);
    if (weights) of.write(weights);
  }
  try {
    const heldOut = await draw(wanted.heldOut, "held out");
    if (!resume) reports.push({ step: 0, time: 0, ...scheme.measure(heldOut) });
    await breathe();
    const values = { steps, parametersPerStep: parameters.map.size, ...reports[0] };
    yield told("start", [], values, resume ?? stateOf([parameters.map]));

    let left = resume?.training;
    let rows = wanted.drawn === "once" ? await draw(wanted.count, "pool") : undefined;
    for (let k = maps.length + 1; k <= steps; k++) {
      rows ??= await draw(wanted.count, "pool", k);
      for (const phase of scheme.phases({ number: k, rows, heldOut })) {
        const { name, players } = phase;
        if (left && left.phase !== name) continue;
        const drawn = (update: number, turn: number): Draw =>
          phase.draw(fold(key, name, k, update, ...(turn > 0 ? [turn] : [])));
        const training = train({ ...phase, judge: phase.judge ?? unjudged, draw: drawn }, left?.inner);
        left = undefined;
        let next = training.next();
        for (; !next.done; next = training.next()) {
          const { update, found, state } = next.value;
          await breathe();
          if (update % EVERY > 0) continue;
          const place = [`step ${k}`, name, `update ${update}`];
          const held = players.map((player) => player.parameters);
          yield told("update", place, valuesOf(players, found), stateOf(held, { phase: name, inner: state() }));
        }
        if (phase.judge) for (const [i, { parameters }] of players.entries()) parameters.write(next.value.weights[i]);
      }
      const weights = parameters.map.read();
      await breathe();
      const report = { step: k, time: k * stepSize, ...scheme.measure(heldOut, weights) };
      await breathe();
      scheme.push(heldOut, weights, k);
      await breathe();
      if (wanted.drawn === "once") scheme.push(rows, weights, k);
      else {
        close(rows);
        rows = undefined;
      }
      reports.push(report);
      maps.push(weights);
      yield told("step", [`step ${k}`], reports[k], stateOf([parameters.map]));
    }
    return { maps, reports, stop: "end of the time" };
  } finally {
    for (const rows of open) close(rows);
  }
}
