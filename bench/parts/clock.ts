/** The processor time of this process, all its threads, since the clock was made. */
export interface Clock {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

export function startClock(): () => Clock {
  const cpu = process.cpuUsage();
  const start = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { cpuSeconds: (user + system) / 1e6, wallSeconds: (performance.now() - start) / 1000 };
  };
}

export const peakMiB = (): number => process.resourceUsage().maxRSS / 1024;
