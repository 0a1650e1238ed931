/**
 * Whether whitened rows get the lengths of normal ones (data/radial.ts): where N(0, I) behind that is clearly better on held-out
 * rows than behind whitening alone. Rows of one direction but of very different lengths, such as patches of images, flat or
 * not, are a scale mixture of normals: a radius has that in closed form, and a velocity follows it slowly.
 */
import { createStandardizer, type Problem, type Standardizer, someRows, withRadial } from "../data/index.ts";
import { InputError } from "../errors/index.ts";
import { type Estimate, pairedDifference } from "../evaluate/index.ts";
import { halfLog2Pi } from "../random/index.ts";

type Rows = Pick<Problem, "train" | "validation">;

const HELD_ROWS = 5000;
/** Nats for each column, below which a flow has no need of it; patches of images gain 0.6, other tables 0.1. */
const LEAST_GAIN_PER_COLUMN = 0.2;
const CLEAR = 3;
/**
 * By so much the logarithms of lengths must be spread more widely than those of normal rows, for patches of images it is ten
 * times. Rows of nearly one length, a ring, gain likelihood by a radius too, but a flow finds them harder to follow behind it.
 */
const WIDER = 2;

/** Held-out nats per row by which N(0, I) gains from one standardiser to the other, paired over rows. */
export function normalGain(from: Standardizer, to: Standardizer, { validation }: Pick<Rows, "validation">): Estimate {
  const held = someRows(validation, HELD_ROWS);
  const d = from.columns.length;
  const score = (space: Standardizer): Float64Array => {
    const y = space.forward(held);
    return space.logAbsDet(held).map((logDet, i) => {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += y[i * d + k] ** 2;
      return logDet - sum / 2 - d * halfLog2Pi;
    });
  };
  return pairedDifference(score(from), score(to));
}

/** The standardiser with lengths of normal rows where that is taken, else as it came. */
export function chooseRadial(whitening: Standardizer, problem: Rows): Standardizer {
  if (whitening.toJSON().kind !== "whiten") return whitening;
  let radial: Standardizer;
  try {
    radial = createStandardizer(withRadial(whitening.toJSON(), problem.train));
  } catch (error) {
    if (error instanceof InputError) return whitening; // too few rows or lengths
    throw error;
  }
  const { x, y } = radial.toJSON().radial!;
  if (x[x.length - 1] - x[0] < WIDER * (y[y.length - 1] - y[0])) return whitening;
  const { mean, standardError } = normalGain(whitening, radial, problem);
  const least = Math.max(LEAST_GAIN_PER_COLUMN * whitening.columns.length, CLEAR * standardError);
  return mean > least ? radial : whitening;
}
