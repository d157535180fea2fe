/**
 * Fields that keep their values between runs.
 *
 * @module
 */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { bindFace } from "../face.ts";
import type { FunctionRef } from "../reference.ts";
import { Refusal } from "../refusal.ts";
import type { Run } from "../run.ts";
import type { FieldShape } from "../shape.ts";
import { FakePeriphery } from "../testing/fake.ts";
import { HandPod } from "../testing/hand.ts";

const OWNER = "A".repeat(40);
const BOB = "B".repeat(40);
const ABOUT = { name: "keeper", version: "2.0.0", about: "" };
const CALLER = { person: BOB, pod: "keeper" };
const handleOf = (n: number) => `${BOB}/keeper/${String(n).repeat(22)}`;

interface Settings {
  quiet: boolean;
  tags: string[];
}

type Work = (pod: Keeper) => unknown;

const ref = (name: string) => ({
  capability: "c".repeat(64),
  interface: "test:keeper/keeper",
  function: name,
  functionId: "f".repeat(64),
} as FunctionRef<[], unknown>);
const REMOTE = { go: ref("go"), other: ref("other") };

const FIELDS: readonly FieldShape[] = [
  { name: "count", type: "u32" },
  { name: "settings", type: { record: [["quiet", "bool"], ["tags", { list: "string" }]] } },
  { name: "big", type: "u64" },
  { name: "bytes", type: { list: "u8" } },
  { name: "note", type: { option: "string" } },
  { name: "name", type: "string" },
];

/** A pod that does what a test wants. */
class Keeper extends HandPod {
  static work: Work = () => {};
  static migrating: Work = () => {};
  static cancelling: Work = () => {};
  count = 0;
  settings: Settings = { quiet: false, tags: [] };
  big = 1n;
  bytes = new Uint8Array([1]);
  note: string | undefined = "hello";
  declare name: string;
  readonly passing = { n: 0 };

  constructor(run: Run) {
    super(run);
    const go = async () => await Keeper.work(this) ?? null;
    this.offer(REMOTE, { go, other: () => null });
    this.verb("go", "", "Goes.", async () => void await go());
  }

  ask(): Promise<unknown> {
    return this.run.call(REMOTE.other, { of: BOB }, []);
  }

  protected override async cancelled(): Promise<void> {
    await Keeper.cancelling(this);
  }

  protected override async migrate(): Promise<void> {
    await Keeper.migrating(this);
  }
}
bindFace(Keeper, { offers: [], verbs: [], fields: FIELDS }, {});

function open(): FakePeriphery {
  return new FakePeriphery(Keeper, ABOUT, OWNER);
}

async function run(fake: FakePeriphery, work: Work): Promise<void> {
  Keeper.work = work;
  const { failure } = await fake.command(["go"]);
  strictEqual(failure, undefined, JSON.stringify([failure, fake.logs]));
}

const stored = (fake: FakePeriphery) =>
  Object.fromEntries(fake.rows("sdk:fields")) as Partial<Record<string, never>> & {
    settings: Settings;
  };

Deno.test("what a run leaves in its fields is there in the next, also in place and after a restart", async () => {
  const fake = open();
  await run(fake, (pod) => {
    pod.count++;
    pod.settings.tags.push("new");
    pod.passing.n++;
  });
  deepStrictEqual(stored(fake), { count: 1, settings: { quiet: false, tags: ["new"] } });
  await run(fake, (pod) => {
    deepStrictEqual([pod.count, pod.settings, pod.passing.n], [
      1,
      { quiet: false, tags: ["new"] },
      0,
    ]);
    pod.count += 2;
    pod.big = 2n ** 60n;
    pod.bytes[0] = 9;
    pod.note = undefined;
    pod.name = "me";
  });
  fake.restart();
  await run(fake, (pod) => {
    deepStrictEqual([pod.count, pod.big, [...pod.bytes], pod.note, pod.name], [
      3,
      2n ** 60n,
      [9],
      undefined,
      "me",
    ]);
  });
});

Deno.test("a field is written when it has changed, and only then", async () => {
  let written: string[] = [];
  class Watched extends FakePeriphery {
    override finish(...args: Parameters<FakePeriphery["finish"]>): void {
      written = args[1].writes.map(({ key }) => key);
      super.finish(...args);
    }
  }
  const fake = new Watched(Keeper, ABOUT, OWNER);
  const writes = async (work: Work) => {
    await run(fake, work);
    return written;
  };
  deepStrictEqual(await writes(({ count, settings, name }) => [count, settings, name]), []);
  deepStrictEqual(await writes((pod) => pod.count = 0), [], "it is what the class says");
  deepStrictEqual(await writes((pod) => pod.settings = { tags: [], quiet: false }), []);
  deepStrictEqual(await writes((pod) => pod.settings.quiet = true), ["settings"]);
  deepStrictEqual(await writes((pod) => pod.settings = { tags: [], quiet: true }), []);
  deepStrictEqual(await writes((pod) => (pod.count = 5, pod.count = 0)), []);
  deepStrictEqual(await writes((pod) => pod.count = 5), ["count"]);
  deepStrictEqual(await writes((pod) => pod.count = 0), ["count"], "it was 5");
});

Deno.test("a run that fails leaves its fields as they were", async () => {
  const fake = open();
  await run(fake, (pod) => pod.count = 1);
  Keeper.work = (pod) => {
    pod.count = 7;
    throw new Refusal("busy", { op: "go", subject: "no" });
  };
  strictEqual((await fake.command(["go"])).failure?.kind, "busy");
  await run(fake, ({ count }) => strictEqual(count, 1));
});

Deno.test("what is not of its type is refused with the field and the place in it", async () => {
  const fake = open();
  const refusal = async (work: Work) => {
    Keeper.work = work;
    const { failure } = await fake.command(["go"]);
    return `${failure?.kind}: ${failure?.op}: ${failure?.subject}`;
  };
  const tag = 3 as unknown as string;
  strictEqual(
    await refusal((pod) => pod.count = -1),
    "invalid: keep a field: count is -1, less than u32 takes",
  );
  match(
    await refusal((pod) => pod.settings.tags.push(tag)),
    /settings\.tags\[0\] is 3, not a string/,
  );
  match(
    await refusal((pod) => pod.settings = undefined as unknown as Settings),
    /settings is missing/,
  );
  deepStrictEqual(stored(fake), {});
});

Deno.test("runs that wait see what others left, and overwrite nothing they did not touch", async () => {
  for (const isRestarted of [false, true]) {
    const fake = open();
    await run(fake, (pod) => pod.settings.tags = ["first"]);
    const seen: unknown[] = [];
    const begin = (n: number) =>
      fake.begin(CALLER, REMOTE.go.interface, "go", "[]", handleOf(n), { many: false });
    // The first waits twice; what it does is the same when it is run again.
    Keeper.work = async (pod) => {
      const before = [pod.count, [...pod.settings.tags]];
      pod.count += 10;
      await pod.ask();
      const between = [pod.count, [...pod.settings.tags], pod.note];
      pod.settings.tags.push("mine");
      await pod.ask();
      seen.push(before, between, [pod.count, [...pod.settings.tags]]);
      return 0;
    };
    begin(1);
    await fake.settle();
    const story = Keeper.work;
    await run(fake, (pod) => {
      strictEqual(pod.count, 10, "what it did before it waited has happened");
      pod.count++;
      pod.settings.tags.push("other");
      pod.note = "changed";
    });
    Keeper.work = story;
    if (isRestarted) fake.restart();
    await fake.answer(fake.posts[0]!, { ok: 1 });
    deepStrictEqual(stored(fake).settings.tags, ["first", "other", "mine"]);
    await run(fake, (pod) => {
      pod.settings = { quiet: true, tags: ["anew"] };
      pod.count = 100;
    });
    Keeper.work = story;
    if (isRestarted) fake.restart();
    await fake.answer(fake.posts[1]!, { ok: 1 });
    deepStrictEqual(seen, [
      [0, ["first"]],
      [11, ["first", "other"], "changed"],
      [100, ["anew"]],
    ], `${isRestarted}: ${JSON.stringify(fake.logs)}`);
    deepStrictEqual(stored(fake), {
      count: 100,
      settings: { quiet: true, tags: ["anew"] },
      note: "changed",
    });
    deepStrictEqual(fake.answers.map(({ part }) => part), [{ tag: "item", val: "0" }]);
    deepStrictEqual(fake.rows("sdk:runs"), []);
  }
});

Deno.test("what a run is told when it is run again is what it saw, not what is there now", async () => {
  const fake = open();
  await run(fake, (pod) => pod.count = 1);
  Keeper.work = async (pod) => {
    // Another path when the number is another.
    if (pod.count === 1) await pod.ask();
    pod.count++;
    return pod.count;
  };
  const story = Keeper.work;
  fake.begin(CALLER, REMOTE.go.interface, "go", "[]", handleOf(1), { many: false });
  await fake.settle();
  await run(fake, (pod) => pod.count = 50);
  Keeper.work = story;
  fake.restart();
  await fake.answer(fake.posts[0]!, { ok: 1 });
  deepStrictEqual(fake.answers.map(({ part }) => part), [{ tag: "item", val: "51" }]);
  strictEqual(stored(fake).count, 51);
});

Deno.test("whoever is told that a caller has gone finds what the run for that caller has left", async () => {
  for (const isRestarted of [false, true]) {
    const fake = open();
    Keeper.work = async (pod) => {
      pod.settings.tags.push("asked");
      await pod.ask().catch(() => {});
      pod.settings.tags.push("gone");
    };
    Keeper.cancelling = (pod) => pod.settings.tags.push("told");
    fake.begin(CALLER, REMOTE.go.interface, "go", "[]", handleOf(1), { many: false });
    await fake.settle();
    if (isRestarted) fake.restart();
    strictEqual((await fake.endStream(handleOf(1))).failure, undefined);
    deepStrictEqual(stored(fake).settings.tags, ["asked", "gone", "told"]);
    deepStrictEqual([fake.rows("sdk:runs"), fake.answers], [[], []]);
  }
});

Deno.test("a long field is no part of a journal; a run with it may wait", async () => {
  const fake = open();
  await run(fake, (pod) => pod.note = "x".repeat(300_000));
  Keeper.work = async (pod) => {
    const { length } = pod.note!;
    await pod.ask();
    return length;
  };
  fake.begin(CALLER, REMOTE.go.interface, "go", "[]", handleOf(1), { many: false });
  await fake.settle();
  const told = fake.rows("sdk:runs").find(([key]) => key.startsWith("log/"))?.[1];
  deepStrictEqual((told as unknown[])[0], ["fields", { note: null }]);
  fake.restart();
  await fake.answer(fake.posts[0]!, { ok: 1 });
  deepStrictEqual(fake.answers.map(({ part }) => part), [{ tag: "item", val: "300000" }]);
});

Deno.test("what a run for a person did to its fields is there while it waits for input", async () => {
  const fake = open();
  const rows: unknown[] = [];
  await run(fake, async (pod) => {
    pod.count = 4;
    await pod.run.readLine();
    rows.push(stored(fake));
    pod.count++;
  });
  deepStrictEqual([rows, stored(fake)], [[{ count: 4 }], { count: 5 }]);
});

const begin = (fake: FakePeriphery, from: string | null) =>
  fake.begin({ person: OWNER }, "", "installed", JSON.stringify([{ version: "2.0.0", from }]))
    .ended;

Deno.test("a version with a field of another type is refused, unless migrate turns it", async () => {
  const fake = open();
  const before = () =>
    fake.tables.set("sdk:fields", new Map([["count", '"three"'], ["gone", "1"]]));
  before();
  const { failure } = await begin(fake, "1.0.0");
  match(
    `${failure?.kind}: ${failure?.subject}`,
    /^invalid: what count holds does not fit its type/,
  );
  match(failure?.hint ?? "", /give it another name, or turn it in migrate of a new version/);
  Keeper.migrating = async (pod) => {
    const kept = pod.table<unknown>("sdk:fields");
    if (await kept.get("count") === "three") kept.put("count", 3);
    pod.settings.quiet = true;
  };
  before();
  fake.restart();
  strictEqual((await begin(fake, "1.0.0")).failure, undefined);
  deepStrictEqual(stored(fake), { count: 3, gone: 1, settings: { quiet: true, tags: [] } });
  await run(fake, ({ count }) => strictEqual(count, 3));
});
