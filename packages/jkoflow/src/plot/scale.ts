/**
 * Linear scales and their ticks.
 *
 * Ticks stand at multiples of 1, 2 or 5 times a power of ten, the usual rule (P. Heckbert, "Nice numbers for graph
 * labels", Graphics Gems, 1990).
 */

/** Low and high end. */
export type Range = readonly [number, number];

/** A map from values to pixels. */
export interface Scale {
  readonly domain: Range;
  readonly range: Range;
  at(value: number): number;
}

/** The affine map that takes `domain` to `range`; a domain of one value maps to the middle. */
export function linearScale(domain: Range, range: Range): Scale {
  const [low, high] = domain;
  const [from, to] = range;
  const slope = high === low ? 0 : (to - from) / (high - low);
  const origin = high === low ? (from + to) / 2 : from;
  return { domain, range, at: (value) => origin + slope * (value - low) };
}

/** Smallest and largest finite value; [0, 1] where there is none. */
export function extent(values: Iterable<number>): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

/** `range` widened by `share` of its width on both sides, and to some width where it has none. */
export function padded(range: Range, share: number): Range {
  const [low, high] = range;
  const margin = high > low ? share * (high - low) : Math.max(Math.abs(low) * 0.1, 0.5);
  return [low - margin, high + margin];
}

/** The distance between about `count` ticks in `range`. */
export function tickStep(range: Range, count: number): number {
  const rough = (range[1] - range[0]) / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const ratio = rough / power;
  return power * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
}

/** The multiples of the tick step inside `range`. */
export function ticks(range: Range, count: number): readonly number[] {
  const step = tickStep(range, count);
  const first = Math.ceil(range[0] / step - 1e-9); // tolerance: an end that is a tick stays one
  const last = Math.floor(range[1] / step + 1e-9);
  // Rounded to the step's decimals, since 3 * 0.1 is not 0.3.
  const decimals = Math.min(100, Math.max(0, -Math.floor(Math.log10(step))));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) =>
    Number(((first + i) * step).toFixed(decimals)),
  );
}

/** A tick as text, with as many decimals as the distance between ticks asks for and a real minus sign. */
export function formatTick(value: number, step: number): string {
  const size = Math.abs(value);
  const power = Math.floor(Math.log10(step) + 1e-9);
  if (value === 0) return "0";
  const plain = size >= 1e5 || step < 1e-4 ? shortExponent(value, power) : value.toFixed(Math.max(0, -power));
  return plain.replaceAll("-", "−");
}

function shortExponent(value: number, power: number): string {
  const exponent = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  return `${(value / 10 ** exponent).toFixed(Math.max(0, exponent - power))}e${exponent}`;
}
