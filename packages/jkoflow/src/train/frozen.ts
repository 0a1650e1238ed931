/**
 * Two players in one program: its parameters are those of the player that moves, then a copy of its opponent's, which the
 * program detaches. The copy's gradient is 0, so that its moments stay 0 and no update moves it.
 */
import type { Engine, Parameters } from "../engine/index.ts";

export interface BesideFrozen {
  /** The player's own, first in `whole`. */
  readonly own: Parameters;
  /** What the program is given. */
  readonly whole: Parameters;
  /** The opponent's weights as they are now. */
  copy(opponent: Parameters): void;
}

/** Parameters of `size` numbers beside as many as an opponent has. */
export function besideFrozen(engine: Engine, size: number, frozen: number): BesideFrozen {
  const whole = engine.parameters(new Float32Array(size + frozen));
  const joined = (first: Float32Array, then: Float32Array): Float32Array => {
    const all = new Float32Array(size + frozen);
    all.set(first);
    all.set(then, size);
    return all;
  };
  const own: Parameters = {
    size,
    read: () => whole.read().slice(0, size),
    write: (values) => whole.write(joined(values, whole.read().subarray(size))),
    state: () => {
      const { values, firstMoment, secondMoment, updates } = whole.state();
      const part = (array: Float32Array): Float32Array => array.slice(0, size);
      return { values: part(values), firstMoment: part(firstMoment), secondMoment: part(secondMoment), updates };
    },
    restore: ({ values, firstMoment, secondMoment, updates }) => {
      const still = new Float32Array(frozen);
      const held = whole.read().subarray(size);
      whole.restore({
        values: joined(values, held),
        firstMoment: joined(firstMoment, still),
        secondMoment: joined(secondMoment, still),
        updates,
      });
    },
    resetMoments: whole.resetMoments,
    dispose: whole.dispose,
  };
  return { own, whole, copy: (opponent) => whole.write(joined(whole.read(), opponent.read())) };
}
