/** A standardiser's state from a file, checked. */
import { InputError } from "../errors/errors.ts";
import type { KernelMargin } from "./kernelMargin.ts";
import type { Spline } from "./spline.ts";
import { createStandardizer, type Standardizer, type StandardizerState } from "./standardizer.ts";
import { type ColumnTransform, isBounds } from "./transform.ts";

/**
 * The standardiser that `toJSON` described. `value` is parsed JSON from anywhere.
 * @throws InputError when it is not such a description.
 */
export function parseStandardizer(value: unknown, where: string = "standardizer"): Standardizer {
  const check = (ok: boolean, place: string, expected: string): void => {
    if (!ok) throw new InputError({ where, place, came: "another value", expected });
  };
  check(isRecord(value), "state", "an object");
  const state = value as Readonly<Record<string, unknown>>;
  const { kind, columns } = state;
  check(["zscore", "whiten", "radial", "none"].includes(kind as string), "kind", "zscore, whiten, radial or none");
  check(isList(columns, (c) => typeof c === "string") && columns.length > 0, "columns", "a list of names");
  const d = (columns as string[]).length;
  check(new Set(columns as string[]).size === d, "columns", "each name once");
  check(isNumbers(state.mean, d), "mean", `${d} finite numbers`);
  check(isNumbers(state.sd, d) && state.sd.every((s) => s > 0), "sd", `${d} numbers > 0`);
  const { transforms } = state;
  check(isList(transforms, isTransform) && transforms.length === d, "transforms", `${d} transforms`);
  const plain = {
    kind: kind as StandardizerState["kind"],
    columns: columns as string[],
    transforms: transforms as ColumnTransform[],
    mean: state.mean as number[],
    sd: state.sd as number[],
  };
  if (plain.kind !== "whiten" && plain.kind !== "radial") return createStandardizer(plain);
  const { eigenvalues, eigenvectors } = state;
  check(isNumbers(eigenvalues, d) && eigenvalues.every((v) => v > 0), "eigenvalues", `${d} numbers > 0`);
  check(isNumbers(eigenvectors, d * d) && isOrthonormal(eigenvectors, d), "eigenvectors", `${d} unit vectors`);
  const whitened = { ...plain, eigenvalues: eigenvalues as number[], eigenvectors: eigenvectors as number[] };
  if (plain.kind === "whiten") return createStandardizer(whitened);
  const { radial } = state;
  check(isRecord(radial) && isSpline(radial), "radial", "a rising spline of the logarithms of lengths");
  return createStandardizer({ ...whitened, radial: radial as unknown as Spline });
}

/**
 * Kernel margins of d columns. `value` is parsed JSON from anywhere.
 * @throws InputError when it is not such a list.
 */
export function parseMargins(value: unknown, d: number, where: string): readonly KernelMargin[] {
  const isEach = (one: unknown): one is KernelMargin => isRecord(one) && isMargin(one);
  if (isList(value, isEach) && value.length === d) return value;
  throw new InputError({
    where,
    place: "margins",
    came: "another value",
    expected: `a margin of each of ${d} columns`,
  });
}

function isTransform(value: unknown): value is ColumnTransform {
  if (!isRecord(value)) return false;
  const { kind, centre, scale } = value;
  if (kind === "none") return true;
  if (kind === "bounded") return isBounds(value.bounds);
  if (kind === "asinh" || kind === "log") return isNumbers([centre, scale], 2) && (scale as number) > 0;
  if (kind === "tails") {
    const positive = [scale, value.edge, value.width];
    return isNumbers([centre, ...positive], 4) && positive.every((v) => (v as number) > 0);
  }
  if (kind === "margins") return (value.bounds === null || isBounds(value.bounds)) && isMargin(value);
  return kind === "quantile" && isSpline(value);
}

function isSpline({ x, y, slopes }: Readonly<Record<string, unknown>>): boolean {
  if (!Array.isArray(x) || x.length < 2) return false;
  return isRising(x) && isRising(y, x.length) && isNumbers(slopes, x.length) && slopes.every((s) => s > 0);
}

function isMargin({ scale, first, step, cells, values }: Readonly<Record<string, unknown>>): boolean {
  if (!isRecord(scale) || !isNumbers([scale.centre, scale.width, first, step], 4)) return false;
  const reach = scale.reach === null || (isNumbers([scale.reach], 1) && (scale.reach as number) > 0);
  if (!reach || !((scale.width as number) > 0 && (step as number) > 0)) return false;
  if (!Array.isArray(cells) || cells.length < 2) return false;
  return isRising(cells) && isRising(values, cells.length);
}

function isRising(value: unknown, length?: number): boolean {
  if (!Array.isArray(value) || !isNumbers(value, length ?? value.length)) return false;
  return value.every((v, k) => k === 0 || v > value[k - 1]);
}

/** Whether vectors [d, d] are unit vectors at right angles. */
export function isOrthonormal(vectors: ArrayLike<number>, d: number): boolean {
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let dot = i === j ? -1 : 0;
      for (let k = 0; k < d; k++) dot += vectors[i * d + k] * vectors[j * d + k];
      if (Math.abs(dot) > 1e-9) return false;
    }
  }
  return true;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList<T>(value: unknown, holds: (item: unknown) => item is T): value is T[];
function isList(value: unknown, holds: (item: unknown) => boolean): value is unknown[];
function isList(value: unknown, holds: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(holds);
}

function isNumbers(value: unknown, length: number): value is number[] {
  return Array.isArray(value) && value.length === length && value.every(Number.isFinite);
}
