/** First-fit allocation of a growing region, in floats; blocks start at multiples of 16 floats (one line of 64 bytes). */
export interface Arena {
  allocate(floats: number): number;
  release(offset: number): void;
  /** The largest extent so far. */
  readonly size: number;
}

export const roundUp = (n: number): number => (n + 15) & ~15;

export function createArena(): Arena {
  const used = new Map<number, number>();
  let free: { offset: number; size: number }[] = [];
  let size = 0;
  return {
    allocate(floats) {
      const need = roundUp(Math.max(1, floats));
      let best = -1;
      for (let i = 0; i < free.length; i++) {
        if (free[i].size >= need && (best < 0 || free[i].size < free[best].size)) best = i;
      }
      let offset = size;
      if (best >= 0) {
        const hole = free[best];
        offset = hole.offset;
        hole.offset += need;
        hole.size -= need;
        if (hole.size === 0) free.splice(best, 1);
      } else {
        size += need;
      }
      used.set(offset, need);
      return offset;
    },
    release(offset) {
      const block = used.get(offset);
      if (block === undefined) throw new Error(`arena: block at ${offset} is not in use`);
      used.delete(offset);
      free.push({ offset, size: block });
      free.sort((a, b) => a.offset - b.offset);
      const merged: typeof free = [];
      for (const hole of free) {
        const last = merged[merged.length - 1];
        if (last !== undefined && last.offset + last.size === hole.offset) last.size += hole.size;
        else merged.push(hole);
      }
      free = merged;
    },
    get size() {
      return size;
    },
  };
}
