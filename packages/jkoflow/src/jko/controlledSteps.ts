/**
 * The scheme of mapSteps.ts with steps whose sizes are chosen on the way (stepControl.ts).
 *
 *   from rho_{k-1}:  T of one step 2 h;  A, B of two steps h  ->  SymKL of the moments of T # rho and (B A) # rho on held-out rows
 *
 * Both are trained on the same rows with the same draws, so that what they share of the noise of training is not taken for an error.
 * A pair that is refused leaves A, which is the one step of the next pair.
 */
import { gaussianSymKl } from "../evaluate/gaussianFlow.ts";
import { momentsOf } from "../evaluate/moments.ts";
import type { Key } from "../random/index.ts";
import { fold } from "../random/index.ts";
import type { Event } from "../train/index.ts";
import { type EvolutionState, type MapScheme, mapSteps, type StepReport, type Surroundings } from "./mapSteps.ts";
import { beginControl, judgePair, pairLength, reached, type StepControl } from "./stepControl.ts";

/** A scheme for steps of one size, and what its rows are. */
export interface ControlledScheme<Rows, Draw> {
  readonly control: StepControl;
  readonly dimension: number;
  of(stepSize: number, steps: number): MapScheme<Rows, Draw>;
  /** [n, d] */
  places(rows: Rows): Float32Array;
}

type Told = Event<EvolutionState>;
type Ended = Pick<EvolutionState, "maps" | "reports"> & { readonly stop: string; readonly times: readonly number[] };

/** Events as those of mapSteps, with a note for a pair that is refused or shorter than its tolerance asks; reports have `stepSize` and `doublingError`, the SymKL of their pair. */
export async function* controlledSteps<Rows, Draw>(
  { control, dimension, of, places }: ControlledScheme<Rows, Draw>,
  key: Key,
  { resume, pause }: Surroundings = {},
): AsyncGenerator<Told, Ended, void> {
  let at = resume?.control?.at ?? beginControl(control);
  let whole = resume?.control?.whole;
  const first = of(control.step, 0).parameters.map.read();
  let [maps, reports] = [resume?.maps ?? [], resume?.reports ?? []];
  /** Of a training that was left. */
  let left = resume;

  /** Trains up to `steps` steps after the accepted ones; its last state, without telling of steps that are not accepted yet. */
  async function* some(
    stepSize: number,
    steps: number,
  ): AsyncGenerator<Told, Pick<EvolutionState, "maps" | "reports">, void> {
    const about = { control: { at, ...(whole ? { whole } : {}) } };
    const isFirst = reports.length === 0;
    const base: EvolutionState = { format: 1, maps, reports, ...(maps.length === 0 ? { others: { map: first } } : {}) };
    const { control: _, ...inner } = left ?? base;
    left = undefined;
    const training = mapSteps(of(stepSize, maps.length + steps), key, {
      resume: isFirst && !resume ? undefined : inner,
      pause,
    });
    let next = await training.next();
    for (; !next.done; next = await training.next()) {
      const { type, place, values, state } = next.value;
      if (type !== "update" && !(type === "start" && isFirst)) continue;
      const { steps: _, ...known } = values; // how many there will be is not known
      yield { type, place, values: known, state: () => ({ ...state(), ...about }) };
    }
    return next.value;
  }
  /** Rows of the start that no step is trained on, through maps. */
  const placesAfter = (through: readonly Float32Array[]): Float32Array => {
    const scheme = of(control.step, through.length);
    const rows = scheme.draw(fold(key, "held out"), scheme.rows.heldOut, "held out");
    for (const [i, weights] of through.entries()) scheme.push(rows, weights, i + 1);
    const found = places(rows);
    scheme.dispose(rows);
    return found;
  };
  const accepted = (trained: readonly StepReport[], length: number, gap: number, from: number): StepReport[] =>
    trained.map((report, i) => ({
      ...{ ...report, stepSize: length, doublingError: gap },
      time: Number((from + (i + 1) * length).toPrecision(12)), // without the dust of the sum
    }));
  for (let length = pairLength(at, control); length !== undefined; length = pairLength(at, control)) {
    const done = at.lengths.length;
    [maps, reports] = [maps.slice(0, done), reports.slice(0, done + 1)];
    if (whole === undefined) {
      const one = yield* some(length, 1);
      whole = one.maps[done];
      reports = one.reports.slice(0, done + 1);
    }
    const two = yield* some(length / 2, 2);
    const [coarse, fine] = [[...two.maps.slice(0, done), whole], two.maps].map((through) =>
      momentsOf(placesAfter(through), dimension),
    );
    const gap = gaussianSymKl(coarse, fine);
    const from = reached(at, control);
    const judged = judgePair(at, gap, control);
    at = judged.next;
    whole = judged.accepted ? undefined : two.maps[done];
    if (judged.accepted) {
      maps = two.maps;
      reports = [...reports, ...accepted(two.reports.slice(done + 1), length / 2, gap, from)];
    }
    const now: EvolutionState = { format: 1, maps, reports, control: { at, ...(whole ? { whole } : {}) } };
    const state = (): EvolutionState => now;
    if (!judged.met) {
      const text = judged.accepted
        ? `steps of ${length / 2} stay, the shortest there are: by moments they are ${gap.toPrecision(2)} nats from one of ${length}`
        : `steps of ${length / 2} are too long: by moments they are ${gap.toPrecision(2)} nats from one of ${length}`;
      yield { type: "note", place: [`step ${done + 1}`], values: { text }, state };
    }
    if (judged.accepted) {
      for (const report of reports.slice(done + 1))
        yield { type: "step", place: [`step ${report.step}`], values: report, state };
    }
  }
  return { maps, reports, stop: "end of the time", times: reports.map(({ time }) => time) };
}
