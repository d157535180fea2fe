import assert from "node:assert/strict";
import { EffectBuffer } from "../effects.ts";
import { FakePeriphery } from "../testing/fake.ts";
import { HandPod } from "../testing/hand.ts";
import { RUNS_TABLE } from "./journal.ts";
import type { FunctionRef } from "../reference.ts";
import type { Run } from "../run.ts";
import { Suspended } from "./suspended.ts";

const OWNER = "A".repeat(40);
const BOB = "B0B".padEnd(40, "0");
const CALLER = { person: BOB, pod: "asker" };
const HANDLE = `${BOB}/asker/${"t".repeat(22)}`;

const count = {
  capability: "c".repeat(64),
  interface: "test:sheep/counting",
  function: "count",
  functionId: "f".repeat(64),
} as FunctionRef<[], number>;

class Sheep extends HandPod {
  constructor(run: Run) {
    super(run);
    const ask = () => run.call(count, { of: BOB }, []);
    this.offer({ count }, { count: ask });
    this.continuation("heard", async () => void await ask());
  }
}

/** A run that waits with its rows on disk and no instance. */
async function waiting(isCall: boolean): Promise<FakePeriphery> {
  const pod = new FakePeriphery(
    Sheep,
    { name: "sheep", version: "0.1.0", about: "Counts." },
    OWNER,
  );
  const of = isCall ? count : { interface: "", function: "heard" };
  const args = isCall ? "[]" : '[null,{"ok":1}]';
  const handle = isCall ? HANDLE : undefined;
  await pod.begin(CALLER, of.interface, of.function, args, handle, { many: false }).ended;
  assert.equal(pod.rows(RUNS_TABLE).length, 3);
  pod.restart();
  return pod;
}

const kindsOf = (pod: FakePeriphery) =>
  pod.answers.map(({ part }) => part.tag === "failed" ? part.val.kind : part.tag);

async function indexOf(rows: readonly unknown[]): Promise<Suspended<Waiter>> {
  const suspended = new Suspended<Waiter>();
  const pages = [rows.map((row, at) => [`open/r${at}`, JSON.stringify(row)]), []];
  const request = () => Promise.resolve(pages.shift());
  await suspended.read({ effects: new EffectBuffer(() => "id"), request });
  return suspended;
}

interface Waiter {
  readonly id: string;
  readonly call: { readonly handle?: string; readonly caller: { readonly person: string } };
}

Deno.test("a thousand runs wait at once, and no more", async () => {
  const suspended = await indexOf(Array(999).fill(["", BOB]));
  const effects = new EffectBuffer(() => "id");
  const run = (id: string) => ({ id, call: { caller: { person: BOB } } });
  suspended.open(effects, run("a"));
  assert.throws(() => suspended.open(effects, run("b")), { kind: "busy" });
  suspended.forget(run("r5"));
  suspended.open(effects, run("c"));
  const written = effects.take().writes.map(({ table, key }) => [table, key]);
  assert.deepEqual(written, [[RUNS_TABLE, "open/a"], [RUNS_TABLE, "open/c"]]);
});

Deno.test("however many calls a few people make, others and the pod itself find room", async () => {
  for (const strangers of [1, 10, 100]) {
    const suspended = await indexOf([]);
    const effects = new EffectBuffer(() => "id");
    const call = (person: string, handle: string) =>
      suspended.open(effects, { id: `${person}-${handle}`, call: { handle, caller: { person } } });
    const held = Array.from({ length: strangers }, () => 0);
    for (let turn = 0; turn < 200; turn++) {
      for (let of = 0; of < strangers; of++) {
        try {
          call(`stranger ${of}`, `${of}/${turn}`);
          held[of]!++;
        } catch (thrown) {
          const { kind, hint } = thrown as { kind: string; hint: string };
          assert.equal(kind, "busy");
          assert.match(hint, /^call again when one/);
        }
      }
    }
    assert.ok(Math.max(...held) <= 100, `one holds ${Math.max(...held)}`);
    call(BOB, HANDLE);
    for (let own = 0; own < 100; own++) {
      suspended.open(effects, { id: `own ${own}`, call: { caller: { person: BOB } } });
    }
  }
});

Deno.test("who waits is counted from the index after a restart", async () => {
  const rows = Array.from({ length: 100 }, (_, at) => [`h${at}`, BOB]);
  const suspended = await indexOf(rows);
  const call = { handle: HANDLE, caller: { person: BOB } };
  assert.throws(() => suspended.open(new EffectBuffer(() => "id"), { id: "x", call }), {
    kind: "busy",
    subject: `100 calls of ${BOB} wait in this pod already`,
  });
});

Deno.test("a run whose head is damaged or gone ends, its caller or the log is told", async () => {
  const bad = [undefined, null, 7, {}, { call: null }, { call: { nowMs: 1, seed: 1 } }];
  for (const isCall of [true, false]) {
    for (const head of bad) {
      const pod = await waiting(isCall);
      const table = pod.tables.get(RUNS_TABLE)!;
      const key = [...table.keys()].find((one) => one.startsWith("run/"))!;
      if (head === undefined) table.delete(key);
      else table.set(key, JSON.stringify(head));
      await pod.answer(pod.posts[0]!, { ok: 1 });
      assert.deepEqual(pod.rows(RUNS_TABLE), [], JSON.stringify(head));
      assert.deepEqual(kindsOf(pod), isCall ? ["damaged"] : []);
      if (!isCall) assert.match(pod.logs.at(-1)?.line ?? "", /cannot be read/);
    }
  }
});

Deno.test("a head of another handle than the index says answers the one of the index", async () => {
  const pod = await waiting(true);
  const table = pod.tables.get(RUNS_TABLE)!;
  const [key, text] = [...table].find(([one]) => one.startsWith("run/"))!;
  table.set(key, text.replace("ttt", "uuu"));
  await pod.answer(pod.posts[0]!, { ok: 1 });
  assert.deepEqual([pod.answers[0]?.handle, ...kindsOf(pod)], [HANDLE, "damaged"]);
});

Deno.test("a run that could take an answer neither as it was nor as an error ends", async () => {
  for (const isCall of [true, false]) {
    for (const isNew of [true, false]) {
      const pod = await waiting(isCall);
      const [post] = pod.posts;
      // An answer to nothing that it waits for brings it back to memory.
      const { note } = post!.continuation!;
      const other = { function: "sdk:settle", note: note.replace(/"step":\d+/, '"step":77') };
      if (!isNew) await pod.answer({ ...post!, continuation: other }, { ok: 1 });
      const error = { kind: "over-quota", op: "commit a run", subject: "the pod has no room" };
      const continuation = { function: "sdk:give-up", note };
      const ended = await pod.answer({ ...post!, continuation }, { error });
      assert.equal(ended?.failure, undefined);
      assert.deepEqual(pod.rows(RUNS_TABLE), []);
      assert.deepEqual(pod.cancels, [post!.key]);
      assert.deepEqual(kindsOf(pod), isCall ? ["over-quota"] : []);
      if (!isCall) assert.match(pod.logs.at(-1)?.line ?? "", /heard: cannot commit a run/);
      const again = await pod.answer({ ...post!, continuation }, { error });
      assert.equal(again?.failure, undefined, "a run that is over");
    }
  }
});
