/** Blocks of a host's memory. Line 0 stays unused, so that 0 can mean "none". */
import { createArena } from "./arena.ts";
import type { Host, HostArray } from "./host.ts";

export interface Block {
  readonly memory: Memory;
  /** Address in lines of 64 bytes. Like every use of a block, an error once it was freed. */
  readonly line: number;
  write(values: HostArray, offsetFloats?: number): void;
  read(into: HostArray, offsetFloats?: number): void;
  free(): void;
}

export interface Memory {
  allocate(floats: number): Block;
  /** Floats in use. */
  readonly used: number;
}

const LINE_FLOATS = 16;

/** `firstLine`: lines below belong to the host (the stacks of WebAssembly threads). */
export function createMemory(host: Host, firstLine: number): Memory {
  const arena = createArena();
  let used = 0;
  const allocate = (floats: number): Block => {
    const size = Math.max(floats, 1) + LINE_FLOATS; // kernel vectors may run past the end
    const offset = arena.allocate(size);
    host.reserve((firstLine * LINE_FLOATS + arena.size) * 4);
    const line = firstLine + offset / LINE_FLOATS;
    let live = true;
    used += size;
    const at = (offsetFloats: number): number => {
      if (!live) throw new Error("this table, parameter block or program was disposed");
      if (offsetFloats % LINE_FLOATS !== 0)
        throw new Error(`offset ${offsetFloats} is not a multiple of ${LINE_FLOATS}`);
      return line + offsetFloats / LINE_FLOATS;
    };
    return {
      memory,
      get line() {
        return at(0);
      },
      write: (values, offsetFloats = 0) => host.write(at(offsetFloats), values),
      read: (into, offsetFloats = 0) => host.read(at(offsetFloats), into),
      free: () => {
        if (!live) return;
        live = false;
        used -= size;
        arena.release(offset);
      },
    };
  };
  const memory: Memory = {
    allocate,
    get used() {
      return used;
    },
  };
  return memory;
}
