/**
 * The instruction set of the tape and the words of a job, as the kernel knows them (`packages/native/src/tape.h`; a test
 * compares the two files). A tape is an Int32Array; every number below is one of its words.
 */

/** Where an operand lives: operand = base << 28 | offset in floats. */
export const BASE = { TILE: 0, SCRATCH: 1, SUM: 2, PARAMETER: 3, COMMON: 4, GRADIENT: 5 } as const;
/** Offsets of operands have 28 bits. */
export const OFFSET_LIMIT: number = 2 ** 28;

export const INSTRUCTION = {
  END: 0,
  ELEMENTWISE: 1,
  MATMUL: 2,
  OUTER: 3,
  LOAD: 4,
  STORE: 5,
  PACK: 6,
  TRANSPOSE: 7,
  COPY: 8,
  CLEAR: 9,
} as const;

/** Codes of elementwise operations; V is a vector along the row, S one number per row. */
export const CODE = {
  ADD_VV: 1,
  ADD_VS: 2,
  SUB_VV: 3,
  SUB_VS: 4,
  SUB_SV: 5,
  MUL_VV: 6,
  MUL_VS: 7,
  AFFINE: 8,
  AXPBY: 9,
  FMA_VV: 10,
  FMA_VS: 11,
  MUL_AFFINE: 12,
  SOFTPLUS_SIGMOID: 13,
  SOFTPLUS: 14,
  SIGMOID: 15,
  SIGMOID_SLOPE: 16,
  TANH: 17,
  TANH_SLOPE: 18,
  EXP: 19,
  LOG: 20,
  SQRT: 21,
  RECIPROCAL: 22,
  RELU: 23,
  STEP: 24,
  ABS: 25,
  SIGN: 26,
  ROW_SUM: 27,
  ROW_DOT: 28,
  COLUMN_SUM: 29,
  TOTAL: 30,
  FILL: 31,
  COPY_ROW: 32,
  SIN: 33,
  COS: 34,
} as const;
export type Code = (typeof CODE)[keyof typeof CODE];

export const ROWS_OF_TILE = -1;
export const NO_OPERAND = -1;
export const OPERATION_WORDS = 12;

/** Words of a job; addresses count lines of 64 bytes. */
export const JOB = {
  ROWS: 0,
  SHARDS: 1,
  TILE_UNITS: 2,
  PROLOGUE: 3,
  ROW_TAPE: 4,
  EPILOGUE: 5,
  PARAMETER: 6,
  COMMON: 7,
  GRADIENT: 8,
  SUM: 9,
  SUM_STRIDE: 10,
  SUM_FLOATS: 11,
  TILE: 12,
  TILE_STRIDE: 13,
  SCRATCH: 14,
  PARAMETER_FLOATS: 15,
  OPTIMISE: 16,
  MOMENT1: 17,
  MOMENT2: 18,
  OPTIMISER: 19,
  PARTIALS: 20,
  STATUS: 21,
  CHECK: 22,
  SITE: 23,
  LOSS: 24,
  SLOTS: 25,
} as const;
export const SLOT_WORDS = 4;
/** Shards and tiles are cut at multiples of this many rows: the register block of every vector length divides it. */
export const ROW_UNIT = 12;
export const CHUNK_FLOATS = 8192;
export const PHASES = 6;

const word = new DataView(new ArrayBuffer(4));
/** The bits of a float32 as an int32. */
export function bits(x: number): number {
  word.setFloat32(0, x);
  return word.getInt32(0);
}
