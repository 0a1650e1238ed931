/** Let timers and signal handlers run, now and then. */
export function createBreather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 50) return;
    const immediate = (globalThis as { setImmediate?: (f: () => void) => void }).setImmediate;
    await new Promise<void>((resolve) => (immediate ? immediate(resolve) : setTimeout(resolve, 0)));
    last = performance.now();
  };
}
