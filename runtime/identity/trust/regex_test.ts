/** Regular expressions as certifications have them (RFC 9580 section 8). */

import assert from "node:assert/strict";
import { PeriError } from "../../model/errors.ts";
import { domainRegex, parseRegex } from "./regex.ts";

Deno.test("an expression finds what Spencer's would, in either case of letters", () => {
  const cases: [expression: string, fitting: string[], others: string[]][] = [
    ["ab", ["ab", "xABy"], ["ba", ""]],
    ["^ab$", ["ab"], ["xab", "abx"]],
    ["a|^b$|cd", ["xa", "b", "cd"], ["xb", "dc"]],
    ["^(ab|c)+d?$", ["ab", "abc", "ccd"], ["", "d", "abdd"]],
    ["^(a?)*b$", ["b", "aab"], ["a", "ba"]],
    ["^[^a-c]x[]-]$", ["dx]", "zx-"], ["ax]", "dxa"]],
    ["^a.c$", ["abc", "a c"], ["ac", "abbc"]],
    ["\\.\\*\\\\", ["x.*\\y"], [".*", "a*\\"]],
    ["", ["", "anything"], []],
    ["^(|a)b", ["b", "ab"], ["xb"]],
  ];
  for (const [expression, fitting, others] of cases) {
    const fits = parseRegex(expression);
    for (const text of fitting) assert.ok(fits(text), `${expression} fits ${text}`);
    for (const text of others) assert.ok(!fits(text), `${expression} does not fit ${text}`);
    // Remembered ways lead to the same.
    for (const text of fitting) assert.ok(fits(text), `${expression} fits ${text} again`);
  }
});

Deno.test("a domain is that of a mail address at the end, with those below it", () => {
  const fits = parseRegex(domainRegex("example.org"));
  const taken = ["Bob <bob@example.org>", "<b@Mail.EXAMPLE.org>"];
  const left = [
    "Bob <bob@example.org> <eve@evil.example>",
    "<b@exampleXorg>",
    "<b@notexample.org>",
  ];
  assert.deepEqual([...taken, ...left].map(fits), [true, true, false, false, false]);
});

Deno.test("what is no expression is refused with the place where it goes wrong", () => {
  const wrong = ["(", ")", "a)b", "[a", "[]", "*a", "a**", "a+?", "\\", "[z-a]", "(".repeat(40)];
  for (const expression of wrong) {
    assert.throws(() => parseRegex(expression), (error) => {
      assert.ok(error instanceof PeriError && error.kind === "invalid", expression);
      return true;
    });
  }
  assert.throws(() => parseRegex("a".repeat(257)), { kind: "too-large" });
});

Deno.test("an expression that would take others forever takes no time here", () => {
  const startMs = performance.now();
  const evil = ["(a*)*".repeat(30) + "b$", "(a|a)*".repeat(30) + "c", "((((a+)+)+)+)+$b"];
  for (const expression of evil) assert.ok(!parseRegex(expression)("a".repeat(512)));
  assert.ok(performance.now() - startMs < 2_000);
  assert.ok(!parseRegex("a")("a".repeat(513)), "a text that is too long fits nothing");
});
