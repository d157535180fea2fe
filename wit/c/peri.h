/*
 * peri.h: the world peri:pod/pod (wit/actor.wit) for pods in C. One file, no library besides malloc.
 *
 * A pod is two functions, pod_call and pod_settled: the periphery calls them with what has happened,
 * and they return without waiting. Every run begins with pod_call and ends with peri_finish, in the
 * same call or, after a peri_request, in the pod_settled that brings its answer. Values are JSON text
 * as docs/PROTOCOL.md, "Values", says; the periphery has held arguments against the function's type
 * before, and holds results against it afterwards.
 *
 * Include it in one file of the pod. tests/pods/c is a whole pod, with how it is built.
 */
#ifndef PERI_H
#define PERI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- Values of actor.wit. Their layout is that of the canonical ABI, so fields stay as they are. */

/* UTF-8 without an end mark. What events hold is good until pod_call or pod_settled returns. */
typedef struct { const char *at; size_t size; } peri_text;
typedef struct { const uint8_t *at; size_t size; } peri_bytes;
typedef struct { bool some; peri_text value; } peri_maybe_text;
typedef struct { bool some; double value; } peri_maybe_f64;

/* A kind is one of docs/PROTOCOL.md, "Errors": not-found, invalid, denied … */
typedef struct { peri_text kind, op, subject; peri_maybe_text hint; } peri_failure;
typedef struct { bool failed; union { peri_text ok; peri_failure error; }; } peri_outcome;

typedef struct { peri_text person; peri_maybe_text pod; } peri_caller;

/* A function is to be run; peri_finish of its invocation ends the run. */
typedef struct {
  uint32_t invocation;
  /* The name under which the pod lives. */
  peri_text pod;
  peri_caller caller;
  peri_text interface, function, arguments;
  double now_ms;
  uint32_t seed;
  peri_maybe_text handle;
  bool many;
  peri_maybe_f64 expires_ms;
} peri_call;

/* The answer to a peri_request of the same numbers. */
typedef struct { uint32_t invocation, step; peri_outcome outcome; } peri_settled;
typedef struct { uint32_t invocation; peri_bytes data; } peri_chunk;

enum { PERI_CALL, PERI_SETTLED, PERI_CHUNK, PERI_CANCEL };
typedef struct {
  uint8_t tag;
  union { peri_call call; peri_settled settled; peri_chunk chunk; uint32_t cancel; };
} peri_event;

/* Writes one value of a table; without a value the key is deleted. */
typedef struct { peri_text table, key; peri_maybe_text value; } peri_write;

/* Calls a function of another pod; its answer is a call of the continuation. */
typedef struct { peri_text function, note; } peri_continuation;
typedef struct {
  peri_text person, pod, capability, interface, function, function_id, arguments;
  peri_maybe_f64 deadline_ms;
  struct { bool some; peri_continuation value; } continuation;
  peri_maybe_text key;
} peri_post;

/* One more answer to the open call of a handle. */
enum { PERI_ITEM, PERI_END, PERI_FAILED };
typedef struct {
  peri_text handle;
  struct { uint8_t tag; union { peri_text item; peri_failure error; }; } part;
} peri_answer;

/* Bytes for a person who has come in: fd 1 is standard output, 2 standard error. */
typedef struct { uint8_t fd; peri_bytes data; } peri_output;

/* What a run has done. All of it happens, with the removal of its event, or none of it. */
typedef struct {
  struct { const peri_write *at; size_t size; } writes;
  struct { const peri_post *at; size_t size; } posts;
  struct { const peri_answer *at; size_t size; } answers;
  struct { const peri_text *at; size_t size; } cancels;
  struct { const peri_output *at; size_t size; } outputs;
} peri_effects;

_Static_assert(sizeof(peri_call) == 104, "call of actor.wit");
_Static_assert(sizeof(peri_event) == 112, "event of actor.wit");
_Static_assert(sizeof(peri_settled) == 48, "settled of actor.wit");
_Static_assert(sizeof(peri_write) == 28, "write of actor.wit");
_Static_assert(sizeof(peri_post) == 104, "post of actor.wit");
_Static_assert(sizeof(peri_answer) == 48, "answer of actor.wit");
_Static_assert(sizeof(peri_effects) == 40, "effects of actor.wit");

/* ---- What the pod is to define. */

void pod_call(const peri_call *call);
void pod_settled(const peri_settled *settled);

/* ---- What it can do. Nothing of this waits. */

#define PERI_HOST(name) \
  __attribute__((import_module("peri:pod/host@0.1.0"), import_name(name)))

typedef struct {
  uint32_t invocation;
  peri_effects effects;
  peri_outcome outcome;
} peri_finish_call;

PERI_HOST("log") void peri_host_log(const char *, size_t, const char *, size_t);
PERI_HOST("request")
void peri_host_request(uint32_t, uint32_t, const char *, size_t, const char *, size_t);
PERI_HOST("finish") void peri_host_finish(const peri_finish_call *);

/* A text of a constant or of anything that ends in 0. */
static inline peri_text peri_str(const char *text) {
  return (peri_text){text, strlen(text)};
}

static inline bool peri_is(peri_text text, const char *other) {
  return text.size == strlen(other) && memcmp(text.at, other, text.size) == 0;
}

/* One line for `peri pod logs`. Level: debug, info, warning, error. */
static inline void peri_log(const char *level, peri_text line) {
  peri_host_log(level, strlen(level), line.at, line.size);
}

/* Asks the periphery (docs/PROTOCOL.md, "Pod requests"). Steps of a run count from 0. */
static inline void peri_request(
    uint32_t invocation, uint32_t step, const char *operation, peri_text argument) {
  peri_host_request(
      invocation, step, operation, strlen(operation), argument.at, argument.size);
}

/* Ends a run with a result, JSON text: `null` for a function without one. */
static inline void peri_finish(uint32_t invocation, peri_effects effects, peri_text result) {
  peri_finish_call call = {invocation, effects, {.failed = false, .ok = result}};
  peri_host_finish(&call);
}

/* Ends a run that has done nothing with an error for who called. */
static inline void peri_refuse(
    uint32_t invocation, const char *kind, const char *op, peri_text subject) {
  peri_finish_call call = {
      invocation,
      (peri_effects){0},
      {.failed = true, .error = {peri_str(kind), peri_str(op), subject, {false}}}};
  peri_host_finish(&call);
}

/* ---- Memory of one visit: events live in it, and what peri_alloc gives. */

typedef struct peri_block { struct peri_block *before; } peri_block;
static peri_block *peri_blocks;

/* Memory until pod_call or pod_settled returns; a pod that has none left is stopped. */
static void *peri_alloc(size_t size) {
  /* Sixteen bytes in front keep what follows aligned for everything. */
  peri_block *block = malloc(16 + size);
  if (block == NULL) __builtin_trap();
  block->before = peri_blocks;
  peri_blocks = block;
  return (char *)block + 16;
}

/* Texts one behind the other: PERI_JOIN(peri_str("a"), text, …). The stdio of wasi-libc would need
 * WASI, which a pod can do without. */
#define PERI_JOIN(...) \
  peri_join( \
      (peri_text[]){__VA_ARGS__}, sizeof((peri_text[]){__VA_ARGS__}) / sizeof(peri_text))

static peri_text peri_join(const peri_text *parts, size_t count) {
  size_t size = 0;
  for (size_t n = 0; n < count; n++) size += parts[n].size;
  char *text = peri_alloc(size), *to = text;
  for (size_t n = 0; n < count; to += parts[n++].size) memcpy(to, parts[n].at, parts[n].size);
  return (peri_text){text, size};
}

__attribute__((export_name("cabi_realloc"))) void *peri_realloc(
    void *old, size_t old_size, size_t align, size_t size) {
  (void)align;
  void *fresh = peri_alloc(size);
  if (old_size > 0) memcpy(fresh, old, old_size < size ? old_size : size);
  return fresh;
}

static struct { bool failed; peri_text why; } peri_dispatched;

__attribute__((export_name("peri:pod/guest@0.1.0#dispatch"))) void *peri_dispatch(
    const peri_event *events, size_t count) {
  for (const peri_event *event = events; event < events + count; event++) {
    if (event->tag == PERI_CALL) pod_call(&event->call);
    if (event->tag == PERI_SETTLED) pod_settled(&event->settled);
    /* Standard input and a caller who is gone concern pods with commands only. */
  }
  while (peri_blocks != NULL) {
    peri_block *before = peri_blocks->before;
    free(peri_blocks);
    peri_blocks = before;
  }
  peri_dispatched.failed = false;
  return &peri_dispatched;
}

#endif
