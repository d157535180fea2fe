import assert from "node:assert/strict";
import { FakePeriphery } from "../testing/fake.ts";
import type { FunctionRef, Stream } from "../reference.ts";
import { Refusal } from "../refusal.ts";
import type { Run } from "../run.ts";
import { HandPod } from "../testing/hand.ts";
import { RUNS_TABLE } from "./journal.ts";

const OWNER = "A".repeat(40);
const BOB = "B0B".padEnd(40, "0");
const CALLER = { person: BOB, pod: "asker" };
const HANDLE = `${BOB}/asker/${"t".repeat(22)}`;
const ABOUT = { name: "sloth", version: "0.1.0", about: "Sleeps." };
const MINUTE_MS = 60_000;

const ref = <Arguments extends readonly unknown[], Result>(name: string) => ({
  capability: "c".repeat(64),
  interface: "test:sloth/sleeping",
  function: name,
  functionId: "f".repeat(64),
} as FunctionRef<Arguments, Result>);

const sleeping = {
  nap: ref<[], string>("nap"),
  wait: ref<[untilMs: number], string>("wait"),
  race: ref<[], string>("race"),
  hurry: ref<[], string>("hurry"),
  forget: ref<[], string>("forget"),
  drip: ref<[], Stream<number>>("drip"),
};

class Sloth extends HandPod {
  readonly seen = this.table<number>("seen");

  constructor(run: Run) {
    super(run);
    this.offer(sleeping, {
      nap: async () => {
        const begun = run.nowMs;
        for (const dream of [1, 2, 3]) {
          this.seen.put(`${dream}`, run.nowMs - begun);
          await this.sleep({ minutes: dream });
        }
        return `slept ${run.nowMs - begun}`;
      },
      wait: async (untilMs) => {
        await this.until(untilMs);
        return `it is ${run.nowMs}`;
      },
      race: async () => {
        const late = this.sleep("1 min").then(() => "late");
        return await Promise.race([run.call(sleeping.nap, { of: BOB }, []), late]);
      },
      hurry: async () => {
        try {
          return await this.withDeadline("1 min", run.call(sleeping.nap, { of: BOB }, []));
        } catch (thrown) {
          return thrown instanceof Refusal ? `${thrown.kind}: ${thrown.subject}` : "strange";
        }
      },
      forget: () => {
        void this.sleep("1 min");
        return "awake";
      },
      drip: this.stream<[], number>(async (subscription) => {
        for (let drop = 1; drop <= 3; drop++) {
          subscription.send(drop);
          await this.sleep("1 min");
        }
        subscription.end();
      }),
    });
    this.verb("nap", "", "Sleeps a while.", async () => {
      run.print("good night");
      await this.sleep("1h");
      run.print("good morning");
    });
  }
}

const open = () => new FakePeriphery(Sloth, ABOUT, OWNER);

async function call(sloth: FakePeriphery, of: FunctionRef<never, unknown>, ...args: unknown[]) {
  const many = of === sleeping.drip;
  const { ended } = sloth.begin(CALLER, of.interface, of.function, JSON.stringify(args), HANDLE, {
    many,
  });
  return await ended;
}

function item(sloth: FakePeriphery): unknown {
  assert.equal(sloth.answers.length, 1);
  const [{ part } = assert.fail()] = sloth.answers;
  return part.tag === "item" ? JSON.parse(part.val) : part;
}

Deno.test("a run sleeps through restarts, and wakes when its time has come", async () => {
  for (const isNew of [false, true]) {
    const sloth = open();
    assert.equal((await call(sloth, sleeping.nap)).isLater, true);
    for (const minutes of [1, 2, 3]) {
      await sloth.pass(minutes * MINUTE_MS - 1);
      assert.equal(sloth.rows("seen").length, minutes);
      if (isNew) sloth.restart();
      await sloth.pass(1);
    }
    assert.equal(item(sloth), `slept ${6 * MINUTE_MS}`);
    assert.deepEqual(sloth.rows("seen").map(([, at]) => at), [0, MINUTE_MS, 3 * MINUTE_MS]);
    assert.deepEqual(sloth.rows(RUNS_TABLE), []);
    assert.deepEqual(sloth.timers.all, []);
  }
});

Deno.test("a run waits for a moment, also when the clock goes back, and not for one that is past", async () => {
  const sloth = open();
  const momentMs = sloth.nowMs + MINUTE_MS;
  await call(sloth, sleeping.wait, momentMs);
  await sloth.pass(MINUTE_MS - 1);
  sloth.nowMs -= 3 * MINUTE_MS;
  const { post } = sloth.timers.next(Infinity)!;
  await sloth.answer({ ...post, person: OWNER, pod: "sloth" }, { ok: null });
  assert.deepEqual(sloth.answers, []);
  await sloth.pass(3 * MINUTE_MS + 1);
  assert.equal(item(sloth), `it is ${momentMs}`);
  assert.equal((await call(sloth, sleeping.wait, 1)).result, `it is ${sloth.nowMs}`);
});

Deno.test("time races with an answer, and the loser's wait ends with the run", async () => {
  for (const isNew of [false, true]) {
    const fast = open();
    await call(fast, sleeping.race);
    if (isNew) fast.restart();
    await fast.answer(fast.posts[0]!, { ok: "in time" });
    assert.equal(item(fast), "in time");
    assert.deepEqual(fast.timers.all, []);
    const slow = open();
    await call(slow, sleeping.race);
    if (isNew) slow.restart();
    await slow.pass(MINUTE_MS);
    assert.equal(item(slow), "late");
    assert.deepEqual(slow.cancels, [slow.posts[0]!.key]);
  }
});

Deno.test("work with a deadline gives its result or that its time is over", async () => {
  const fast = open();
  await call(fast, sleeping.hurry);
  await fast.answer(fast.posts[0]!, { ok: "in time" });
  assert.equal(item(fast), "in time");
  assert.deepEqual(fast.timers.all, []);
  const slow = open();
  await call(slow, sleeping.hurry);
  await slow.pass(MINUTE_MS);
  assert.equal(item(slow), "expired: 60000 ms have passed");
});

Deno.test("a sleep that nobody awaits is none", async () => {
  const sloth = open();
  assert.equal((await call(sloth, sleeping.forget)).result, "awake");
  assert.deepEqual(sloth.timers.all, []);
});

Deno.test("a run that gives a stream sleeps between its items", async () => {
  for (const isNew of [false, true]) {
    const sloth = open();
    await call(sloth, sleeping.drip);
    for (const drops of [1, 2, 3]) {
      assert.equal(sloth.answers.length, drops);
      if (isNew) sloth.restart();
      await sloth.pass(MINUTE_MS);
    }
    assert.equal(sloth.answers.at(-1)!.part.tag, "end");
  }
});

Deno.test("whoever has gone lets nobody sleep for them", async () => {
  for (const isNew of [false, true]) {
    const sloth = open();
    await call(sloth, sleeping.nap);
    if (isNew) sloth.restart();
    await sloth.endStream(HANDLE);
    assert.deepEqual(sloth.timers.all, []);
    assert.deepEqual(sloth.rows(RUNS_TABLE), []);
    assert.deepEqual(sloth.answers, []);
  }
});

Deno.test("a person at a terminal sleeps as long as they wait", async () => {
  const sloth = open();
  const begin = () => sloth.begin({ person: OWNER }, "peri:face/command", "run", '[["nap"],false]');
  const patient = begin();
  await sloth.settle();
  await sloth.pass(60 * MINUTE_MS);
  assert.equal((await patient.ended).stdout, "good night\ngood morning\n");
  const hasty = begin();
  await sloth.settle();
  await hasty.cancel();
  assert.equal((await hasty.ended).failure?.kind, "expired");
  assert.deepEqual(sloth.timers.all, []);
});
