/** How a message names what came: numbers and words as they are, other things by their kind. */

/** Longer words and lists of keys are cut. */
const [LONGEST_WORD, MOST_KEYS] = [40, 5];

/** `3`, `"abc"`, `nothing` for undefined, `an array of 3`, `a Float64Array`, `a promise`, `{ train, key }`. One line. */
export function cameOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string")
    return JSON.stringify(value.length > LONGEST_WORD ? `${value.slice(0, 37)}...` : value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (isPromise(value)) return "a promise";
  const kind = value.constructor?.name;
  if (ArrayBuffer.isView(value) || (kind && kind !== "Object")) return `${/^[AEIO]/.test(kind) ? "an" : "a"} ${kind}`;
  const keys = Object.keys(value);
  if (keys.length === 0) return "{}";
  return `{ ${keys.slice(0, MOST_KEYS).join(", ")}${keys.length > MOST_KEYS ? ", ..." : ""} }`;
}

/** Is it something to be awaited, as where a caller forgot to? */
export const isPromise = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
