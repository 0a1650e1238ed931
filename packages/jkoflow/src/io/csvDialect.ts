/** How a delimited text is written, found from its beginning: delimiter, header, text columns. */
import { InputError } from "../errors/errors.ts";
import { classifyText, refuseDamaged } from "./csvNumber.ts";
import { type Comments, type CsvRecord, CsvRecords, type Delimiter } from "./csvRecords.ts";
import { quote } from "./source.ts";

/** Whether a cell is a number, in the way in which the text writes them. */
export type NumberTest = (cell: string) => boolean;

/** So many records are looked at. */
const SAMPLE = 100;
/** In order of preference: the later ones also occur inside the cells of the earlier ones. */
const DELIMITERS: readonly Delimiter[] = ["tab", "semicolon", "pipe", "comma", "blank"];

/** The delimiter that cuts the most records into the same number (> 1) of cells; "comma" for a single column. */
export function detectDelimiter(head: Uint8Array, comments?: Comments): Delimiter {
  let best: Delimiter = "comma";
  let most = 0;
  for (const delimiter of DELIMITERS) {
    const widths = sampleOf(head, delimiter, "", comments).map((record) => record.length);
    const share = widths.filter((width) => width > 1 && width === widths[0]).length / Math.max(1, widths.length);
    if (share > most) {
      best = delimiter;
      most = share;
    }
  }
  return best;
}

/** The cells of the first records, as text. Damage ends the sample: it is reported when the whole text is read. */
export function sampleOf(head: Uint8Array, delimiter: Delimiter, where: string, comments?: Comments): string[][] {
  const sample: string[][] = [];
  const decoder = new TextDecoder();
  const consume = (record: CsvRecord): "stop" | undefined => {
    const cells: string[] = [];
    for (let k = 0; k < record.fields; k++) {
      const bytes = record.bytes.subarray(k === 0 ? 0 : record.ends[k - 1], record.ends[k]);
      cells.push(decoder.decode(bytes).trim());
    }
    return sample.push(cells) === SAMPLE ? "stop" : undefined;
  };
  const records = new CsvRecords(delimiter, where, consume, comments);
  try {
    // The last record may be cut by the end of the head; but a head with fewer than two line ends is the whole text.
    if (records.push(head) === undefined && sample.length < 2) records.end();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  return sample;
}

/**
 * Whether the first record holds names: none of its cells is a number, or one of them is text above a number. A column
 * of words without a name therefore does not make a header.
 */
export function detectHeader(sample: readonly (readonly string[])[], isNumber: NumberTest): "present" | "absent" {
  const [first, second] = sample;
  if (first.every((cell) => cell !== "" && !isNumber(cell) && !isPlaceholder(cell))) return "present";
  const textAboveNumber = first.some(
    (cell, k) => isWord(cell, isNumber) && second !== undefined && isNumber(second[k] ?? ""),
  );
  return textAboveNumber ? "present" : "absent";
}

/**
 * The names in a header record. An empty name becomes the position, `#3`.
 * @throws InputError for a doubled name.
 */
export function headerNames(cells: readonly string[], where: string, line: number): string[] {
  const names = cells.map((cell, k) => (cell === "" ? `#${k + 1}` : cell));
  const seen = new Map<string, number>();
  names.forEach((name, k) => {
    refuseDamaged(name, where, `${line}:${k + 1}`);
    const earlier = seen.get(name);
    if (earlier !== undefined) {
      const came = `column name ${quote(name)} again, first column ${earlier + 1}`;
      throw new InputError({ where, place: `${line}:${k + 1}`, came, expected: "each name once", fix: "rename one" });
    }
    seen.set(name, k);
  });
  return names;
}

/** The columns in which some sampled cell is a word. */
export function textColumns(sample: readonly (readonly string[])[], isNumber: NumberTest): Set<number> {
  const columns = new Set<number>();
  for (const record of sample) {
    record.forEach((cell, k) => {
      if (isWord(cell, isNumber)) columns.add(k);
    });
  }
  return columns;
}

function isWord(cell: string, isNumber: NumberTest): boolean {
  return !isNumber(cell) && classifyText(cell) === "text";
}

function isPlaceholder(cell: string): boolean {
  const kind = classifyText(cell);
  return kind === "infinite" || kind === "decimal comma" || kind === "comma" || /^-?nan$|^\?$/i.test(cell);
}
