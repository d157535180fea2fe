/**
 * A pod's own words on the command line, and its log.
 *
 * @module
 */

import assert from "node:assert/strict";
import { encodeUtf8 } from "../../runtime/model/bytes.ts";
import type { JsonRecord } from "../../runtime/model/control.ts";
import { Odd } from "./guests.ts";
import { type Home, Town } from "./town.ts";

const run = (...argv: string[]) => ({ pod: "probe", argv });

async function withProbe(town: Town): Promise<Home> {
  const alice = await town.settle("alice");
  await alice.install("probe");
  return alice;
}

Deno.test("input goes in, output and exit code come out", async () => {
  await using town = new Town();
  const alice = await withProbe(town);
  const echo = await alice.visit("pod.run", run("echo"), { input: "one\ntwo" });
  assert.deepEqual([echo.exitCode, echo.lines, echo.items], [0, ["one", "two"], []]);
  assert.equal((await alice.visit("pod.run", run("exit", "7"))).exitCode, 7);
});

Deno.test("input is taken as it comes, and answered before there is more", async () => {
  await using town = new Town();
  const alice = await withProbe(town);
  const more = Promise.withResolvers<void>();
  const input = (async function* () {
    yield encodeUtf8("one\n");
    await more.promise;
    yield encodeUtf8("two\n");
  })();
  const visitor = alice.comes({ input });
  const echo = visitor.ask(alice.periphery.desk.operations.get("pod.run")!, run("echo"));
  await town.until(() => visitor.lines.length === 1, "the first line is answered");
  // Others are served meanwhile.
  assert.equal((await alice.visit("pod.run", run("count"))).stdout, "1\n");
  more.resolve();
  assert.deepEqual((await echo).lines, ["one", "two"]);
});

Deno.test("a verb that is refused or has a bug says so, and its effects do not happen", async () => {
  await using town = new Town();
  const alice = await withProbe(town);
  const unknown = await alice.refusal("pod.run", run("exot"));
  assert.deepEqual([unknown.kind, unknown.hint], ["invalid", "did you mean peri probe exit?"]);
  assert.equal((await alice.refusal("pod.run", run("throw"))).kind, "internal");
  const [line] = (await alice.visit("pod.logs", { pod: "probe" })).items;
  assert.match(`${line!.level} ${line!.line}`, /^error .*TypeError: a bug/);
});

Deno.test("an interrupt ends a command that waits for input, with the code of an interrupt", async () => {
  await using town = new Town();
  const alice = await withProbe(town);
  const interrupt = new AbortController();
  const input = (async function* () {
    await new Promise(() => {});
    yield new Uint8Array();
  })();
  const visitor = alice.comes({ input, interrupted: interrupt.signal });
  const waiting = visitor.ask(alice.periphery.desk.operations.get("pod.run")!, run("wait"));
  await town.until(() => visitor.lines.length === 1, "it waits");
  interrupt.abort();
  assert.equal((await waiting).exitCode, 130);
  assert.equal((await alice.visit("pod.run", run("count"))).stdout, "1\n");
});

Deno.test("whoever has interrupted before the command began is not kept", async () => {
  await using town = new Town();
  const alice = await withProbe(town);
  const interrupted = AbortSignal.abort();
  const visitor = await alice.visit("pod.run", run("wait"), { interrupted });
  assert.equal(visitor.exitCode, 130);
});

Deno.test("a pod that breaks tells who came in, and works again when it can", async () => {
  await using town = new Town();
  const alice = await withProbe(town);
  alice.broken.add("probe");
  const { kind, hint } = await alice.refusal("pod.run", run("count"));
  assert.equal(kind, "internal");
  assert.match(hint!, /^peri pod replay probe [0-9a-f]{5}$/);
  alice.broken.clear();
  assert.equal((await alice.visit("pod.run", run("count"))).stdout, "1\n");
});

Deno.test("words that could come next are told one by one", async () => {
  await using town = new Town();
  const alice = await withProbe(town);
  const words = async (...argv: string[]) =>
    (await alice.visit("pod.complete", run(...argv))).items;
  assert.deepEqual(await words("e"), [{ word: "echo" }, { word: "exit" }]);
  assert.deepEqual(await words("exit", ""), []);
  assert.deepEqual(await words("nothing", ""), []);
});

Deno.test("a pod's answers of another type are refused", async () => {
  await using town = new Town();
  const alice = await withProbe(town);
  alice.classes.set("probe", Odd);
  assert.equal((await alice.refusal("pod.complete", run(""))).kind, "invalid");
  assert.equal((await alice.refusal("pod.run", run("count"))).kind, "invalid");
  alice.classes.set("hey", Odd);
  await alice.restart();
  assert.equal((await alice.refusal("who", { text: "bob" })).kind, "not-found");
  assert.deepEqual((await alice.visit("friend.list")).exitCode, 0);
});

Deno.test("a log is shown from its beginning, line by line", async () => {
  await using town = new Town();
  const alice = await withProbe(town);
  for (const text of ["one", "two\x1b[2J"]) await alice.visit("pod.run", run("say", text));
  const visitor = await alice.visit("pod.logs", { pod: "probe" });
  const atMs = town.clock.nowMs();
  const listed = await alice.visit("pod.replay", { pod: "probe" });
  const [two, one] = listed.items.map(({ id }) => id!);
  assert.deepEqual(visitor.items, [
    { number: 0, atMs, level: "info", line: "one", run: one },
    { number: 1, atMs, level: "info", line: "two\\u001b[2J", run: two },
  ]);
  await alice.restart();
  assert.equal((await alice.visit("pod.logs", { pod: "probe" })).items.length, 2);
});

Deno.test("of a log are shown the last lines from a level and a time on", async () => {
  await using town = new Town();
  const alice = await withProbe(town);
  const show = async (args: JsonRecord) =>
    (await alice.visit("pod.logs", { pod: "probe", ...args })).items.map(({ line }) => line);
  await alice.visit("pod.run", run("say", "early"));
  await alice.refusal("pod.run", run("throw"));
  await town.clock.advance(60_000);
  for (const text of ["one", "two"]) await alice.visit("pod.run", run("say", text));
  assert.equal((await show({})).length, 4);
  assert.match(`${await show({ level: "warning" })}`, /^peri:face.*a bug\n {4}at /s);
  assert.deepEqual(await show({ sinceMs: town.clock.nowMs() - 1_000 }), ["one", "two"]);
  assert.deepEqual(await show({ lines: 1 }), ["two"]);
  assert.deepEqual(await show({ lines: 0 }), []);
  for (const args of [{ level: "loud" }, { lines: -1 }, { sinceMs: "now" }]) {
    assert.equal((await alice.refusal("pod.logs", { pod: "probe", ...args })).kind, "invalid");
  }
});

Deno.test("a log that is followed goes on until the interrupt, the pod's end or the server's", async () => {
  await using town = new Town();
  const alice = await withProbe(town);
  const follow = (interrupted?: AbortSignal) => {
    const visitor = alice.comes(interrupted === undefined ? {} : { interrupted });
    const logs = alice.periphery.desk.operations.get("pod.logs")!;
    return { visitor, ended: visitor.ask(logs, { pod: "probe", follow: true }) };
  };
  await alice.visit("pod.run", run("say", "one"));
  const interrupt = new AbortController();
  const [first, second] = [follow(interrupt.signal), follow()];
  await alice.visit("pod.run", run("say", "two"));
  await town.until(() => first.visitor.items.length === 2, "both lines are shown");
  interrupt.abort();
  assert.equal((await first.ended).exitCode, 0);
  await alice.visit("pod.run", run("say", "three"));
  await town.until(() => second.visitor.items.length === 3, "the other one still follows");
  await alice.visit("pod.remove", { pod: "probe" });
  assert.equal((await second.ended).exitCode, 0);
  await alice.install("probe");
  const third = follow();
  await town.rest();
  await alice.stop();
  assert.equal((await third.ended).exitCode, 0);
});

Deno.test("too many words for a pod are refused with their size", async () => {
  await using town = new Town();
  const alice = await withProbe(town);
  const long = "x".repeat(48 * 1024);
  assert.equal((await alice.refusal("pod.run", run("say", long))).kind, "too-large");
  assert.equal((await alice.refusal("pod.complete", run("say", long))).kind, "too-large");
  const many = Array.from({ length: 10_001 }, () => "x");
  assert.equal((await alice.refusal("pod.run", run(...many))).kind, "invalid");
});
