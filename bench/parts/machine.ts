/** The machine in words, as far as it explains a figure. */
import { cpus, totalmem } from "node:os";

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
}

export function describeMachine(): Machine {
  const all = cpus();
  return {
    processor: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
  };
}

export const machineLine = ({ processor, cores, memoryGiB, node }: Machine): string =>
  `${processor}, ${cores} ${cores === 1 ? "core" : "cores"}, ${memoryGiB} GiB, Node ${node}`;
