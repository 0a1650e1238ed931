/** The parts of a problem that a user writes in words: a start, an internal energy, times. Each is checked where it comes in. */
import { type Distribution, normalDistribution } from "../distributions/index.ts";
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { parseExpression } from "../expressions/index.ts";

/** N(mean, deviation^2 I). */
export interface NormalStart {
  readonly mean: Float64Array;
  readonly deviation: number;
}

/** Columns of a problem: beyond this a formula is not what defines it. */
const MOST_COLUMNS = 64;

/**
 * "normal:2", "normal:2:0.5" (standard deviation), "normal:2:0.5:3,-1" (mean).
 * @throws InputError for anything else.
 */
export function parseStart(text: string, where = "start"): NormalStart {
  const fail = (expected: string): never => {
    throw new InputError({ where, came: JSON.stringify(text), expected });
  };
  const parts = text.split(":");
  if (parts[0] !== "normal" || parts.length < 2 || parts.length > 4) {
    fail("normal:D, normal:D:SD or normal:D:SD:MEAN,...,MEAN, such as normal:2 or normal:1:0.5:3");
  }
  const dimension = Number(parts[1]);
  if (!/^\d+$/.test(parts[1]) || dimension < 1 || dimension > MOST_COLUMNS)
    fail(`a dimension from 1 to ${MOST_COLUMNS}`);
  const deviation = parts[2] === undefined ? 1 : numberOf(parts[2]);
  if (!(deviation > 0 && deviation < Number.POSITIVE_INFINITY)) fail("a standard deviation above 0");
  const means = parts[3] === undefined ? [] : parts[3].split(",").map(numberOf);
  if (means.length > 0 && (means.length !== dimension || !means.every(Number.isFinite))) {
    fail(`a mean of ${dimension} number${dimension === 1 ? "" : "s"}`);
  }
  return { mean: Float64Array.from({ length: dimension }, (_, k) => means[k] ?? 0), deviation };
}

/** A start in words, or a distribution that gives samples. @throws InputError for anything else. */
export function startOf(start: unknown, where = "start"): Distribution {
  if (typeof start === "string") {
    const { mean, deviation } = parseStart(start, where);
    const d = mean.length;
    return normalDistribution(
      mean,
      Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? deviation ** 2 : 0)),
    );
  }
  const { dimension, logDensityAt, logDensity, sample } = (start ?? {}) as Partial<Distribution>;
  const isOne = [logDensityAt, logDensity, sample].every((part) => typeof part === "function");
  if (isOne && Number.isInteger(dimension) && dimension! >= 1 && dimension! <= MOST_COLUMNS)
    return start as Distribution;
  const expected = "words such as normal:2, or a distribution with dimension, logDensity, logDensityAt and sample";
  throw new InputError({ where, came: cameOf(start), expected });
}

const numberOf = (word: string): number => (word.trim() === "" ? Number.NaN : Number(word));

/** weight * rho^power */
export interface InternalEnergy {
  readonly weight: number;
  readonly power: number;
}

/** Densities at which a formula is looked at; whatever is c rho^m there is it everywhere that matters. */
const LOOKS: readonly number[] = [0.05, 0.3, 2, 7, 30];

/**
 * int f(rho) with f = c rho^m, such as "rho^2" or "0.5*rho^3".
 *
 * @throws InputError for another formula, and for one that the scheme cannot take: f must be convex with f'' > 0, and
 * s^d f(s^-d) convex and falling (R. McCann, "A convexity principle for interacting gases", Adv. Math. 128 (1997)), which
 * for c rho^m with c > 0 means m > 1, and for c < 0 means 1 - 1/d <= m < 1, m > 0.
 */
export function parseInternal(text: string, dimension: number, where = "internal"): InternalEnergy {
  const formula = parseExpression(text, ["rho"], where);
  const weight = formula.value([1]);
  const power = Math.log(formula.value([Math.E]) / weight);
  const isPower =
    Number.isFinite(power) &&
    LOOKS.every((rho) => {
      const expected = weight * rho ** power;
      return Math.abs(formula.value([rho]) - expected) <= 1e-9 * Math.abs(expected);
    });
  if (!isPower)
    throw new InputError({ where, came: JSON.stringify(text), expected: "a power of the density, c*rho^m" });
  // A power that was written as a number is that number again.
  const m = Number(power.toPrecision(12));
  const least = 1 - 1 / dimension;
  const isConvex = weight > 0 ? m > 1 : m < 1 && m > 0 && m >= least;
  if (isConvex) return { weight, power: m };
  throw new InputError({
    where,
    came: `${JSON.stringify(text)}, which is not displacement convex`,
    expected:
      weight > 0
        ? "c*rho^m with m above 1, where c is positive"
        : `-c*rho^m with m from ${Number(Math.max(least, 0).toPrecision(3))} to 1, both ends apart from 0 and 1`,
    fix: "diffusion of the usual kind is --diffusion",
  });
}

/**
 * How many steps of `step` give `time`. @throws InputError unless both are positive and it is a whole number.
 *
 * @example
 * ```ts
 * import { countSteps, ownDefaults, parseInternal, parseStart } from "jkoflow/problems";
 *
 * console.log(countSteps(ownDefaults.time, ownDefaults.step)); // 20
 * console.log(parseStart("normal:2:0.5:1,-1").mean, parseInternal("2*rho^3", 2));
 * ```
 */
export function countSteps(
  time: number,
  step: number,
  name: (part: "time" | "step") => string = (part) => part,
): number {
  for (const [part, value] of [
    ["time", time],
    ["step", step],
  ] as const) {
    if (Number.isFinite(value) && value > 0) continue;
    throw new InputError({ where: name(part), came: `${value}`, expected: "a number above 0" });
  }
  const steps = Math.round(time / step);
  if (steps > MOST_STEPS) {
    throw new InputError({
      where: name("step"),
      came: `${step}, which makes ${steps} steps`,
      expected: `at most ${MOST_STEPS}`,
    });
  }
  if (steps >= 1 && Math.abs(steps * step - time) <= 1e-9 * time) return steps;
  const near = Math.max(1, steps);
  // 12 digits: what is advised is taken.
  const fix = `take a step of ${Number((time / near).toPrecision(12))}, or a time of ${Number((near * step).toPrecision(12))}`;
  throw new InputError({
    where: name("time"),
    came: `${time} with a step of ${step}`,
    expected: "a whole number of steps",
    fix,
  });
}

const MOST_STEPS = 10_000;
