/**
 * Journals of runs that wait, almost right, as a failing disk or another version of the SDK leaves
 * them: the run goes on or ends with an error that its caller is told, and never hangs or stays.
 *
 * `SEED=7 deno test -A tests/fuzz/journal_test.ts` runs other cases, `CASES=100000` more of them.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { FakePeriphery } from "../../pods/sdk/testing/fake.ts";
import { RUNS_TABLE } from "../../pods/sdk/await/journal.ts";
import { HandPod } from "../../pods/sdk/testing/hand.ts";
import type { FunctionRef } from "../../pods/sdk/reference.ts";
import { packNotes, unpackNotes } from "../../pods/sdk/await/rows.ts";
import type { Run } from "../../pods/sdk/run.ts";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { mutateJson } from "./mutate.ts";

const CASES = Number(Deno.env.get("CASES") ?? 400);
const SEED = Deno.env.get("SEED") ?? "1";
const OWNER = "A".repeat(40);
const BOB = "B0B".padEnd(40, "0");
const CALLER = { person: BOB, pod: "asker" };
const HANDLE = `${BOB}/asker/${"t".repeat(22)}`;

const ref = <Arguments extends readonly unknown[], Result>(name: string) => ({
  capability: "c".repeat(64),
  interface: "test:sum/sums",
  function: name,
  functionId: "f".repeat(64),
} as FunctionRef<Arguments, Result>);
const sums = { sum: ref<[], number>("sum"), number: ref<[at: number], number>("number") };

class Sums extends HandPod {
  readonly told = this.table<number>("told");

  constructor(run: Run) {
    super(run);
    this.offer(sums, {
      number: (at) => at,
      sum: async () => {
        const [base = 1] = [await this.told.get("base")];
        const first = await run.call(sums.number, { of: BOB }, [base]);
        this.told.put("first", first);
        const [second, third] = await Promise.all([
          run.call(sums.number, { of: BOB }, [first]),
          run.call(sums.number, { of: BOB }, [first + 1]),
        ]);
        return first + second + third;
      },
    });
  }
}

/** A call that waits for its second answers, with its journal on disk and no instance. */
async function waiting(): Promise<FakePeriphery> {
  const pod = new FakePeriphery(Sums, { name: "sums", version: "0.1.0", about: "Adds." }, OWNER);
  const more = { many: false };
  await pod.begin(CALLER, sums.sum.interface, "sum", "[]", HANDLE, more).ended;
  await pod.answer(pod.posts[0]!, { ok: 20 });
  pod.restart();
  return pod;
}

/** Answers what is waited for until nothing is left to be told. */
async function goOn(pod: FakePeriphery): Promise<void> {
  for (let at = 1; at < Math.min(pod.posts.length, 12); at++) {
    const ended = await Promise.race([
      pod.answer(pod.posts[at]!, { ok: at }),
      pod.settle().then(() => pod.settle()).then(() => "hangs" as const),
    ]);
    ok(ended !== "hangs", "an answer was taken and its run neither goes on nor ends");
  }
}

Deno.test("a run whose journal is damaged ends, or goes on, and its caller hears of it", async () => {
  const chance = new SeededEntropy(`${SEED} journal`);
  const whole = await waiting();
  await goOn(whole);
  deepStrictEqual(whole.answers.map(({ part }) => part), [{ tag: "item", val: "23" }]);
  for (let count = 0; count < CASES; count++) {
    const pod = await waiting();
    const table = pod.tables.get(RUNS_TABLE)!;
    const keys = [...table.keys()].filter((key) => key.startsWith("log/"));
    const key = keys[chance.below(keys.length)]!;
    const value = mutateJson(JSON.parse(table.get(key)!), chance);
    if (chance.below(20) === 0) table.delete(key);
    else table.set(key, JSON.stringify(value) ?? "null");
    const before = table.get(key);
    await goOn(pod);
    strictEqual(pod.answers.length, 1, `the caller hears nothing: ${before?.slice(0, 300)}`);
    ok(pod.posts.length <= 3 || before === undefined, `posts twice: ${before?.slice(0, 300)}`);
    deepStrictEqual(pod.rows(RUNS_TABLE), [], `rows stay: ${before?.slice(0, 300)}`);
  }
});

Deno.test("notes of any size and letter come back from their rows, whatever they are cut in", () => {
  const chance = new SeededEntropy(`${SEED} notes`);
  const letters = ["a", '"', "\\", "\u0001", "é", "€", "😀", "\ud83d"];
  for (let count = 0; count < CASES; count++) {
    let tail: readonly string[] = [];
    const rows: string[] = [];
    const notes = Array.from({ length: 1 + chance.below(6) }, (_, step) => {
      const length = chance.below(3) === 0 ? chance.below(30_000) : chance.below(200);
      const letter = letters[chance.below(letters.length)]!;
      return JSON.stringify(["told", step, "hash", { ok: letter.repeat(length) }]);
    });
    for (const note of notes) {
      const packed = packNotes(tail, [note]);
      if (tail.length > 0) rows.pop();
      rows.push(...packed.rows);
      tail = packed.tail;
    }
    const back = unpackNotes(rows.map((row) => JSON.parse(row)));
    deepStrictEqual(back, notes.map((note) => JSON.parse(note)));
  }
});
