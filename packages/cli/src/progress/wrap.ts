/** Two columns of text: names, and what belongs to them in lines that fit a page. */

const WIDTH = 96;
const INDENT = 20;

/** Words in lines of at most `width` letters, where no word is longer. */
export function wrapWords(text: string | readonly string[], width: number = WIDTH - INDENT): string[] {
  const lines: string[] = [];
  for (const word of typeof text === "string" ? text.split(" ") : text) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Items with commas between, each in one piece. */
export const wrapItems = (items: readonly string[]): string[] =>
  wrapWords(items.map((item, i) => (i === items.length - 1 ? item : `${item},`)));

/** A name and its lines, the first beside it and the others below that. */
export const entry = (name: string, lines: readonly string[]): string[] =>
  lines.map((line, i) => `${(i === 0 ? name : "").padEnd(INDENT - 1)} ${line}`.trimEnd());
