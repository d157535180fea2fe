/**
 * Indexes of a run's tables: in step with their rows in every transaction.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import type { WireEffects } from "../host.ts";
import type { Run } from "../run.ts";
import { FakePeriphery } from "../testing/fake.ts";
import { HandPod } from "../testing/hand.ts";
import type { FunctionRef } from "../reference.ts";
import { entriesOf, type Indexed } from "./entries.ts";

const OWNER = "A".repeat(40);
const ABOUT = { name: "issues", version: "1.0.0", about: "" };

interface Issue {
  readonly labels: readonly string[];
  readonly opened: number;
}

const BY: Indexed<Issue> = { label: ({ labels }) => labels, opened: ({ opened }) => opened };

type Work = (pod: Issues) => unknown;

/** A pod whose one verb does what a test wants. */
class Issues extends HandPod {
  static work: Work = () => {};
  readonly issues = this.table<Issue>("issues", { by: BY });
  readonly plain = this.table<number>("plain");

  constructor(run: Run) {
    super(run);
    this.offer(REMOTE, { count: () => 0, file: () => this.file() });
    this.verb("go", "", "Goes.", async () => {
      await Issues.work(this);
    });
  }

  /** Waits for another pod between what it writes and what it finds. */
  async file(): Promise<number> {
    this.issues.put("a", issue(1, "bug"));
    this.issues.put("b", issue(2, "bug"));
    const before = await this.issues.by("label", "bug").count();
    this.issues.put("b", issue(2, "idea"));
    const asked = await this.run.call(REMOTE.count, { of: BOB }, []);
    this.issues.put("a", issue(3, "idea"));
    const ideas = await this.issues.by("label", "idea").list();
    this.issues.put("c", issue(4, "bug"));
    await this.run.call(REMOTE.count, { of: BOB }, []);
    this.issues.delete("a");
    return 100 * before + 10 * ideas.length + asked;
  }

  protected override async migrate(from: string): Promise<void> {
    if (from === "reads") await this.issues.by("label", "a").list();
    this.issues.put("migrated", { labels: [from], opened: 1 });
  }

  protected override async health(): Promise<void> {
    const found = await this.issues.by("opened").count();
    if (found > 0) this.issues.put("healthy", { labels: [], opened: found });
  }
}

const BOB = "B".repeat(40);
const HANDLE = `${BOB}/issues/${"t".repeat(22)}`;
const CALLER = { person: BOB, pod: "issues" };
const ref = (name: string) => ({
  capability: "c".repeat(64),
  interface: "test:issues/issues",
  function: name,
  functionId: "f".repeat(64),
} as FunctionRef<[], number>);
const REMOTE = { file: ref("file"), count: ref("count") };

class Watched extends FakePeriphery {
  /** Looks at the tables after each transaction. */
  check: () => void = () => {};

  override commit(invocation: number, effects: WireEffects): void {
    super.commit(invocation, effects);
    this.check();
  }

  override finish(...args: Parameters<FakePeriphery["finish"]>): void {
    super.finish(...args);
    this.check();
  }
}

function open(): Watched {
  const fake = new Watched(Issues, ABOUT, OWNER);
  fake.pageSize = 3;
  fake.check = () => strictEqual(faultOf(fake), undefined);
  return fake;
}

/** How the entries differ from what the rows ask for. */
function faultOf(fake: FakePeriphery): string | undefined {
  const wanted = fake.rows("issues").flatMap(([key, row]) => [...entriesOf(BY, key, row as Issue)]);
  const found = fake.rows("sdk:by/issues").map(([entry]) => entry);
  if (wanted.toSorted().join() === found.toSorted().join()) return undefined;
  return JSON.stringify({ wanted, found });
}

async function run(fake: FakePeriphery, work: Work): Promise<void> {
  Issues.work = work;
  const { failure } = await fake.command(["go"]);
  strictEqual(failure, undefined, JSON.stringify([failure, fake.logs]));
}

const issue = (opened: number, ...labels: string[]): Issue => ({ opened, labels });
const keys = (rows: readonly [string, unknown][]) => rows.map(([key]) => key);

Deno.test("rows are found by what they have, in order, and in ranges", async () => {
  const fake = open();
  await run(fake, ({ issues }) => {
    for (let n = 0; n < 10; n++) issues.put(`i${n}`, issue(10 - n, n % 2 ? "bug" : "idea", "all"));
  });
  await run(fake, async ({ issues }) => {
    deepStrictEqual(keys(await issues.by("label", "bug").list()), ["i1", "i3", "i5", "i7", "i9"]);
    deepStrictEqual(
      keys(await issues.by("opened").list()),
      keys(await issues.list({ reverse: true })),
    );
    const some = issues.by("opened", { from: 3, to: 6 });
    deepStrictEqual(keys(await some.list()), ["i7", "i6", "i5"]);
    deepStrictEqual(keys(await some.list({ reverse: true, limit: 2 })), ["i5", "i6"]);
    strictEqual(await some.count(), 3);
    deepStrictEqual(keys(await issues.by("label", { prefix: "b" }).list({ limit: 1 })), ["i1"]);
    deepStrictEqual(keys(await issues.by("label", "all").list({ after: "i6" })), [
      "i7",
      "i8",
      "i9",
    ]);
    const back = { after: "i3", reverse: true };
    deepStrictEqual(keys(await issues.by("label", "bug").list(back)), ["i1"]);
    for await (const [key, { labels }] of issues.by("label", "bug")) {
      ok(labels.includes("bug"), key);
      if (key === "i3") break;
    }
    strictEqual(await issues.by("label").count(), 20);
  });
});

Deno.test("what a run writes is found in it, and what it takes out is not", async () => {
  const fake = open();
  await run(fake, async ({ issues }) => {
    issues.put("a", issue(1, "bug"));
    issues.put("b", issue(2, "bug"));
    deepStrictEqual(keys(await issues.by("label", "bug").list()), ["a", "b"]);
    issues.put("a", issue(1, "idea"));
    issues.delete("b");
    deepStrictEqual(keys(await issues.by("label", "bug").list()), []);
    deepStrictEqual(keys(await issues.by("label", "idea").list()), ["a"]);
    issues.put("a", issue(1, "bug"));
    const [bugs, ideas] = await Promise.all([
      issues.by("label", "bug").count(),
      issues.by("label", "idea").count(),
    ]);
    deepStrictEqual([bugs, ideas], [1, 0]);
  });
});

Deno.test("entries follow their rows through any story, as a plain model does", async () => {
  const fake = open();
  const model = new Map<string, Issue>();
  let state = 7;
  const below = (bound: number) => (state = (state * 48_271) % 0x7fff_ffff) % bound;
  for (let round = 0; round < 80; round++) {
    await run(fake, async ({ issues, plain }) => {
      for (let n = below(6); n > 0; n--) {
        const key = `k${below(8)}`;
        const value = issue(below(4), ..."abc".slice(below(4)));
        if (below(4) === 0) {
          issues.delete(key);
          model.delete(key);
        } else {
          issues.put(key, value);
          model.set(key, value);
        }
        if (below(3) === 0) plain.put("n", n);
        if (below(3) > 0) continue;
        const label = "abc"[below(3)]!;
        const expected = [...model].filter(([, { labels }]) => labels.includes(label)).sort();
        deepStrictEqual(await issues.by("label", label).list(), expected);
      }
    });
  }
});

Deno.test("a run that fails leaves neither row nor entry", async () => {
  const fake = open();
  Issues.work = async ({ issues }) => {
    issues.put("a", issue(1, "x".repeat(600)));
    await Promise.resolve();
  };
  const { failure } = await fake.command(["go"]);
  strictEqual(failure?.kind, "too-large");
  deepStrictEqual([fake.rows("issues"), fake.rows("sdk:by/issues")], [[], []]);
});

Deno.test("what a run for a person has written is found when it waits", async () => {
  const fake = open();
  await run(fake, async ({ issues, run }) => {
    issues.put("a", issue(1, "bug"));
    await run.readLine();
    strictEqual(fake.rows("sdk:by/issues").length, 2, "it happened with the row");
    issues.put("a", issue(2));
    deepStrictEqual(keys(await issues.by("label", "bug").list()), []);
  });
});

Deno.test("an index that is not there is named with what was meant", async () => {
  Issues.work = ({ issues }) => issues.by("lable", "bug").list();
  const fake = open();
  await fake.command(["go"]);
  match(fake.logs.map(({ line }) => line).join(), /has no index lable: did you mean label\?/);
});

const begin = (fake: FakePeriphery, from: string | null) =>
  fake.begin({ person: OWNER }, "", "installed", JSON.stringify([{ version: "1.0.0", from }]))
    .ended;

Deno.test("a version that begins has indexes over all rows, its own and those of before", async () => {
  const fake = open();
  fake.check = () => {};
  const rows = Array.from(
    { length: 900 },
    (_, n) => [`r${n}`, JSON.stringify(issue(n, "old"))] as const,
  );
  fake.tables.set("issues", new Map(rows));
  fake.tables.set("sdk:by/issues", new Map([["label\0\0sstale\0\0r1", "0"]]));
  fake.tables.set("sdk:by/gone", new Map([["x", "0"]]));
  fake.tables.set("sdk:indexes", new Map([["gone", "0"]]));
  const { failure } = await begin(fake, "0.9.0");
  strictEqual(failure, undefined, JSON.stringify(failure));
  strictEqual(faultOf(fake), undefined);
  strictEqual(fake.rows("issues").length, 902, "migrate and health wrote a row each");
  deepStrictEqual(fake.rows("sdk:by/gone"), []);
  deepStrictEqual(fake.rows("sdk:indexes"), [["issues", 0]]);
});

Deno.test("migrate does not read what is not made yet; a first version has nothing to make", async () => {
  const fake = open();
  strictEqual((await begin(fake, "reads")).failure?.kind, "invalid");
  strictEqual((await begin(fake, null)).failure, undefined);
  deepStrictEqual(fake.rows("sdk:by/issues"), []);
});

Deno.test("a run that waits is found with what it wrote, and goes on so after a restart", async () => {
  for (const restarts of [[], [0], [1], [0, 1]]) {
    const fake = open();
    fake.begin(CALLER, REMOTE.file.interface, "file", "[]", HANDLE, { many: false });
    await fake.settle();
    for (const n of [0, 1]) {
      strictEqual(fake.rows("sdk:by/issues").length, n === 0 ? 4 : 6, "with the rows");
      if (restarts.includes(n)) fake.restart();
      await fake.answer(fake.posts[n]!, { ok: 5 });
    }
    const label = `restarts ${restarts}: ${JSON.stringify(fake.logs)}`;
    deepStrictEqual(fake.answers.map(({ part }) => part), [{ tag: "item", val: "225" }], label);
    deepStrictEqual(keys(fake.rows("issues")), ["b", "c"]);
  }
});

Deno.test("a name of a table that leaves no room for that of its entries is refused, by its bytes", () => {
  for (const [name, isTooLong] of [["ü".repeat(28), false], ["ü".repeat(29), true]] as const) {
    class Named extends HandPod {
      readonly rows = this.table<Issue>(name, { by: BY });
    }
    const make = () => new Named({ isBeginning: false } as Run);
    if (isTooLong) throws(make, /which has indexes, is 1 bytes too long/);
    else make();
  }
});
