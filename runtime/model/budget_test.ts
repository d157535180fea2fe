import assert from "node:assert/strict";
import { DEFAULT_BUDGET, formatLimit, LIMIT_RULES, parseLimit } from "./budget.ts";
import { PeriError } from "./errors.ts";

const ruleOf = (name: string) => LIMIT_RULES.find((rule) => rule.name === name)!;

Deno.test("a limit is written with its unit, or as a plain number", () => {
  const written: [string, string, number][] = [
    ["memory", "128M", 128 << 20],
    ["memory", "128MiB", 128 << 20],
    ["state", "1G", 1 << 30],
    ["message-size", "48k", 48 << 10],
    ["state", "100000", 100_000],
    ["slice", "500ms", 500],
    ["slice", "2s", 2000],
    ["messages", "600/min", 600],
    ["messages", "600", 600],
    ["streams", "1000", 1000],
    ["log", "0/min", 0],
  ];
  for (const [name, text, value] of written) {
    assert.equal(parseLimit(ruleOf(name), text), value, `${name} ${text}`);
  }
});

Deno.test("what is no limit is refused with an example, what is out of bounds with the reason", () => {
  for (const text of ["", "much", "-1", "1.5M", "1T", "64ms", "9".repeat(20), "1e9"]) {
    assert.throws(() => parseLimit(ruleOf("memory"), text), (thrown) => {
      assert.ok(thrown instanceof PeriError && thrown.kind === "invalid");
      assert.match(thrown.hint!, /--memory 128M/);
      return true;
    }, text);
  }
  for (const rule of LIMIT_RULES) {
    for (const value of [rule.least - 1, rule.most + 1]) {
      if (value < 0) continue;
      assert.throws(
        () => parseLimit(rule, String(value)),
        (thrown) => thrown instanceof PeriError && thrown.hint === rule.why,
        rule.name,
      );
    }
  }
});

Deno.test("every limit reads as it is written, and its default is within its bounds", () => {
  for (const rule of LIMIT_RULES) {
    for (const value of [rule.least, rule.most, DEFAULT_BUDGET[rule.field]]) {
      assert.equal(parseLimit(rule, formatLimit(rule, value)), value, rule.name);
    }
  }
  assert.deepEqual(
    LIMIT_RULES.map(({ field }) => field).sort(),
    Object.keys(DEFAULT_BUDGET).sort(),
    "every field has a rule",
  );
});
