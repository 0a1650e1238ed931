// Whether a job stays inside of the memory it lies in: its words, its three tapes, every operand of every instruction, the
// rows of its tables and the indices of those rows; and that it writes over none of its own words, tapes and indices, which
// would undo the check. The kernel itself checks nothing.
//
// Operations read and write whole vectors, 16 floats at most, so rows of n floats take up to padded(n).
#pragma once
#include <cstdint>
#include <cstring>

#include <vector>

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
    // Each thread has a tile, each shard sums: operands are looked at from the first to the last of them.
    last_[BASE_TILE] = last_[BASE_SCRATCH] = word(JOB_TILE_STRIDE) * 16 * (threads_ - 1);
    last_[BASE_SUM] = word(JOB_SUM_STRIDE) * 16 * (shards - 1);
    base_[BASE_TILE] = start(JOB_TILE);
    base_[BASE_SCRATCH] = start(JOB_TILE) + word(JOB_SCRATCH);
    base_[BASE_SUM] = start(JOB_SUM);
    base_[BASE_PARAMETER] = start(JOB_PARAMETER);
    base_[BASE_COMMON] = start(JOB_COMMON);
    base_[BASE_GRADIENT] = start(JOB_GRADIENT);
    for (int b = 0; b <= BASE_GRADIENT; b++)
      if (base_[b] < 0 || base_[b] + last_[b] > floats_) return OUTSIDE;
    if (word(JOB_ROW_TAPE) == 0) return "no job there: it has no tape";
    guards_.assign(1, {job_, job_ + JOB_SLOTS});
    for (const int at : TAPES)
      if (const char *wrong = word(at) ? guard(start(at)) : nullptr) return wrong;
    for (int b = 0; b <= BASE_GRADIENT; b++) {
      limit_[b] = floats_;
      for (const Range &guard : guards_)
        if (guard.to > base_[b] && guard.from < limit_[b]) limit_[b] = guard.from;
    }
    const int64_t parameters = word(JOB_PARAMETER_FLOATS);
    if (!writable(base_[BASE_SUM], last_[BASE_SUM] + word(JOB_SUM_FLOATS))) return OUTSIDE;
    if (word(JOB_LOSS) >= 0 && !inside(base_[BASE_COMMON] + word(JOB_LOSS), 1)) return OUTSIDE;
    if (word(JOB_OPTIMISE)) {
      for (const int at : {JOB_PARAMETER, JOB_GRADIENT, JOB_MOMENT1, JOB_MOMENT2})
        if (!writable(start(at), parameters)) return OUTSIDE;
      const int64_t chunks = (parameters + CHUNK_FLOATS - 1) / CHUNK_FLOATS;
      if (!inside(start(JOB_OPTIMISER), 8) || !writable(start(JOB_PARTIALS), 2 * (1 + chunks))) return OUTSIDE;
    }
    for (const int at : TAPES) {
      if (word(at) == 0) continue;
      tile_rows_ = at == JOB_ROW_TAPE ? units * ROW_UNIT : 0;
      if (const char *wrong = tape(start(at))) return wrong;
    }
    return nullptr;
  }

 private:
  static constexpr int TAPES[] = {JOB_PROLOGUE, JOB_ROW_TAPE, JOB_EPILOGUE};
  static constexpr int LENGTH[] = {1, 5, 11, 11, 6, 6, 7, 7, 8, 5};
  static constexpr const char *OUTSIDE = "a part of the job lies outside of its place in engine memory";
  static constexpr const char *UNKNOWN = "a tape holds what is no instruction";
  const char *memory_;
  const int64_t floats_;
  const int threads_;
  int64_t job_ = 0, tile_rows_ = 0;
  // Of each region: where the first begins, and how far from there the last one does.
  int64_t base_[6] = {0}, last_[6] = {0};
  // How far up of each region may be written to: all of it lies behind its base.
  int64_t limit_[6] = {0};
  struct Range {
    int64_t from, to;
  };
  // What nothing may write to.
  std::vector<Range> guards_;

  bool inside(int64_t from, int64_t count) const { return from >= 0 && count >= 0 && count <= floats_ && from <= floats_ - count; }
  bool writable(int64_t from, int64_t count) const {
    if (!inside(from, count)) return false;
    for (const Range &guard : guards_)
      if (from < guard.to && from + count > guard.from && count > 0) return false;
    return true;
  }
  int32_t at(int64_t place) const {
    int32_t value;
    memcpy(&value, memory_ + 4 * place, 4);
    return value;
  }
  int64_t word(int index) const { return at(job_ + index); }
  int64_t start(int index) const { return word(index) * 16; }
  static int64_t padded(int64_t n) { return (n + 15) & ~(int64_t)15; }

  enum Access { READ, WRITE };
  // Rows of `width` floats, `stride` apart, from an operand on.
  bool matrix(Access access, int32_t operand, int64_t rows, int64_t stride, int64_t width) const {
    const int base = (uint32_t)operand >> 28;
    if (base > BASE_GRADIENT || rows < 0 || stride < 0 || width < 0) return false;
    if (rows == 0) return true;
    const int64_t offset = operand & 0x0fffffff, limit = access == WRITE ? limit_[base] : floats_;
    return offset + last_[base] + (rows - 1) * stride + width <= limit - base_[base];
  }

  // Guards a tape, its slots and their indices.
  const char *guard(int64_t tape) {
    for (int64_t pc = tape;;) {
      if (!inside(pc, 1)) return OUTSIDE;
      const int32_t code = at(pc);
      if (code < END || code > CLEAR) return UNKNOWN;
      int64_t length = LENGTH[code];
      if (!inside(pc, length)) return OUTSIDE;
      if (code == ELEMENTWISE) {
        if (at(pc + 4) < 0) return UNKNOWN;
        length += OPERATION_WORDS * (int64_t)at(pc + 4);
      }
      if (code == LOAD || code == STORE) {
        const int64_t slot = job_ + JOB_SLOTS + SLOT_WORDS * (int64_t)at(pc + 1);
        if (at(pc + 1) < 0 || !inside(slot, SLOT_WORDS)) return OUTSIDE;
        guards_.push_back({slot, slot + SLOT_WORDS});
        const int64_t indices = at(slot + 2) * (int64_t)16;
        if (indices != 0) guards_.push_back({indices, indices + word(JOB_ROWS)});
      }
      pc += length;
      if (code == END) {
        guards_.push_back({tape, pc});
        return nullptr;
      }
    }
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
      case SIGN: case SIN: case COS: case COLUMN_SUM: return "v-v-";
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
        // e is written by one operation alone
        const Access access = k == 0 || (k == 1 && at(o) == SOFTPLUS_SIGMOID) ? WRITE : READ;
        if (!matrix(access, operand, scratch && chunk < rows ? chunk : rows, at(o + 2 + 2 * k), width)) return OUTSIDE;
      }
    }
    return nullptr;
  }

  // The rows that a tile is loaded from or stored to, over the whole job.
  bool slot(Access access, int64_t index, int64_t n) const {
    if (n < 0) return false;
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
    if (first < 0 || cols < 0) return false;
    const int64_t from = start(at_slot) + first * cols, count = (last - first) * cols + n;
    return start(at_slot) >= 0 && (access == WRITE ? writable(from, count) : inside(from, count));
  }

  // A tape that `guard` has passed.
  const char *tape(int64_t pc) const {
    for (;;) {
      const int32_t code = at(pc);
      if (code == END) return nullptr;
      int64_t length = LENGTH[code];
      bool good = true;
      const auto w = [&](int i) { return (int64_t)at(pc + i); };
      const auto reads = [&](int i, int64_t rows, int64_t stride, int64_t width) { return matrix(READ, at(pc + i), rows, stride, width); };
      const auto writes = [&](int i, int64_t rows, int64_t stride, int64_t width) { return matrix(WRITE, at(pc + i), rows, stride, width); };
      const int64_t rows = w(1) == ROWS_OF_TILE ? tile_rows_ : w(1);
      switch (code) {
        case ELEMENTWISE:
          length += OPERATION_WORDS * w(4);
          if (const char *wrong = group(pc, w(4))) return wrong;
          break;
        case MATMUL:
          good = w(5) >= 0 && w(6) >= 0 && reads(2, rows, w(3), w(5)) && reads(4, 1, 0, w(5) * padded(w(6))) &&
                 writes(7, rows, w(8), padded(w(6))) && (w(9) == NO_OPERAND || reads(9, 1, 0, padded(w(6))));
          break;
        case OUTER:
          good = w(5) >= 0 && w(6) >= 0 && reads(1, tile_rows_, w(2), w(5)) && reads(3, tile_rows_, w(4), padded(w(6))) &&
                 writes(7, w(5), w(8), padded(w(6)));
          break;
        case LOAD:
          good = slot(READ, w(1), w(4)) && writes(2, tile_rows_, w(3), w(4));
          break;
        case STORE:
          good = slot(WRITE, w(1), w(4)) && reads(2, tile_rows_, w(3), w(4));
          break;
        case PACK:
          good = w(3) >= 0 && w(4) >= 0 && reads(1, w(5) ? w(4) : w(3), w(2), w(5) ? w(3) : w(4)) &&
                 writes(6, 1, 0, w(3) * padded(w(4)));
          break;
        case TRANSPOSE:
          good = reads(3, w(1), w(4), w(2)) && writes(5, w(2), w(6), w(1));
          break;
        case COPY:
          good = reads(3, w(1), w(4), w(2)) && writes(5, w(1), w(6), w(2)) && (w(7) == NO_OPERAND || reads(7, 1, 0, 1));
          break;
        case CLEAR:
          good = writes(3, rows, w(4), w(2));
          break;
      }
      if (!good) return OUTSIDE;
      pc += length;
    }
  }
};
