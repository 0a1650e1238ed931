/** The check of the kind of a typed array: what is copied byte by byte must not be an array of another kind. */
import { cameOf } from "./came.ts";
import { InputError } from "./errors.ts";

/** The typed arrays that the library takes. */
export interface ArrayKinds {
  readonly Float32Array: Float32Array;
  readonly Float64Array: Float64Array;
  readonly Int32Array: Int32Array;
  readonly Uint32Array: Uint32Array;
  readonly Uint8Array: Uint8Array;
}
export type ArrayKind = keyof ArrayKinds;

/** The kind as the engine has it: also of another realm, and whatever an object says of itself. Undefined for all else. */
const tag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Int8Array.prototype), Symbol.toStringTag)?.get as (
  this: unknown,
) => string | undefined;

/** "Float32Array" and so on; undefined for what is no typed array. Buffers of Node are Uint8Arrays. */
export const kindOf = (value: unknown): string | undefined => tag.call(value);

/**
 * @throws InputError unless `value` is a typed array of one of the kinds, naming what came and how to convert it.
 */
export function checkKind(
  value: unknown,
  kinds: ArrayKind | readonly ArrayKind[],
  where: string,
  place?: string,
): void {
  const allowed: readonly string[] = typeof kinds === "string" ? [kinds] : kinds;
  const kind = kindOf(value);
  if (kind !== undefined && allowed.includes(kind)) return;
  const words = allowed.map((name) => `${name === "Int32Array" ? "an" : "a"} ${name}`).join(" or ");
  throw new InputError({
    where,
    place,
    came: cameOf(value),
    expected: words,
    fix: conversion(value, kind, allowed[0]),
  });
}

function conversion(value: unknown, kind: string | undefined, wanted: string): string | undefined {
  if (Array.isArray(value))
    return `convert it: ${wanted}.from(${Array.isArray(value[0]) ? "values.flat()" : "values"})`;
  if (kind?.startsWith("Big")) return `convert it: ${wanted}.from(values, Number)`;
  if (kind !== undefined) return `convert it: ${wanted}.from(values)`;
  const isBuffer = value instanceof ArrayBuffer || value instanceof DataView;
  return isBuffer ? `make a ${wanted} of its bytes: new ${wanted}(buffer, byteOffset, length)` : undefined;
}

/** The array, or a copy where other threads can write to it: then what is checked is what is used. */
export function ownArray<A extends Float32Array | Int32Array>(values: A): A {
  const isShared = typeof SharedArrayBuffer === "function" && values.buffer instanceof SharedArrayBuffer;
  return isShared ? (values.slice() as A) : values;
}

/** @throws InputError unless `value` is an array of numbers of any kind: a plain one, or a typed one but of big integers. */
export function checkNumbers(value: unknown, where: string, place?: string): void {
  const kind = kindOf(value);
  if (kind !== undefined ? !kind.startsWith("Big") : Array.isArray(value)) return;
  const fix = conversion(value, kind, "Float64Array");
  throw new InputError({ where, place, came: cameOf(value), expected: "an array of numbers", fix });
}

/** @throws InputError for an index that is no whole number from 0 to `rows` - 1. */
export function checkIndices(indices: ArrayLike<number>, rows: number, where: string): void {
  checkNumbers(indices, where);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    if (Number.isInteger(index) && index >= 0 && index < rows) continue;
    const expected = rows > 0 ? `a row from 0 to ${rows - 1}` : "none: there are no rows";
    throw new InputError({ where, place: `index ${i}`, came: cameOf(index), expected });
  }
}
