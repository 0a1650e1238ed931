import { describe, expect, it } from "vitest";
import { createRandom } from "../graph/values.testing.ts";
import { createArena, roundUp } from "./arena.ts";

describe("arena", () => {
  it("never hands out one place twice, and starts every block at a line", () => {
    const random = createRandom(1);
    const arena = createArena();
    const live = new Map<number, number>();
    for (let k = 0; k < 4000; k++) {
      if (live.size > 0 && random() < 0.5) {
        const offsets = [...live.keys()];
        const offset = offsets[Math.floor(random() * offsets.length)];
        arena.release(offset);
        live.delete(offset);
      } else {
        const floats = Math.floor(300 * random() ** 3);
        const offset = arena.allocate(floats);
        expect(offset % 16).toBe(0);
        const overlaps = [...live].some(([other, size]) => other < offset + floats && offset < other + size);
        expect(overlaps, `${floats} numbers at ${offset}`).toBe(false);
        expect(offset + floats).toBeLessThanOrEqual(arena.size);
        live.set(offset, roundUp(Math.max(1, floats)));
      }
    }
    const { size } = arena;
    for (const offset of live.keys()) arena.release(offset);
    expect(arena.allocate(size), "all is one hole again").toBe(0);
    expect(arena.size).toBe(size);
  });

  it("refuses to release what is not in use", () => {
    const arena = createArena();
    const offset = arena.allocate(1);
    arena.release(offset);
    expect(() => arena.release(offset)).toThrow(/not in use/);
  });
});
