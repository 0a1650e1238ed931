// The kernel as a Node addon. Every function looks at what it is given: what is no engine, reaches outside of the engine's
// memory, is an array of another kind or a job that would do so is refused by an error, whoever calls.
#define NAPI_VERSION 8
#include <node_api.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <system_error>

#include "engine.h"
#include "isa.h"
#include "jobCheck.h"
#include "tape.h"

enum { LINE = 64, MOST_THREADS = 1024 };
static const double LARGEST_LINE = (double)(Memory::LARGEST / LINE);

static napi_value fail(napi_env env, const char *message) {
  napi_throw_error(env, nullptr, message);
  return nullptr;
}
static napi_value wrong_argument(napi_env env, const char *message) {
  napi_throw_type_error(env, nullptr, message);
  return nullptr;
}
// An error as Node gives those of the operating system: with `code` and `syscall`, and what it is about as `path`.
static napi_value system_failure(napi_env env, const char *code, const char *call, const char *message) {
  napi_value code_text, message_text, call_text, about, error;
  napi_create_string_utf8(env, code, NAPI_AUTO_LENGTH, &code_text);
  napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &message_text);
  napi_create_string_utf8(env, call, NAPI_AUTO_LENGTH, &call_text);
  napi_create_string_utf8(env, "engine", NAPI_AUTO_LENGTH, &about);
  napi_create_error(env, code_text, message_text, &error);
  napi_set_named_property(env, error, "syscall", call_text);
  napi_set_named_property(env, error, "path", about);
  napi_throw(env, error);
  return nullptr;
}

// Marks the objects of `create`, so that no other one is taken for an engine.
static const napi_type_tag ENGINE_TAG = {0x6a6b6f666c6f7731ULL, 0x8d1c5a0e47b2f396ULL};

// Where an engine's pointer lives; null once it was disposed of. Null for what is no engine; then an error is thrown.
static Engine **box_of(napi_env env, napi_value value) {
  napi_valuetype type;
  bool tagged = false;
  void *data = nullptr;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_object ||
      napi_check_object_type_tag(env, value, &ENGINE_TAG, &tagged) != napi_ok || !tagged ||
      napi_unwrap(env, value, &data) != napi_ok) {
    bool pending = false;
    if (napi_is_exception_pending(env, &pending) != napi_ok || !pending)
      wrong_argument(env, "expected an engine, as create(isa, threads) gives it");
    return nullptr;
  }
  return (Engine **)data;
}
static Engine *engine_of(napi_env env, napi_value value) {
  Engine **box = box_of(env, value);
  if (box && !*box) fail(env, "engine is disposed");
  return box ? *box : nullptr;
}
// Arguments that are not given are undefined.
struct Arguments {
  napi_value at[3];
  Arguments(napi_env env, napi_callback_info info) {
    size_t count = 3;
    napi_get_cb_info(env, info, &count, at, nullptr, nullptr);
  }
};
// A whole number from 0 to `most`.
static bool whole(napi_env env, napi_value value, double most, double *number) {
  return napi_get_value_double(env, value, number) == napi_ok && *number >= 0 && *number <= most && std::floor(*number) == *number;
}

static napi_value isas(napi_env env, napi_callback_info) {
  napi_value list;
  napi_create_array(env, &list);
  uint32_t i = 0;
  for (const Isa &isa : available()) {
    napi_value name;
    napi_create_string_utf8(env, isa.name, NAPI_AUTO_LENGTH, &name);
    napi_set_element(env, list, i++, name);
  }
  return list;
}

// create(isa, threads) -> engine
static napi_value create(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  char name[32] = {0};
  double threads = 0;
  if (napi_get_value_string_utf8(env, given.at[0], name, sizeof name, nullptr) != napi_ok ||
      !whole(env, given.at[1], MOST_THREADS, &threads) || threads < 1)
    return wrong_argument(env, "create(isa, threads): expected a name and 1 to 1024 threads");
  for (const Isa &isa : available()) {
    if (std::string(isa.name) != name) continue;
    Engine **box = nullptr;
    try {
      box = new Engine *(nullptr);
      *box = new Engine(isa, (int)threads);
      // Line 0 means "none"; whoever makes an engine puts something into it, so what has no room fails here.
      if (!(*box)->memory.reserve(LINE)) throw std::bad_alloc();
    } catch (const std::system_error &) {
      delete box;
      return system_failure(env, "EAGAIN", "pthread_create", "the system starts no more threads for an engine");
    } catch (const std::bad_alloc &) {
      if (box) delete *box;
      delete box;
      return system_failure(env, "ENOMEM", "mmap", "the system gives no memory or address space for an engine; dispose engines that are no longer used, or raise the "
                            "limit (ulimit -v)");
    }
    const napi_finalize drop = [](napi_env, void *data, void *) {
      delete *(Engine **)data;
      delete (Engine **)data;
    };
    napi_value object;
    if (napi_create_object(env, &object) != napi_ok || napi_type_tag_object(env, object, &ENGINE_TAG) != napi_ok ||
        napi_wrap(env, object, box, drop, nullptr, nullptr) != napi_ok) {
      drop(env, box, nullptr);
      return fail(env, "the engine could not be handed over");
    }
    return object;
  }
  return fail(env, "this processor does not have the instruction set that was asked for");
}

// dispose(engine): ends the threads and gives the memory back; a second call does nothing.
static napi_value dispose(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  if (Engine **box = box_of(env, given.at[0])) {
    delete *box;
    *box = nullptr;
  }
  return nullptr;
}

// reserve(engine, bytes): make the first `bytes` of memory usable.
static napi_value reserve(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Engine *engine = engine_of(env, given.at[0]);
  if (!engine) return nullptr;
  double bytes = 0;
  if (!whole(env, given.at[1], (double)Memory::LARGEST, &bytes))
    return wrong_argument(env, "reserve(engine, bytes): expected a whole number of bytes, at most 2^36");
  if (!engine->memory.reserve((size_t)bytes))
    return system_failure(env, "ENOMEM", "mmap", "the system gives no more memory or address space for an engine; use smaller tables, dispose engines that are no "
                          "longer used, or raise the limit (ulimit -v)");
  return nullptr;
}

// write(engine, line, array) and read(engine, line, array) of a Float32Array, Int32Array or Float64Array
template <bool WRITE>
static napi_value transfer(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Engine *engine = engine_of(env, given.at[0]);
  if (!engine) return nullptr;
  double line = 0;
  bool typed = false;
  void *data = nullptr;
  size_t length = 0;
  napi_typedarray_type type = napi_int8_array;
  if (!whole(env, given.at[1], LARGEST_LINE, &line)) return wrong_argument(env, "expected a line, a whole number from 0");
  if (napi_is_typedarray(env, given.at[2], &typed) != napi_ok || !typed ||
      napi_get_typedarray_info(env, given.at[2], &type, &length, &data, nullptr, nullptr) != napi_ok ||
      (type != napi_float32_array && type != napi_int32_array && type != napi_float64_array))
    return wrong_argument(env, "expected a Float32Array, Int32Array or Float64Array");
  const size_t width = type == napi_float64_array ? 8 : 4, have = engine->memory.bytes(), from = (size_t)line * LINE;
  if (from > have || length > (have - from) / width) return fail(env, "outside of engine memory");
  if (length == 0) return nullptr;
  if (WRITE) memcpy(engine->memory.start() + from, data, length * width);
  else memcpy(data, engine->memory.start() + from, length * width);
  return nullptr;
}

// execute(engine, line of a job)
static napi_value execute(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Engine *engine = engine_of(env, given.at[0]);
  if (!engine) return nullptr;
  double line = 0;
  if (!whole(env, given.at[1], LARGEST_LINE, &line)) return wrong_argument(env, "expected a line, a whole number from 0");
  const Memory &memory = engine->memory;
  if (const char *problem = JobCheck(memory.start(), memory.bytes(), engine->threads()).problem((int64_t)line))
    return fail(env, problem);
  engine->execute((int32_t)line);
  return nullptr;
}

static napi_value init(napi_env env, napi_value exports) {
  const struct {
    const char *name;
    napi_callback call;
  } all[] = {{"isas", isas},       {"create", create},         {"dispose", dispose},       {"reserve", reserve},
             {"execute", execute}, {"write", transfer<true>},  {"read", transfer<false>}};
  for (const auto &entry : all) {
    napi_value function;
    napi_create_function(env, entry.name, NAPI_AUTO_LENGTH, entry.call, nullptr, &function);
    napi_set_named_property(env, exports, entry.name, function);
  }
  return exports;
}
NAPI_MODULE(jkoflow_kernel, init)
