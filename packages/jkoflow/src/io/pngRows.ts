/** Rows of a PNG: undoing the filters, and samples of any colour type and bit depth as grey. */
import { InputError } from "../errors/errors.ts";

export interface PngFormat {
  readonly width: number;
  readonly height: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha. */
  readonly colourType: number;
  /** Bits a sample, or an index into the palette. */
  readonly depth: number;
  /** Bytes R, G, B of each colour. */
  readonly palette?: Uint8Array;
  /** Alphas of the first colours of a palette, or the one colour that is transparent. */
  readonly transparency?: Uint8Array;
}

/** Samples a pixel. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Bytes of a row without its filter byte. */
export function rowBytes({ width, colourType, depth }: PngFormat): number {
  return Math.ceil((width * CHANNELS[colourType] * depth) / 8);
}

/**
 * Undoes the filters in place. Each row is a filter byte and then its bytes.
 *
 * Source: PNG second edition, section 9. a is the byte one pixel to the left, b the one above, c above a.
 * @throws InputError for a filter other than 0 to 4.
 */
export function unfilter(rows: Uint8Array, format: PngFormat, where: string): void {
  const stride = 1 + rowBytes(format);
  const step = Math.max(1, (CHANNELS[format.colourType] * format.depth) / 8);
  for (let r = 0; r < format.height; r++) {
    const start = r * stride + 1;
    const end = start + stride - 1;
    const filter = rows[start - 1];
    if (filter > 4) throw new InputError({ where, place: `row ${r}`, came: `filter ${filter}`, expected: "0 to 4" });
    if (filter === 0) continue;
    for (let i = start; i < end; i++) {
      const a = i - step < start ? 0 : rows[i - step];
      const b = r === 0 ? 0 : rows[i - stride];
      const c = r === 0 || i - step < start ? 0 : rows[i - stride - step];
      rows[i] += filter === 1 ? a : filter === 2 ? b : filter === 3 ? (a + b) >> 1 : paeth(a, b, c);
    }
  }
}

function paeth(a: number, b: number, c: number): number {
  const toA = Math.abs(b - c);
  const toB = Math.abs(a - c);
  const toC = Math.abs(a + b - 2 * c);
  return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
}

/** Luma of a pixel, in thousandths of a sample: in integers, so that white is exactly 1. */
const luma = (red: number, green: number, blue: number): number => 299 * red + 587 * green + 114 * blue;

/** A pixel of that luma and alpha over white. Both are at most 2^16, so the products are exact. */
const overWhite = (luma: number, alpha: number, most: number): number =>
  (luma * alpha + 1000 * most * (most - alpha)) / (1000 * most * most);

/**
 * Unfiltered rows as grey from 0 to 1.
 * @throws InputError for an index outside the palette.
 */
export function greyOf(rows: Uint8Array, format: PngFormat, where: string): Float64Array {
  const { width, height, colourType, depth, transparency } = format;
  const stride = 1 + rowBytes(format);
  const channels = CHANNELS[colourType];
  const most = 2 ** depth - 1;
  const colours = paletteGreys(format);
  // The transparent colour's samples have 16 bits, of which the lowest count.
  const clear = Array.from({ length: (transparency?.length ?? 0) >> 1 }, (_, channel) => {
    return ((transparency![2 * channel] << 8) | transparency![2 * channel + 1]) & most;
  });
  const grey = new Float64Array(width * height);
  for (let r = 0; r < height; r++) {
    const start = r * stride + 1;
    const sample = (index: number): number => {
      if (depth === 8) return rows[start + index];
      if (depth === 16) return (rows[start + 2 * index] << 8) | rows[start + 2 * index + 1];
      const bit = index * depth;
      return (rows[start + (bit >> 3)] >> (8 - depth - (bit & 7))) & most;
    };
    for (let x = 0; x < width; x++) {
      const at = x * channels;
      const value = sample(at);
      if (colourType === 3) {
        if (value >= colours.length) {
          const expected = `one of ${colours.length} in the palette`;
          throw new InputError({ where, place: `row ${r}, column ${x}`, came: `colour ${value}`, expected });
        }
        grey[r * width + x] = colours[value];
      } else if (channels < 3) {
        const alpha = channels === 2 ? sample(at + 1) : value === clear[0] ? 0 : most;
        grey[r * width + x] = overWhite(1000 * value, alpha, most);
      } else {
        const [green, blue] = [sample(at + 1), sample(at + 2)];
        const isClear = value === clear[0] && green === clear[1] && blue === clear[2];
        const alpha = channels === 4 ? sample(at + 3) : isClear ? 0 : most;
        grey[r * width + x] = overWhite(luma(value, green, blue), alpha, most);
      }
    }
  }
  return grey;
}

/** The grey of each colour of the palette; empty for the other colour types. */
function paletteGreys({ colourType, palette, transparency }: PngFormat): Float64Array {
  if (colourType !== 3 || palette === undefined) return new Float64Array(0);
  return Float64Array.from({ length: palette.length / 3 }, (_, k) => {
    const colour = luma(palette[3 * k], palette[3 * k + 1], palette[3 * k + 2]);
    return overWhite(colour, transparency?.[k] ?? 255, 255);
  });
}
