// Whether a job stays inside of the memory it lies in: its words, its three tapes, every operand of every instruction, the
// rows of its tables and the indices of those rows. The kernel itself checks nothing. That the parts of a job do not overlap
// is left to who made it.
//
// Operations read and write whole vectors, 16 floats at most, so rows of n floats take up to padded(n).
#pragma once
#include <cstdint>
#include <cstring>

#include "tape.h"

class JobCheck {
 public:
  JobCheck(const char *memory, size_t bytes, int threads)
      : memory_(memory), floats_((int64_t)(bytes / 4)), threads_(threads) {}

  // Null for a job that can run, else what is wrong with it.
  const char *problem(int64_t line) {
    job_ = line * 16;
    if (line < 1 || !inside(job_, JOB_SLOTS)) return "no job there: outside of engine memory";
    const int64_t rows = word(JOB_ROWS), shards = word(JOB_SHARDS), units = word(JOB_TILE_UNITS);
    if (rows < 1 || rows > INT32_MAX - ROW_UNIT || shards < 1 || units < 1 || units > INT32_MAX / ROW_UNIT)
      return "no job there: it has no rows, shards or tiles";
    for (const int at : {JOB_SUM_STRIDE, JOB_SUM_FLOATS, JOB_TILE_STRIDE, JOB_SCRATCH, JOB_PARAMETER_FLOATS})
      if (word(at) < 0) return "no job there: a size below 0";
    // Where the last thread's tile, the last shard's sums begin: operands are looked at there.
    const int64_t tile = start(JOB_TILE) + word(JOB_TILE_STRIDE) * 16 * (threads_ - 1);
    base_[BASE_TILE] = tile;
    base_[BASE_SCRATCH] = tile + word(JOB_SCRATCH);
    base_[BASE_SUM] = start(JOB_SUM) + word(JOB_SUM_STRIDE) * 16 * (shards - 1);
    base_[BASE_PARAMETER] = start(JOB_PARAMETER);
    base_[BASE_COMMON] = start(JOB_COMMON);
    base_[BASE_GRADIENT] = start(JOB_GRADIENT);
    for (const int64_t base : base_)
      if (base < 0 || base > floats_) return OUTSIDE;
    if (start(JOB_TILE) < 0 || start(JOB_SUM) < 0) return OUTSIDE;
    const int64_t parameters = word(JOB_PARAMETER_FLOATS);
    if (!inside(base_[BASE_SUM], word(JOB_SUM_FLOATS))) return OUTSIDE;
    if (word(JOB_LOSS) >= 0 && !inside(base_[BASE_COMMON] + word(JOB_LOSS), 1)) return OUTSIDE;
    if (word(JOB_OPTIMISE)) {
      for (const int at : {JOB_PARAMETER, JOB_GRADIENT, JOB_MOMENT1, JOB_MOMENT2})
        if (!inside(start(at), parameters)) return OUTSIDE;
      const int64_t chunks = (parameters + CHUNK_FLOATS - 1) / CHUNK_FLOATS;
      if (!inside(start(JOB_OPTIMISER), 8) || !inside(start(JOB_PARTIALS), 2 * (1 + chunks))) return OUTSIDE;
    }
    if (word(JOB_ROW_TAPE) == 0) return "no job there: it has no tape";
    for (const int at : {JOB_PROLOGUE, JOB_ROW_TAPE, JOB_EPILOGUE}) {
      if (word(at) == 0) continue;
      tile_rows_ = at == JOB_ROW_TAPE ? units * ROW_UNIT : 0;
      if (const char *wrong = tape(start(at))) return wrong;
    }
    return nullptr;
  }

 private:
  static constexpr const char *OUTSIDE = "a part of the job lies outside of engine memory";
  static constexpr const char *UNKNOWN = "a tape holds what is no instruction";
  const char *memory_;
  const int64_t floats_;
  const int threads_;
  int64_t job_ = 0, tile_rows_ = 0, base_[6] = {0};

  bool inside(int64_t from, int64_t count) const { return from >= 0 && count >= 0 && count <= floats_ && from <= floats_ - count; }
  int32_t at(int64_t place) const {
    int32_t value;
    memcpy(&value, memory_ + 4 * place, 4);
    return value;
  }
  int64_t word(int index) const { return at(job_ + index); }
  int64_t start(int index) const { return word(index) * 16; }
  static int64_t padded(int64_t n) { return (n + 15) & ~(int64_t)15; }

  // Rows of `width` floats, `stride` apart, from an operand on.
  bool matrix(int32_t operand, int64_t rows, int64_t stride, int64_t width) const {
    const int base = (uint32_t)operand >> 28;
    if (base > BASE_GRADIENT || rows < 0 || stride < 0 || width < 0) return false;
    return rows == 0 || inside(base_[base] + (operand & 0x0fffffff), (rows - 1) * stride + width);
  }

  // What an elementwise operation does with d, e, a, b: v a whole number of vectors, n exactly n numbers, 1 one number.
  static const char *operands(int32_t code) {
    switch (code) {
      case ADD_VV: case SUB_VV: case MUL_VV: case AXPBY: case MUL_AFFINE: case SIGMOID_SLOPE: case TANH_SLOPE: return "v-vv";
      case ADD_VS: case SUB_VS: case MUL_VS: return "v-v1";
      case SUB_SV: return "v-1v";
      case FMA_VV: return "vvvv";
      case FMA_VS: return "vvv1";
      case SOFTPLUS_SIGMOID: return "vvv-";
      case AFFINE: case SOFTPLUS: case SIGMOID: case TANH: case EXP: case LOG: case RECIPROCAL: case RELU: case STEP: case ABS:
      case SIGN: case COLUMN_SUM: return "v-v-";
      case SQRT: case COPY_ROW: return "n-n-";
      case ROW_SUM: case TOTAL: return "1-n-";
      case ROW_DOT: return "1-nn";
      case FILL: return "v-1-";
    }
    return nullptr;
  }

  const char *group(int64_t pc, int64_t count) const {
    const int64_t rows = at(pc + 1) == ROWS_OF_TILE ? tile_rows_ : at(pc + 1);
    const int64_t n = at(pc + 2) == ROWS_OF_TILE ? tile_rows_ : at(pc + 2), chunk = at(pc + 3);
    if (rows < 0 || n < 0 || chunk < 1) return UNKNOWN;
    for (int64_t o = pc + 5; count > 0; count--, o += OPERATION_WORDS) {
      const char *use = operands(at(o));
      if (!use) return UNKNOWN;
      for (int k = 0; k < 4; k++) {
        if (use[k] == '-') continue;
        const int32_t operand = at(o + 1 + 2 * k);
        const bool scratch = (uint32_t)operand >> 28 == BASE_SCRATCH; // used again by every chunk
        const int64_t width = use[k] == 'v' ? padded(n) : use[k] == 'n' ? n : 1;
        if (!matrix(operand, scratch && chunk < rows ? chunk : rows, at(o + 2 + 2 * k), width)) return OUTSIDE;
      }
    }
    return nullptr;
  }

  // The rows that a tile is loaded from or stored to, over the whole job.
  bool slot(int64_t index, int64_t n) const {
    if (index < 0 || n < 0 || !inside(job_ + JOB_SLOTS + SLOT_WORDS * index, SLOT_WORDS)) return false;
    const int at_slot = (int)(JOB_SLOTS + SLOT_WORDS * index);
    const int64_t cols = word(at_slot + 1), indices = start(at_slot + 2), rows = word(JOB_ROWS);
    int64_t first = word(at_slot + 3), last = first + rows - 1;
    if (indices != 0) {
      if (!inside(indices, rows)) return false;
      first = last = at(indices);
      for (int64_t i = 1; i < rows; i++) {
        const int64_t row = at(indices + i);
        if (row < first) first = row;
        if (row > last) last = row;
      }
    }
    return first >= 0 && cols >= 0 && start(at_slot) >= 0 && inside(start(at_slot), last * cols + n);
  }

  const char *tape(int64_t pc) const {
    for (;;) {
      if (!inside(pc, 1)) return OUTSIDE;
      static const int LENGTH[] = {1, 5, 11, 11, 6, 6, 7, 7, 8, 5};
      const int32_t code = at(pc);
      if (code < END || code > CLEAR) return UNKNOWN;
      if (code == END) return nullptr;
      if (!inside(pc, LENGTH[code])) return OUTSIDE;
      int64_t length = LENGTH[code];
      bool good = true;
      const auto w = [&](int i) { return (int64_t)at(pc + i); };
      const auto matrix = [&](int i, int64_t rows, int64_t stride, int64_t width) { return this->matrix(at(pc + i), rows, stride, width); };
      const int64_t rows = w(1) == ROWS_OF_TILE ? tile_rows_ : w(1);
      switch (code) {
        case ELEMENTWISE:
          if (w(4) < 0 || !inside(pc, length += OPERATION_WORDS * w(4))) return OUTSIDE;
          if (const char *wrong = group(pc, w(4))) return wrong;
          break;
        case MATMUL:
          good = w(5) >= 0 && w(6) >= 0 && matrix(2, rows, w(3), w(5)) && matrix(4, 1, 0, w(5) * padded(w(6))) &&
                 matrix(7, rows, w(8), padded(w(6))) && (w(9) == NO_OPERAND || matrix(9, 1, 0, padded(w(6))));
          break;
        case OUTER:
          good = w(5) >= 0 && w(6) >= 0 && matrix(1, tile_rows_, w(2), w(5)) && matrix(3, tile_rows_, w(4), padded(w(6))) &&
                 matrix(7, w(5), w(8), padded(w(6)));
          break;
        case LOAD:
        case STORE:
          good = slot(w(1), w(4)) && matrix(2, tile_rows_, w(3), w(4));
          break;
        case PACK:
          good = w(3) >= 0 && w(4) >= 0 && matrix(1, w(5) ? w(4) : w(3), w(2), w(5) ? w(3) : w(4)) &&
                 matrix(6, 1, 0, w(3) * padded(w(4)));
          break;
        case TRANSPOSE:
          good = matrix(3, w(1), w(4), w(2)) && matrix(5, w(2), w(6), w(1));
          break;
        case COPY:
          good = matrix(3, w(1), w(4), w(2)) && matrix(5, w(1), w(6), w(2)) && (w(7) == NO_OPERAND || matrix(7, 1, 0, 1));
          break;
        case CLEAR:
          good = matrix(3, rows, w(4), w(2));
          break;
      }
      if (!good) return OUTSIDE;
      pc += length;
    }
  }
};
