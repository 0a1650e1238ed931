/** A float64 array that grows, for the few values that float32 would spoil. */
import { InputError } from "../errors/errors.ts";

export interface Doubles {
  readonly push: (value: number) => void;
  /** Forgets all values from `length` on. */
  readonly truncate: (length: number) => void;
  readonly length: () => number;
  /** The values so far; a view. */
  readonly values: () => Float64Array;
}

/** @throws InputError when memory runs out. */
export function createDoubles(where: string): Doubles {
  let held = new Float64Array(1024);
  let length = 0;
  const grow = (): void => {
    let larger: Float64Array<ArrayBuffer>;
    try {
      larger = new Float64Array(2 * held.length);
    } catch {
      throw new InputError({ where, came: `more than ${held.length} values`, expected: "a table that fits in memory" });
    }
    larger.set(held);
    held = larger;
  };
  return {
    push: (value) => {
      if (length === held.length) grow();
      held[length++] = value;
    },
    truncate: (to) => {
      length = to;
    },
    length: () => length,
    values: () => held.subarray(0, length),
  };
}
