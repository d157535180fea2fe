/**
 * Handlers that await all kinds of things at once, put together by chance: whatever comes together
 * and in whatever order, and wherever their instance dies, each is run again up to where it was.
 *
 * `SEED=7 deno test -A tests/fuzz/awaits_test.ts` runs other cases, `CASES=100000` more of them.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { setImmediate } from "node:timers";
import { RUNS_TABLE } from "../../pods/sdk/await/journal.ts";
import type { WirePost } from "../../pods/sdk/host.ts";
import type { FunctionRef, Stream } from "../../pods/sdk/reference.ts";
import { Refusal } from "../../pods/sdk/refusal.ts";
import type { Run } from "../../pods/sdk/run.ts";
import { FakePeriphery } from "../../pods/sdk/testing/fake.ts";
import { HandPod } from "../../pods/sdk/testing/hand.ts";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";

const CASES = Number(Deno.env.get("CASES") ?? 40);
const SEED = Deno.env.get("SEED") ?? "1";
const OWNER = "A".repeat(40);
const BOB = "B0B".padEnd(40, "0");
const CALLER = { person: BOB, pod: "asker" };
const HANDLE = `${BOB}/asker/${"t".repeat(22)}`;
const ABOUT = { name: "doer", version: "0.1.0", about: "Does." };
/** Longer than what a journal keeps of one stretch. */
const LONG = "x".repeat(90_000);

/** What a handler does. */
type Deed =
  | { readonly kind: "get" | "find" | "call" | "sleep" | "pause" | "roll" | "fail" }
  | { readonly kind: "hop" | "stream"; readonly count: number }
  | { readonly kind: "all" | "each" | "race"; readonly deeds: readonly Deed[] };

const ref = <Arguments extends readonly unknown[], Result>(name: string) => ({
  capability: "c".repeat(64),
  interface: "test:doer/deeds",
  function: name,
  functionId: "f".repeat(64),
} as FunctionRef<Arguments, Result>);
const deeds = {
  do: ref<[deed: Deed], number>("do"),
  ask: ref<[number: number], number>("ask"),
  feed: ref<[], Stream<number>>("feed"),
};

class Doer extends HandPod {
  readonly done = this.table<string[]>("done");
  readonly long = this.table<string>("long");
  #trace: string[] = [];

  constructor(run: Run) {
    super(run);
    this.offer(deeds, {
      do: async (deed) => {
        await this.#do(deed, "");
        return this.#trace.length;
      },
      ask: (number) => number,
      feed: this.stream(() => {}),
    });
  }

  /** Every deed leaves a trace, in the order in which they end. */
  async #do(deed: Deed, at: string): Promise<void> {
    const said = await this.#try(deed, at).catch((thrown) => {
      if (thrown instanceof Refusal) return thrown.kind;
      throw thrown;
    });
    this.#trace.push(`${at} ${deed.kind} ${said} ${this.run.random()}`);
    this.done.put("trace", this.#trace);
  }

  async #try(deed: Deed, at: string): Promise<unknown> {
    const { run } = this;
    const each = (deeds: readonly Deed[]) =>
      deeds.map((one, n) => () => this.#do(one, `${at}.${n}`));
    switch (deed.kind) {
      case "get":
        return (await this.long.get(`${at.length % 7}`))?.length;
      case "find":
        return (await run.findPerson("carol")).person.length;
      case "call":
        return await run.call(deeds.ask, { of: at.length % 2 ? "carol" : BOB }, [at.length]);
      case "sleep":
        return await run.sleep(`${at.length + 1} s`);
      case "pause":
        return await run.pause();
      case "roll":
        return run.nowMs;
      case "fail":
        throw new Refusal("denied", { op: "do", subject: "no" });
      case "hop":
        for (let n = 0; n < deed.count; n++) await undefined;
        return;
      case "stream": {
        let left = deed.count;
        for await (const _ of run.open(deeds.feed, { of: "carol" }, [])) if (--left <= 0) break;
        return;
      }
      case "all":
        return void await Promise.all(each(deed.deeds).map((go) => go()));
      case "each":
        for (const go of each(deed.deeds)) await go();
        return;
      case "race":
        return await run.withDeadline("5 s", Promise.all(each(deed.deeds).map((go) => go())));
    }
  }
}

const LEAVES = ["get", "find", "call", "call", "sleep", "pause", "roll", "fail"] as const;
const KNOTS = ["all", "all", "each", "race"] as const;

function plan(chance: SeededEntropy, depth: number): Deed {
  const kind = chance.below(10);
  if (depth === 0 || depth < 3 && kind < 5) {
    if (kind === 0) return { kind: "stream", count: 1 + chance.below(3) };
    if (kind === 1) return { kind: "hop", count: 1 + chance.below(60) };
    return { kind: LEAVES[chance.below(LEAVES.length)]! };
  }
  const deeds = Array.from({ length: 2 + chance.below(3) }, () => plan(chance, depth - 1));
  return { kind: KNOTS[chance.below(KNOTS.length)]!, deeds };
}

/** A pod whose handler has begun. */
async function begin(deed: Deed, chance: SeededEntropy): Promise<FakePeriphery> {
  const pod = new FakePeriphery(Doer, ABOUT, OWNER);
  pod.stride = () => 1 + chance.below(6);
  pod.holdsErrands = true;
  pod.people.set("carol", { person: "CA401".padEnd(40, "0") });
  const isLong = chance.below(4) === 0;
  const rows = Array.from({ length: 7 }, (_, n) => [`${n}`, JSON.stringify(isLong ? LONG : "s")]);
  pod.tables.set("long", new Map(rows as [string, string][]));
  const args = JSON.stringify([deed]);
  await pod.begin(CALLER, deeds.do.interface, "do", args, HANDLE, { many: false }).ended;
  return pod;
}

/** Answers whatever is open, in any order and several at once, until nothing is. */
async function goOn(pod: FakePeriphery, chance: SeededEntropy): Promise<void> {
  /** How many answers each has had. */
  const taken = new Map<WirePost, number>();
  const isOpen = (post: WirePost) =>
    (taken.get(post) ?? 0) < (post.function === "feed" ? 3 : 1) && !pod.cancels.includes(post.key!);
  const answer = async (post: WirePost) => {
    const index = taken.get(post) ?? 0;
    const item = index < 2 ? { item: index, index } : { end: true } as const;
    await pod.answer(post, post.function === "feed" ? item : { ok: pod.nowMs % 1_000 });
    taken.set(post, index + 1);
  };
  for (let turn = 0, seen = ""; turn < 1_000; turn++) {
    if (chance.below(3) === 0) pod.restart();
    const open = pod.posts.filter(isOpen);
    if (open.length > 0 && chance.below(4) > 0) {
      pod.nowMs += 10;
      const first = chance.below(open.length);
      const all = Promise.all(open.slice(first, first + 1 + chance.below(2)).map(answer));
      if (chance.below(4) > 0) await all;
      else {
        // Its instance dies somewhere on the way, and what has not happened is told again.
        for (let left = chance.below(12); left > 0; left--) await breathe();
        pod.restart();
      }
    } else if (pod.errands.length > 0) await pod.runErrand();
    else if (pod.timers.all.length > 0) await pod.pass(chance.below(3) * 1_000);
    else if (open.length === 0) return;
    const trace = JSON.stringify(pod.rows("done")).slice(0, -3);
    ok(trace.startsWith(seen), "it has done something else than before");
    seen = trace;
  }
}

function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

Deno.test("a run goes on after a restart as it was, whatever it awaits at once", async () => {
  for (let count = 0; count < CASES; count++) {
    const chance = new SeededEntropy(`${SEED} awaits ${count}`);
    const deed = plan(chance, 3);
    const label = `case ${count}: ${JSON.stringify(deed)}`;
    const pod = await begin(deed, chance);
    await goOn(pod, chance);
    while (await pod.runErrand() !== undefined);
    deepStrictEqual(pod.logs, [], label);
    for (const { part } of pod.answers) {
      strictEqual(part.tag, "item", `${label} ${JSON.stringify(part)}`);
    }
    deepStrictEqual(pod.rows(RUNS_TABLE), [], label);
    const keys = pod.posts.map(({ key }) => key);
    strictEqual(new Set(keys).size, keys.length, label);
  }
});
