/** Any greyscale picture as a density in the square [-4, 4]^2. */

import { InputError } from "../../errors/errors.ts";
import { checkNumbers } from "../../errors/kinds.ts";
import { createMixtureDensity, sampleMixture } from "./mixture.ts";
import type { Toy } from "./toy.ts";

/** Masses on a grid, the bottom row first. */
export interface MassGrid {
  /** Not negative, row after row: `mass[r * columns + c]`. Darkness of a pixel, say. */
  readonly mass: ArrayLike<number>;
  readonly rows: number;
  readonly columns: number;
}

/** Grey levels of a picture, row after row, the top row first: what a reader of pictures gives. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly grey: ArrayLike<number>;
}

/** Pixels lie two standard deviations apart, so the nearest 17 x 17 hold all but e^-128 of a term. */
const NEIGHBOURS = 8;

/**
 * A picture as a density, the right way up: dark is dense, and the lightest grey is empty.
 * @throws InputError as {@link createImageToy}; a picture of a single grey has no mass.
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { createImageToy, imageToy } from "jkoflow/data";
 *
 * const cross = imageToy("cross", "a cross", { width: 3, height: 3, grey: [1, 0, 1, 0, 0, 0, 1, 0, 1] }); // dark is dense
 * console.log(cross.sample(createKey(0), 5).length); // 10
 * console.log(createImageToy("bar", "a bar", { mass: [0, 1, 0, 1], rows: 2, columns: 2 }).dimension); // 2
 * ```
 */
export function imageToy(name: string, title: string, { width, height, grey }: GreyPicture): Toy {
  checkNumbers(grey, name, "grey");
  let lightest = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < grey.length; j++) lightest = Math.max(lightest, grey[j]);
  const mass = new Float64Array(grey.length);
  for (let j = 0; j < mass.length; j++) {
    const top = Math.floor(j / width); // rows count from the bottom in a mass
    mass[(height - 1 - top) * width + (j % width)] = lightest - grey[j];
  }
  return createImageToy(name, title, { mass, rows: height, columns: width });
}

/**
 * The mixture of one Gaussian per pixel, with probability proportional to its mass, centre x = -4 + 8 c / (columns - 1),
 * y = -4 + 8 r / (rows - 1), and standard deviations (4 / columns, 4 / rows). Row 0 is the bottom row.
 * @throws InputError when the grid is smaller than 2 x 2, a mass is negative or not finite, or all are 0.
 */
export function createImageToy(name: string, title: string, grid: MassGrid): Toy {
  const { mass, rows, columns } = grid;
  checkNumbers(mass, name, "mass");
  if (!(rows >= 2 && columns >= 2 && mass.length === rows * columns)) {
    const came = `${rows} x ${columns} pixels with ${mass.length} masses`;
    throw new InputError({ where: name, came, expected: "one mass a pixel, at least 2 x 2" });
  }
  const weights = Float64Array.from({ length: mass.length }, (_, j) => mass[j]);
  const bad = weights.findIndex((w) => !(w >= 0 && w < Number.POSITIVE_INFINITY));
  if (bad >= 0) {
    const place = `row ${Math.floor(bad / columns)}, column ${bad % columns}`;
    throw new InputError({ where: name, place, came: `mass ${weights[bad]}`, expected: "a finite number >= 0" });
  }
  const total = weights.reduce((sum, w) => sum + w, 0);
  if (total === 0) throw new InputError({ where: name, came: "no mass", expected: "a pixel that is not empty" });
  const xOf = (c: number): number => -4 + (8 * c) / (columns - 1);
  const yOf = (r: number): number => -4 + (8 * r) / (rows - 1);
  const centres = Float64Array.from({ length: 2 * mass.length }, (_, at) => {
    const j = Math.floor(at / 2);
    return at % 2 === 0 ? xOf(j % columns) : yOf(Math.floor(j / columns));
  });
  const sdX = 4 / columns;
  const sdY = 4 / rows;
  const mixture = { centres, weights, sdX, sdY };
  const farDensity = createMixtureDensity(mixture);
  return {
    name,
    title,
    dimension: 2,
    sample: (key, n) => sampleMixture(mixture, key, n),
    logDensity(x, y) {
      const c0 = Math.round(((x + 4) / 8) * (columns - 1));
      const r0 = Math.round(((y + 4) / 8) * (rows - 1));
      let sum = 0;
      for (let r = Math.max(0, r0 - NEIGHBOURS); r <= Math.min(rows - 1, r0 + NEIGHBOURS); r++) {
        const dy = (y - yOf(r)) / sdY;
        for (let c = Math.max(0, c0 - NEIGHBOURS); c <= Math.min(columns - 1, c0 + NEIGHBOURS); c++) {
          const dx = (x - xOf(c)) / sdX;
          sum += weights[r * columns + c] * Math.exp(-0.5 * (dx * dx + dy * dy));
        }
      }
      // With so little from the neighbours, pixels further away may count: take them all.
      const enough = sum > 1e-30 * total;
      return enough ? Math.log(sum / (2 * Math.PI * sdX * sdY * total)) : farDensity(x, y);
    },
  };
}
