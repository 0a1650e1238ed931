/** Delimited text cut into records and fields, chunk by chunk. */
import { InputError } from "../errors/errors.ts";
import { textOf } from "./csvNumber.ts";

/** "blank" is any run of spaces and tabs. */
export type Delimiter = "comma" | "tab" | "semicolon" | "pipe" | "blank";

const BYTE: Readonly<Record<Delimiter, number>> = { comma: 0x2c, tab: 0x09, semicolon: 0x3b, pipe: 0x7c, blank: 0x20 };
const LONGEST_RECORD = 16 * 2 ** 20;
const MOST_FIELDS = 2 ** 20;

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;

const START = 0; // before the first byte of a field
const PLAIN = 1;
const QUOTED = 2;
const CLOSED = 3; // behind a quote inside a quoted field: its end, or the first of a doubled quote
const COMMENT = 4; // up to the end of the line

/** One record. Reused for the next: take what is needed before returning. */
export interface CsvRecord {
  /** The fields without quotes and delimiters, one after the other. */
  readonly bytes: Uint8Array;
  readonly fields: number;
  /** `ends[k]` is where field k ends in `bytes`; it begins where the one before ends. */
  readonly ends: Int32Array;
  /** The line the record begins on, from 1. */
  readonly line: number;
}

/** What to do next with the text: "stop" ends the cutting. */
export type RecordConsumer = (record: CsvRecord) => "stop" | undefined;

/** Lines that are left out: those that begin with a mark, one character of ASCII; none where it is empty. */
export interface Comments {
  readonly mark: string;
  /** First cells that begin so and make no comment, such as #N/A. */
  readonly isCell: (text: string) => boolean;
}

const NO_COMMENTS: Comments = { mark: "", isCell: () => false };

/** Cuts text into records; empty lines and comments are left out. Lines end with LF, CRLF or CR. */
export class CsvRecords {
  #bytes: Uint8Array = new Uint8Array(4096);
  #used = 0;
  #ends: Int32Array = new Int32Array(64);
  #fields = 0;
  #state = START;
  #line = 1;
  #recordLine = 1;
  #quoteLine = 1;
  #afterReturn = false;
  readonly #delimiter: number;
  readonly #blank: boolean;
  readonly #consume: RecordConsumer;
  readonly #where: string;
  readonly #comment: number;
  readonly #isCell: (text: string) => boolean;
  #mayBeComment = false;

  constructor(
    delimiter: Delimiter,
    where: string,
    consume: RecordConsumer,
    { mark: comment, isCell }: Comments = NO_COMMENTS,
  ) {
    this.#isCell = isCell;
    this.#comment = comment === "" ? -1 : comment.charCodeAt(0);
    this.#delimiter = BYTE[delimiter];
    this.#blank = delimiter === "blank";
    this.#where = where;
    this.#consume = consume;
  }

  /**
   * Takes the next chunk.
   * @throws InputError for text behind a closing quote, a NUL byte, or a record of more than 16 MB.
   */
  push(chunk: Uint8Array): "stop" | undefined {
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      if (byte === this.#comment && this.#fields === 0 && this.#state === START) {
        this.#mayBeComment = true;
        this.#begin(PLAIN);
        this.#append(byte);
      } else if (byte > QUOTE && byte !== this.#delimiter && this.#state <= QUOTED) {
        if (this.#state === START) this.#begin(PLAIN);
        this.#append(byte);
      } else if (this.#state === COMMENT) {
        if (byte === NEWLINE || byte === RETURN) this.#state = START;
      } else if (this.#state === QUOTED) {
        this.#pushQuoted(byte);
      } else if (this.#pushSpecial(byte) === "stop") {
        return "stop";
      }
      if (byte === NEWLINE && !this.#afterReturn) this.#line++;
      this.#afterReturn = byte === RETURN;
      if (this.#afterReturn) this.#line++;
    }
    return undefined;
  }

  /**
   * Ends the text.
   * @throws InputError when a quote is still open.
   */
  end(): void {
    if (this.#state === COMMENT) this.#state = START;
    if (this.#state === QUOTED) {
      const expected = "a closing quote before the end of the file";
      throw new InputError({
        where: this.#where,
        place: `${this.#quoteLine}:${this.#fields + 1}`,
        came: "an open quote",
        expected,
      });
    }
    this.#endRecord();
  }

  #pushQuoted(byte: number): void {
    if (byte === QUOTE) this.#state = CLOSED;
    else if (byte === 0) throw this.#nul();
    else this.#append(byte);
  }

  #pushSpecial(byte: number): "stop" | undefined {
    if (byte === NEWLINE || byte === RETURN) return this.#endRecord();
    if (byte === QUOTE && this.#state === START) {
      this.#begin(QUOTED);
      this.#quoteLine = this.#line;
    } else if (byte === QUOTE && this.#state === CLOSED) {
      this.#state = QUOTED;
      this.#append(byte);
    } else if (byte === this.#delimiter || (this.#blank && byte === TAB)) {
      if (!this.#blank || this.#state !== START) this.#endField();
    } else if (byte === 0) {
      throw this.#nul();
    } else if (this.#state === CLOSED) {
      if (byte === SPACE || byte === TAB) return undefined; // blanks between a closing quote and the delimiter
      const came = `${JSON.stringify(String.fromCharCode(byte))} behind a closing quote`;
      throw new InputError({
        where: this.#where,
        place: this.#place(),
        came,
        expected: "a delimiter or the end of the line",
      });
    } else if ((byte === SPACE || byte === TAB) && this.#state === START) {
      return undefined; // blanks before a field; a quote may still follow
    } else {
      if (this.#state === START) this.#begin(PLAIN);
      this.#append(byte);
    }
    return undefined;
  }

  #begin(state: number): void {
    if (this.#fields === 0) this.#recordLine = this.#line;
    this.#state = state;
  }

  #append(byte: number): void {
    if (this.#used === this.#bytes.length) {
      if (this.#used >= LONGEST_RECORD) {
        const fix = "is it a text table?";
        throw new InputError({
          where: this.#where,
          place: this.#place(),
          came: "a line of more than 16 MB",
          expected: "a table row",
          fix,
        });
      }
      const larger = new Uint8Array(this.#used * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#used++] = byte;
  }

  #endField(): void {
    if (this.#mayBeComment) {
      this.#mayBeComment = false;
      if (!this.#isCell(textOf(this.#bytes, 0, this.#used))) {
        this.#used = 0;
        this.#state = COMMENT;
        return;
      }
    }
    if (this.#state === START) this.#begin(START); // an empty field
    if (this.#fields === this.#ends.length) {
      if (this.#fields >= MOST_FIELDS) {
        throw new InputError({
          where: this.#where,
          place: this.#place(),
          came: "more than 2^20 cells",
          expected: "a table row",
        });
      }
      const larger = new Int32Array(this.#fields * 2);
      larger.set(this.#ends);
      this.#ends = larger;
    }
    this.#ends[this.#fields++] = this.#used;
    this.#state = START;
  }

  #endRecord(): "stop" | undefined {
    if (this.#state !== START || (this.#fields > 0 && !this.#blank)) this.#endField();
    if (this.#state === COMMENT) this.#state = START;
    if (this.#fields === 0) return undefined;
    const record = { bytes: this.#bytes, fields: this.#fields, ends: this.#ends, line: this.#recordLine };
    this.#fields = 0;
    this.#used = 0;
    return this.#consume(record);
  }

  #place(): string {
    return `${this.#line}:${this.#fields + 1}`;
  }

  #nul(): InputError {
    const fix = "a file in UTF-16 must be saved as UTF-8; a binary file is no table";
    return new InputError({
      where: this.#where,
      place: this.#place(),
      came: "a NUL byte",
      expected: "UTF-8 text",
      fix,
    });
  }
}
