/*
 * json.h: as much JSON as a pod in C needs. Texts come from the periphery, which has checked them, so
 * nothing here finds mistakes; a part that is not there is an empty text.
 */
#ifndef PERI_JSON_H
#define PERI_JSON_H

#include "peri.h"

static inline bool json_is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Where the value that begins at `at` ends. */
static const char *json_end(const char *at, const char *end) {
  int depth = 0;
  for (; at < end; at++) {
    if (*at == '"') {
      for (at++; at < end && *at != '"'; at++) if (*at == '\\') at++;
    } else if (*at == '[' || *at == '{') {
      depth++;
    } else if (*at == ']' || *at == '}') {
      if (depth == 0) return at;
      depth--;
    } else if ((*at == ',' || *at == ':') && depth == 0) {
      return at;
    }
  }
  return end;
}

/* The next value of what is inside of a list or object; moves `at` behind it and its comma. */
static peri_text json_next(const char **at, const char *end) {
  while (*at < end && json_is_blank(**at)) (*at)++;
  const char *start = *at, *stop = json_end(start, end);
  *at = stop < end ? stop + 1 : end;
  while (stop > start && json_is_blank(stop[-1])) stop--;
  return (peri_text){start, (size_t)(stop - start)};
}

/* What is between the brackets of a list or the braces of an object. */
static peri_text json_inside(peri_text value) {
  while (value.size > 0 && json_is_blank(*value.at)) value.at++, value.size--;
  while (value.size > 0 && json_is_blank(value.at[value.size - 1])) value.size--;
  return value.size < 2 ? (peri_text){value.at, 0} : (peri_text){value.at + 1, value.size - 2};
}

/* The item of a list, counted from 0; empty behind the last one. */
static peri_text json_item(peri_text list, size_t index) {
  peri_text inside = json_inside(list), item = {inside.at, 0};
  const char *at = inside.at, *end = inside.at + inside.size;
  for (size_t n = 0; n <= index; n++) item = json_next(&at, end);
  return item;
}

/* The value of an object's key; empty without it. */
static peri_text json_field(peri_text object, const char *name) {
  peri_text inside = json_inside(object);
  const char *at = inside.at, *end = inside.at + inside.size;
  while (at < end) {
    peri_text key = json_next(&at, end), value = json_next(&at, end);
    if (key.size >= 2 && peri_is((peri_text){key.at + 1, key.size - 2}, name)) return value;
  }
  return (peri_text){end, 0};
}

static inline uint64_t json_number(peri_text digits) {
  uint64_t number = 0;
  for (size_t n = 0; n < digits.size; n++) {
    if (digits.at[n] >= '0' && digits.at[n] <= '9') number = number * 10 + (digits.at[n] - '0');
  }
  return number;
}

/* The number in digits. */
static peri_text json_digits(uint64_t number) {
  char *end = (char *)peri_alloc(20) + 20, *at = end;
  do {
    *--at = (char)('0' + number % 10);
  } while ((number /= 10) > 0);
  return (peri_text){at, (size_t)(end - at)};
}

static uint32_t json_hex(const char *at) {
  uint32_t unit = 0;
  for (int n = 0; n < 4; n++) {
    char c = at[n];
    unit = unit * 16 + (uint32_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
  }
  return unit;
}

static char *json_utf8(char *to, uint32_t c) {
  if (c < 0x80) return *to++ = (char)c, to;
  int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  *to++ = (char)((0xf0 << (3 - more)) | (c >> (6 * more)));
  while (more-- > 0) *to++ = (char)(0x80 | ((c >> (6 * more)) & 0x3f));
  return to;
}

/* The text that a JSON string stands for; lives as long as peri_alloc says. */
static peri_text json_text(peri_text string) {
  peri_text inside = json_inside(string);
  char *text = peri_alloc(inside.size + 1), *to = text;
  for (const char *at = inside.at, *end = at + inside.size; at < end; at++) {
    if (*at != '\\') {
      *to++ = *at;
      continue;
    }
    char c = *++at;
    if (c != 'u') {
      *to++ = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' ? '\b'
            : c == 'f' ? '\f' : c;
      continue;
    }
    uint32_t unit = json_hex(at + 1);
    at += 4;
    if (unit >= 0xd800 && unit < 0xdc00) {
      unit = 0x10000 + ((unit - 0xd800) << 10) + (json_hex(at + 3) - 0xdc00);
      at += 6;
    }
    to = json_utf8(to, unit);
  }
  return (peri_text){text, (size_t)(to - text)};
}

#endif
