/**
 * A player: what one optimiser moves. A plain objective has one; a saddle has two, whose critic may take several turns for
 * one of the map.
 *
 *   w <- Adam(w, grad L(w; draw)),   L the mean over rows of a program, or a composition of programs
 *
 * A fused player takes one step of one program. A composed one is handed its gradient, put together from several runs (a
 * frozen opponent, a kernel over pairs, an adaptive solve), and Adam runs on the host.
 */
import type { Batch, Executable, OptimiserStep, Parameters, Values } from "../engine/index.ts";
import { NumericError } from "../errors/index.ts";
import { adamStep } from "./adam.ts";

/** What one update found. */
export interface Updated {
  /** Means and values of the program or programs, by name. */
  readonly values: Values;
  readonly gradientNorm: number;
}

/** `Draw`: what an update is made of; made by the training, the same for the same update and turn. */
export interface Player<Draw, Found extends Updated = Updated> {
  readonly name: string;
  readonly parameters: Parameters;
  /** Updates in a row at each of the training's; default 1. */
  readonly turns?: number;
  /** Learning rate at update 0, 1, ..., after so many divisions of a plateau's rate. */
  readonly rate: (update: number, drops: number) => number;
  readonly optimiser?: Omit<OptimiserStep, "learningRate">;
  /** Decay of an average of the weights over the updates, which is what is judged and kept (see averaging.ts). */
  readonly averaging?: number;
  /** @throws NumericError when the loss or the gradient is not finite. */
  update(draw: Draw, by: OptimiserStep): Found;
}

type Moved = Omit<Player<never>, "update">;

/** A player that one program moves, by a draw of its rows and scalars. */
export function fusedPlayer<Draw extends Omit<Batch, "parameters">>(player: Moved, program: Executable): Player<Draw> {
  const { parameters } = player;
  return { ...player, update: (draw, by) => program.step({ ...draw, parameters }, by) };
}

/** A gradient that was put together, flat, in the order of the parameters. */
export interface Composed {
  readonly values: Values;
  readonly gradient: ArrayLike<number>;
}

/** @throws NumericError where loss or gradient are not finite; nothing is updated then. */
export function composedUpdate<Found extends Composed>(
  parameters: Parameters,
  found: Found,
  by: OptimiserStep,
): Omit<Found, "gradient"> & Updated {
  const { gradient, ...rest } = found;
  const next = adamStep(parameters.state(), gradient, by);
  if (!Number.isFinite(found.values.loss?.[0] ?? 0) || !Number.isFinite(next.gradientNorm)) {
    throw new NumericError("the loss or its gradient is not finite");
  }
  parameters.restore(next.state);
  return { ...rest, gradientNorm: next.gradientNorm };
}

/** A player whose gradient is handed in. */
export function composedPlayer<Draw>(player: Moved, gradient: (draw: Draw) => Composed): Player<Draw> {
  return { ...player, update: (draw, by) => composedUpdate(player.parameters, gradient(draw), by) };
}
