/** Numbers as people read them. */

/** Four significant digits, but never fewer than two or more than four decimals. */
export function nats(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "-";
  return value.toFixed(Math.abs(value) >= 100 ? 2 : Math.abs(value) >= 10 ? 3 : 4);
}

export function small(value: number): string {
  if (!Number.isFinite(value)) return "inf";
  return value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)
    ? value.toExponential(1)
    : String(Number(value.toPrecision(3)));
}

export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.round(seconds);
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** 1234567 as 1,234,567 */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

/** 1 row, 2 rows. */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
