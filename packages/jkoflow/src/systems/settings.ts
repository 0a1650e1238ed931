/** Checks of settings: each failure names the setting, what came, what was expected. */
import { InputError } from "../errors/index.ts";
import type { Setting, Settings } from "./system.ts";

export interface Kind {
  readonly expected: string;
  readonly accepts: (value: Setting) => boolean;
}

const isWhole = (x: Setting, least: number): boolean => Number.isInteger(x) && (x as number) >= least;
const isAbove = (x: Setting, least: number): boolean => typeof x === "number" && Number.isFinite(x) && x > least;

export const whole = (least: number): Kind => ({
  expected: `a whole number of at least ${least}`,
  accepts: (x) => isWhole(x, least),
});
export const above = (least: number): Kind => ({
  expected: `a number above ${least}`,
  accepts: (x) => isAbove(x, least),
});
export const atLeast = (least: number): Kind => ({
  expected: `a number of at least ${least}`,
  accepts: (x) => isAbove(x, least) || x === least,
});
/** How much of an average of weights stays at an update. */
export const decay: Kind = {
  expected: "a number from 0 to below 1",
  accepts: (x) => typeof x === "number" && x >= 0 && x < 1,
};
export const oneOf = (...words: string[]): Kind => ({
  expected: words.join(" | "),
  accepts: (x) => typeof x === "string" && words.includes(x),
});
/** Words with commas between, which may occur again; or the word for none of them. */
export const someOf = (none: string, words: readonly string[]): Kind => ({
  expected: `${none}, or some of ${words.join(", ")} with commas between`,
  accepts: (x) => typeof x === "string" && (x === none || x.split(",").every((word) => words.includes(word))),
});
export const orNull = ({ expected, accepts }: Kind): Kind => ({
  expected: `${expected}, or null`,
  accepts: (x) => x === null || accepts(x),
});
export const wholeList: Kind = {
  expected: "a list of whole numbers above 0, such as [128,128]",
  accepts: (x) => Array.isArray(x) && x.length > 0 && x.every((item) => isWhole(item, 1)),
};
export const pairList: Kind = {
  expected: "pairs of whole numbers from 1, one behind the other, such as [1,2,2,3]",
  accepts: (x) => Array.isArray(x) && x.length % 2 === 0 && x.every((item) => isWhole(item, 1)),
};
export const stepSizeList: Kind = {
  expected: "a list of numbers above 0, such as [1,2,4,8]",
  accepts: (x) => Array.isArray(x) && x.length > 0 && x.every((item) => isAbove(item, 0)),
};

/** Distance in letters between two names, for suggestions. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

/** @throws InputError for an unknown setting (naming the nearest known one), a missing one, or a wrong value. */
export function checkSettings(settings: Settings, kinds: Readonly<Record<string, Kind>>, where: string): void {
  for (const name of Object.keys(settings)) {
    if (Object.hasOwn(kinds, name)) continue;
    const nearest = Object.keys(kinds).reduce((a, b) => (distance(name, b) < distance(name, a) ? b : a));
    throw new InputError({
      where,
      place: name,
      came: "an unknown setting",
      expected: `one of its settings`,
      fix: `did you mean ${nearest}?`,
    });
  }
  for (const [name, kind] of Object.entries(kinds)) {
    const value = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (value === undefined || !kind.accepts(value)) {
      throw new InputError({ where, place: name, came: JSON.stringify(value) ?? "nothing", expected: kind.expected });
    }
  }
}
