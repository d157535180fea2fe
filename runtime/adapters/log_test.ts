import assert from "node:assert/strict";
import { PeriError } from "../model/errors.ts";
import { type LogOptions, openLog } from "./log.ts";

function record(
  options: Partial<LogOptions>,
  say: (log: ReturnType<typeof openLog>) => void,
): string[] {
  const lines: string[] = [];
  using log = openLog({
    level: "info",
    isTerminal: false,
    write: (l) => lines.push(l),
    ...options,
  });
  say(log);
  return lines;
}

Deno.test("without a terminal every record is one JSON object on one line", () => {
  const lines = record({}, (log) => {
    log.info("delivered", { to: "a\nb", count: 3, late: false, none: undefined });
    log.warn("slow");
  });
  assert.equal(lines.length, 2);
  assert.ok(lines.every((line) => line.endsWith("\n") && line.indexOf("\n") === line.length - 1));
  const { time, ...rest } = JSON.parse(lines[0]!) as { time: string };
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, { level: "info", event: "delivered", to: "a\nb", count: 3, late: false });
  assert.equal((JSON.parse(lines[1]!) as { level: string }).level, "warn");
});

Deno.test("fields cannot take the place of what the log says itself", () => {
  const [line] = record({}, (log) => log.info("delivered", { event: "forged", level: "error" }));
  const { event, level } = JSON.parse(line!) as { event: string; level: string };
  assert.deepEqual([event, level], ["delivered", "info"]);
});

Deno.test("on a terminal a record is a line to read, and hostile text stays visible text", () => {
  const [line] = record({ isTerminal: true }, (log) => {
    log.info("refused", { from: "eve\u001b[2J\nroot: all fine", pod: "hey", mark: "\u202e" });
  });
  assert.match(
    line!,
    /^\d\d:\d\d:\d\d\.\d{3} info {2}refused from="eve\\\\u\{1b\}\[2J\\\\u\{a\}root: all fine" pod=hey mark=\\u\{202e\}\n$/,
  );
});

Deno.test("a refusal shows its kind and causes; what nobody expected shows where it came from", () => {
  const cause = new Error("os error 5");
  const refusal = new PeriError("denied", { op: "open x", subject: "y", cause });
  const [known, unknown, odd] = record({}, (log) => {
    log.error("open failed", refusal);
    log.error("broken", new TypeError("x is undefined"));
    log.error("odd", undefined);
  }).map((line) => (JSON.parse(line) as { error: Record<string, string> }).error);
  assert.deepEqual(known, { message: "cannot open x: y: os error 5", kind: "denied" });
  assert.match(unknown!.stack!, /log_test\.ts/);
  assert.deepEqual(odd, { message: "no reason given" });
  const [line] = record({ isTerminal: true }, (log) => log.error("open failed", refusal));
  assert.match(line!, /error open failed: cannot open x: y: os error 5\n$/);
});

Deno.test("what is lighter than the level is left out", () => {
  const lines = record({ level: "error" }, (log) => {
    log.info("a");
    log.warn("b");
    log.error("c", new Error("d"));
  });
  assert.equal(lines.length, 1);
});

Deno.test("long values are cut", () => {
  const [line] = record({}, (log) => log.info("a", { text: "x".repeat(5_000) }));
  assert.equal((JSON.parse(line!) as { text: string }).text.length, 1_000);
});
