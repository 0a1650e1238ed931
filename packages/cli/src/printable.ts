/**
 * Text for a terminal or a log: names and cells of other people's files may hold what makes a terminal do things (set its
 * title, move, hide) or lets text read in another order than it stands.
 *
 * Shown as in JSON, `\u001b`: control characters but line ends and tabs (C0, DEL, C1), line separators, and bidirectional
 * embeddings, overrides and isolates (Unicode Standard Annex 9, section 2). A line of JSON stays equal by this.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go
const UNPRINTABLE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** The text with each such character as its number. */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
