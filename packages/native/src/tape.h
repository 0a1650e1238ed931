// The instruction set of the tape and the words of a job. The same names and numbers stand in the library's engine/tape.ts;
// a test compares the two files.
#pragma once

// Where an operand lives: operand = base << 28 | offset in floats.
enum Base { BASE_TILE = 0, BASE_SCRATCH = 1, BASE_SUM = 2, BASE_PARAMETER = 3, BASE_COMMON = 4, BASE_GRADIENT = 5 };

enum Instruction {
  END = 0,
  ELEMENTWISE = 1,  // rows, n, chunk, count, then count operations of OPERATION_WORDS
  MATMUL = 2,       // rows, a, lda, packed w, k, n, d, ldd, bias, site
  OUTER = 3,        // a, lda, g, ldg, m, n, sum, lds, factor, site
  LOAD = 4,         // slot, d, ldd, n
  STORE = 5,        // slot, a, lda, n
  PACK = 6,         // w, ldw, k, n, transposed, d
  TRANSPOSE = 7,    // rows, cols, a, lda, d, ldd
  COPY = 8,         // rows, n, a, lda, d, ldd, factor operand
  CLEAR = 9,        // rows, n, d, ldd
};

// rows = ROWS_OF_TILE: as many as the tile has; otherwise a number.
enum { ROWS_OF_TILE = -1, NO_OPERAND = -1, OPERATION_WORDS = 12 };

// An elementwise operation: code, d, ds, e, es, a, as, b, bs, c0, c1, site. xs is the row stride of x; V is a vector along
// the row, S a single number per row.
enum Code {
  ADD_VV = 1,
  ADD_VS = 2,
  SUB_VV = 3,
  SUB_VS = 4,
  SUB_SV = 5,
  MUL_VV = 6,
  MUL_VS = 7,
  AFFINE = 8,       // c0 a + c1
  AXPBY = 9,        // c0 a + c1 b
  FMA_VV = 10,      // c0 a b + e
  FMA_VS = 11,      // c0 a s + e
  MUL_AFFINE = 12,  // c0 a b + c1
  SOFTPLUS_SIGMOID = 13,  // d = log(1 + e^(c0 a)) / c0, e = 1 / (1 + e^(-c0 a))
  SOFTPLUS = 14,
  SIGMOID = 15,
  SIGMOID_SLOPE = 16,  // c0 a b (1 - b)
  TANH = 17,
  TANH_SLOPE = 18,  // c0 a (1 - b^2)
  EXP = 19,
  LOG = 20,
  SQRT = 21,
  RECIPROCAL = 22,
  RELU = 23,
  STEP = 24,
  ABS = 25,
  SIGN = 26,
  ROW_SUM = 27,
  ROW_DOT = 28,
  COLUMN_SUM = 29,  // d += c0 a, d has row stride 0
  TOTAL = 30,       // d += c0 (a_0 + ... + a_(n-1))
  FILL = 31,        // d = s
  COPY_ROW = 32,    // d = a, exactly n columns
  SIN = 33,
  COS = 34,
};

// Words of a job. Addresses count lines of 64 bytes from the start of kernel memory.
enum Job {
  JOB_ROWS = 0,
  JOB_SHARDS = 1,
  JOB_TILE_UNITS = 2,
  JOB_PROLOGUE = 3,
  JOB_ROW_TAPE = 4,
  JOB_EPILOGUE = 5,
  JOB_PARAMETER = 6,
  JOB_COMMON = 7,
  JOB_GRADIENT = 8,
  JOB_SUM = 9,
  JOB_SUM_STRIDE = 10,
  JOB_SUM_FLOATS = 11,
  JOB_TILE = 12,
  JOB_TILE_STRIDE = 13,
  JOB_SCRATCH = 14,
  JOB_PARAMETER_FLOATS = 15,
  JOB_OPTIMISE = 16,
  JOB_MOMENT1 = 17,
  JOB_MOMENT2 = 18,
  JOB_OPTIMISER = 19,  // address of floats: rate, decay, beta1, beta2, epsilon, clip, correction1, correction2
  JOB_PARTIALS = 20,   // address of doubles: [0] squared norm of the gradient, then one partial per chunk
  JOB_STATUS = 21,     // 0: fine; 1: not finite, nothing was updated
  JOB_CHECK = 22,      // 1: look at every value; the site of the first bad one goes to JOB_SITE
  JOB_SITE = 23,
  JOB_LOSS = 24,   // offset of the loss in the common region, or -1
  JOB_SLOTS = 25,  // per slot: address, columns, address of row indices or 0, first row
};
enum { SLOT_WORDS = 4, ROW_UNIT = 12, CHUNK_FLOATS = 8192, PHASES = 6 };
