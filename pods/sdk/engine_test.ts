import assert from "node:assert/strict";
import { FakePeriphery } from "./testing/fake.ts";
import type { FunctionRef } from "./reference.ts";
import { Refusal } from "./refusal.ts";
import type { Run } from "./run.ts";
import { HandPod } from "./testing/hand.ts";
import { errandOf } from "./post/dispatch.ts";

const OWNER = "A".repeat(40);
const ABOUT = { name: "tally", version: "0.1.0", about: "Counts." };

const ref = <Arguments extends readonly unknown[], Result>(name: string) => ({
  capability: "c".repeat(64),
  interface: "test:tally/counting",
  function: name,
  functionId: "f".repeat(64),
} as FunctionRef<Arguments, Result>);

const counting = {
  add: ref<[name: string, by: number], number>("add"),
  fail: ref<[how: string], null>("fail"),
  chance: ref<[], [number, number, number]>("chance"),
  swap: ref<[], string[]>("swap"),
};

class Tally extends HandPod {
  readonly counts = this.table<number>("counts");
  readonly answers = this.table<unknown>("answers");

  constructor(run: Run) {
    super(run);
    this.offer(counting, {
      add: async (name, by) => {
        const count = (await this.counts.get(name) ?? 0) + by;
        this.counts.put(name, count);
        return await this.counts.get(name) ?? -1;
      },
      fail: (how) => {
        this.counts.put("never", 1);
        run.print("never");
        if (how === "refuse") {
          throw new Refusal("over-quota", { op: "add", subject: "enough", hint: "wait" });
        }
        throw new TypeError("slip");
      },
      chance: () => [run.random(), run.random(), run.nowMs],
      swap: async () => {
        this.counts.delete("b");
        this.counts.put("d", 4);
        this.counts.put("aa", 2);
        return (await this.counts.list()).map(([key, value]) => `${key}${value}`);
      },
    });
    const told = this.continuation<{ n: number }, number>("told", (note, answer) => {
      this.answers.put("last", { note, answer });
    });
    this.verb("ask", "<person>", "Asks another.", ([person = ""]) => {
      const to = { person, pod: "tally" };
      run.post(counting.add, to, ["x", 1], { then: told, note: { n: 7 }, deadlineMs: 5 });
      run.print("asked");
    });
    this.verb("spread", "<person…>", "Asks many.", async (people) => {
      await run.post(counting.add, people, ["x", 1]);
      run.effects.post(errandOf("callers", null));
    });
    this.verb("echo", "", "Repeats lines.", async () => {
      for (let line; (line = await run.readLine(64)) !== undefined;) run.print(`<${line}>`);
      this.counts.put("echoed", 1);
      return 3;
    });
    this.verb(
      "all",
      "",
      "Counts what comes.",
      async () => run.print(`${(await run.readAll(20)).length}`),
    );
  }
}

const openTally = () => new FakePeriphery(Tally, ABOUT, OWNER);

Deno.test("a run reads what it has written, and it lasts", async () => {
  const periphery = openTally();
  assert.equal((await periphery.call(counting.add, ["x", 2])).result, 2);
  assert.equal((await periphery.call(counting.add, ["x", 3])).result, 5);
  assert.deepEqual(periphery.rows("counts"), [["x", 5]]);
});

Deno.test("a refusal crosses typed, and nothing the run did happens", async () => {
  const periphery = openTally();
  const ended = await periphery.call(counting.fail, ["refuse"]);
  const failure = { kind: "over-quota", op: "add", subject: "enough", hint: "wait" };
  assert.deepEqual(ended, { failure, stdout: "", stderr: "" });
  assert.deepEqual(periphery.rows("counts"), []);
  assert.deepEqual(periphery.logs, []);
});

Deno.test("anything else thrown is internal and leaves its stack in the log", async () => {
  const periphery = openTally();
  const { failure } = await periphery.call(counting.fail, ["slip"]);
  assert.deepEqual([failure?.kind, failure?.subject], ["internal", "slip"]);
  assert.equal(periphery.logs[0]?.level, "error");
  assert.match(periphery.logs[0]!.line, /counting#fail failed: TypeError: slip\n.*engine_test/s);
});

Deno.test("what a thrown error says stays in the log when another pod has called", async () => {
  const periphery = openTally();
  const caller = { person: "B".repeat(40), pod: "asker" };
  const { failure } = await periphery.call(counting.fail, ["slip"], caller);
  assert.deepEqual([failure?.kind, failure?.op, failure?.subject], [
    "internal",
    "run fail",
    "the pod failed",
  ]);
  assert.doesNotMatch(JSON.stringify(failure), /slip/);
  assert.match(periphery.logs[0]!.line, /TypeError: slip/);
  const refused = await periphery.call(counting.fail, ["refuse"], caller);
  assert.equal(refused.failure?.subject, "enough");
});

Deno.test("an errand comes from the pod by the name under which it lives", async () => {
  const periphery = openTally();
  periphery.pod = "abacus";
  const people = Array.from({ length: 150 }, (_, at) => at.toString(16).padStart(40, "0"));
  await periphery.command(["spread", ...people]);
  assert.deepEqual([...new Set(periphery.posts.map(({ pod }) => pod))], ["abacus"]);
  assert.equal(periphery.posts.length, 150);
});

Deno.test("a function nobody has written is named", async () => {
  const { failure } = await openTally().call(ref<[], null>("other"), []);
  assert.equal(failure?.kind, "missing-implementation");
  assert.match(failure?.subject ?? "", /tally does not implement it for test:tally\/counting/);
});

Deno.test("chance and time come from the call: the same seed gives the same", async () => {
  const [first, second] = [openTally(), openTally()];
  const one = (await first.call(counting.chance, [])).result as number[];
  assert.deepEqual((await second.call(counting.chance, [])).result, one);
  assert.notEqual(one[0], one[1]);
  assert.equal(one[2], first.nowMs);
  assert.notDeepEqual((await first.call(counting.chance, [])).result, one);
});

Deno.test("lists show this run's writes in their places, over every page", async () => {
  for (const pageSize of [1, 2, 1_000]) {
    const periphery = openTally();
    periphery.pageSize = pageSize;
    for (const key of ["a", "b", "c"]) await periphery.call(counting.add, [key, 1]);
    const { result } = await periphery.call(counting.swap, []);
    assert.deepEqual(result, ["a1", "aa2", "c1", "d4"], `pages of ${pageSize}`);
  }
});

Deno.test("an answer runs the continuation with its note", async () => {
  const periphery = openTally();
  await periphery.command(["ask", "B".repeat(40)]);
  const [post] = periphery.posts;
  assert.equal(post?.arguments, '["x",1]');
  assert.equal(post?.deadlineMs, 5);
  await periphery.answer(post!, { ok: 9 });
  assert.deepEqual(periphery.rows("answers"), [["last", { note: { n: 7 }, answer: { ok: 9 } }]]);
});

Deno.test("runs are one at a time: overlapping adds lose nothing", async () => {
  const periphery = openTally();
  await Promise.all(Array.from({ length: 20 }, () => periphery.call(counting.add, ["x", 1])));
  assert.deepEqual(periphery.rows("counts"), [["x", 20]]);
});

Deno.test("while a run waits for input others run, and what it did has happened", async () => {
  const periphery = openTally();
  const args = JSON.stringify([["echo"], true]);
  const echo = periphery.begin({ person: OWNER }, "peri:face/command", "run", args);
  await echo.feed("one\ntw");
  assert.equal((await periphery.call(counting.add, ["x", 1])).result, 1);
  await echo.feed("o\r\nlast");
  await echo.endInput();
  assert.deepEqual(await echo.ended, { result: 3, stdout: "<one>\n<two>\n<last>\n", stderr: "" });
  assert.deepEqual(periphery.rows("counts"), [["echoed", 1], ["x", 1]]);
});

Deno.test("input over its bound is refused", async () => {
  const periphery = openTally();
  assert.equal((await periphery.command(["all"], "x".repeat(20))).stdout, "20\n");
  assert.equal((await periphery.command(["all"], "x".repeat(21))).failure?.kind, "too-large");
  assert.equal((await periphery.command(["echo"], "x".repeat(65))).failure?.kind, "too-large");
});

Deno.test("a run whose asker is gone ends while it waits, and others go on", async () => {
  const periphery = openTally();
  const args = JSON.stringify([["echo"], true]);
  const echo = periphery.begin({ person: OWNER }, "peri:face/command", "run", args);
  await echo.feed("one\n");
  await echo.cancel();
  assert.equal((await echo.ended).failure?.kind, "expired");
  assert.equal((await periphery.call(counting.add, ["x", 1])).result, 1);
});

Deno.test("a run whose asker is gone before its turn does nothing", async () => {
  const periphery = openTally();
  const add = (by: number) =>
    periphery.begin({ person: OWNER }, counting.add.interface, "add", `["x",${by}]`);
  const [first, second] = [add(1), add(10)];
  await second.cancel();
  assert.deepEqual([(await first.ended).result, (await second.ended).failure?.kind], [
    1,
    "expired",
  ]);
  assert.deepEqual(periphery.rows("counts"), [["x", 1]]);
});
