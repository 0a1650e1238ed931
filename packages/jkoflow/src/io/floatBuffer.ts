import { InputError } from "../errors/errors.ts";

/** A float32 array that grows: the only copy of a table while it is read. @throws InputError when memory runs out. */
export class FloatBuffer {
  length = 0;
  #values: Float32Array;
  readonly #where: string;

  /**
   * `expected` is the capacity to start with; a wrong guess costs copies, a false one in a file at most 64 MB. A guess that
   * the length of the file bears out may go above that, up to `limit` values.
   */
  constructor(where: string, expected: number = 1024, limit: number = 2 ** 24) {
    this.#where = where;
    this.#values = allocate(where, Math.max(16, Math.min(Math.ceil(expected), limit)));
  }

  push(value: number): void {
    if (this.length === this.#values.length) this.#grow();
    this.#values[this.length++] = value;
  }

  at(index: number): number {
    return this.#values[index];
  }

  /** Forgets all values from `length` on. */
  truncate(length: number): void {
    this.length = length;
  }

  /**
   * The values. Not a copy, unless half of the capacity is unused: what was never written takes no memory, since systems
   * hand out pages when they are first touched.
   */
  finish(): Float32Array {
    const few = this.length < this.#values.length / 2;
    return few ? this.#values.slice(0, this.length) : this.#values.subarray(0, this.length);
  }

  #grow(): void {
    const larger = allocate(this.#where, this.#values.length * 2);
    larger.set(this.#values);
    this.#values = larger;
  }
}

function allocate(where: string, length: number): Float32Array {
  try {
    return new Float32Array(length);
  } catch {
    throw new InputError({ where, came: `more than ${length / 2} values`, expected: "a table that fits in memory" });
  }
}
