/** Dates and times in text, told apart from other words so that messages can name them. */

const TIME = String.raw`\d{1,2}:\d{2}(:\d{2}([.,]\d{1,9})?)?\s*([ap]m)?`;
const ZONE = String.raw`\s*(z|utc|gmt|[+-]\d{2}:?(\d{2})?)?`;
const MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\\.?";
const DAY = "((mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?\\s+)?";
const DATE = [
  String.raw`\d{4}(?<a>[-/.])\d{1,2}\k<a>\d{1,2}`, // year first
  String.raw`\d{1,2}(?<b>[-/.])\d{1,2}\k<b>(\d{4}|\d{2})`, // day or month first
  String.raw`${DAY}\d{1,2}[-\s]${MONTH}[-\s,]+(\d{4}|\d{2})`,
  String.raw`${DAY}${MONTH}\s+\d{1,2},?\s+\d{4}`,
];
const KINDS: readonly (readonly [kind: "date" | "time", pattern: RegExp])[] = [
  ["date", new RegExp(`^(${DATE[0]}|${DATE[1]}|${DATE[2]}|${DATE[3]})([t\\s]\\s*${TIME}${ZONE})?$`, "i")],
  ["time", new RegExp(`^${TIME}$`, "i")],
];
const LONGEST = 48;

/** "date" with or without a time of day, "time" for that alone; undefined for anything else. */
export function dateKind(text: string): "date" | "time" | undefined {
  if (text.length > LONGEST || !/^[\da-z]/i.test(text)) return undefined;
  return KINDS.find(([, pattern]) => pattern.test(text))?.[0];
}
