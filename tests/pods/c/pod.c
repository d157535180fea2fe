/*
 * birds: counts birds that people have seen, in C. It offers the interface of birds.wit.
 */
#include "json.h"
#include "peri.h"

/* The one run that waits for an answer: the periphery gives the next one when this has ended. */
static struct {
  uint32_t invocation;
  enum { REPORT, TOTAL, PLACES } what;
  char *place;
  size_t place_size;
  uint64_t count;
  char handle[256];
} run;

static void list_places(void) {
  peri_request(run.invocation, 0, "state-list", peri_str("{\"table\":\"places\",\"limit\":1000}"));
}

void pod_call(const peri_call *call) {
  run.invocation = call->invocation;
  if (peri_is(call->function, "report")) {
    peri_text sighting = json_item(call->arguments, 0), place = json_field(sighting, "place");
    if (json_text(place).size > 500) {
      peri_refuse(call->invocation, "too-large", "report", peri_str("a place of over 500 bytes"));
      return;
    }
    run.what = REPORT;
    run.count = json_number(json_field(sighting, "count"));
    run.place = realloc(run.place, place.size);
    memcpy(run.place, place.at, run.place_size = place.size);
    peri_text argument = PERI_JOIN(peri_str("{\"table\":\"places\",\"key\":"), place, peri_str("}"));
    peri_request(call->invocation, 0, "state-get", argument);
  } else if (peri_is(call->function, "total")) {
    run.what = TOTAL;
    list_places();
  } else if (peri_is(call->function, "places") && call->handle.some &&
             call->handle.value.size < sizeof run.handle) {
    run.what = PLACES;
    memcpy(run.handle, call->handle.value.at, call->handle.value.size);
    run.handle[call->handle.value.size] = 0;
    list_places();
  } else if (peri_is(call->function, "cancelled")) {
    peri_finish(call->invocation, (peri_effects){0}, peri_str("null"));
  } else {
    peri_refuse(call->invocation, "missing-implementation", "call birds", call->function);
  }
}

/* `found` is the value as JSON text in a JSON string, or null. */
static void finish_report(peri_text found) {
  uint64_t count = run.count + json_number(found);
  if (count > UINT32_MAX) {
    peri_refuse(run.invocation, "too-large", "report", peri_str("nobody counts so many"));
    return;
  }
  peri_text key = json_text((peri_text){run.place, run.place_size});
  peri_text number = json_digits(count);
  peri_write write = {peri_str("places"), key, {true, number}};
  peri_finish(run.invocation, (peri_effects){.writes = {&write, 1}}, number);
}

/* `found` is [[key, value as JSON text] …]. */
static void finish_total(peri_text found) {
  uint64_t total = 0;
  for (size_t n = 0;; n++) {
    peri_text pair = json_item(found, n);
    if (pair.size == 0) break;
    total += json_number(json_item(pair, 1));
  }
  /* A u64 travels as a string. */
  peri_text quote = peri_str("\"");
  peri_finish(run.invocation, (peri_effects){0}, PERI_JOIN(quote, json_digits(total), quote));
}

enum { MOST = 100 };

static void finish_places(peri_text found) {
  peri_answer answers[MOST + 1];
  peri_text handle = peri_str(run.handle);
  size_t count = 0;
  for (; count < MOST; count++) {
    peri_text pair = json_item(found, count);
    if (pair.size == 0) break;
    peri_text number = json_digits(json_number(json_item(pair, 1)));
    peri_text item = PERI_JOIN(
        peri_str("{\"place\":"), json_item(pair, 0), peri_str(",\"count\":"), number,
        peri_str("}"));
    answers[count] = (peri_answer){handle, {PERI_ITEM, {.item = item}}};
  }
  answers[count] = (peri_answer){handle, {.tag = PERI_END}};
  peri_finish(
      run.invocation, (peri_effects){.answers = {answers, count + 1}}, peri_str("null"));
}

void pod_settled(const peri_settled *settled) {
  if (settled->outcome.failed) {
    peri_refuse(run.invocation, "internal", "read state", settled->outcome.error.subject);
  } else if (run.what == REPORT) {
    finish_report(settled->outcome.ok);
  } else if (run.what == TOTAL) {
    finish_total(settled->outcome.ok);
  } else {
    finish_places(settled->outcome.ok);
  }
}
