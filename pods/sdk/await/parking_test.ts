import assert from "node:assert/strict";
import { type Ended, FakePeriphery } from "../testing/fake.ts";
import type { WirePost } from "../host.ts";
import { RUNS_TABLE } from "./journal.ts";
import type { FunctionRef, Stream } from "../reference.ts";
import { Refusal } from "../refusal.ts";
import type { Run } from "../run.ts";
import { HandPod } from "../testing/hand.ts";

const OWNER = "A".repeat(40);
const BOB = "B0B".padEnd(40, "0");
const CALLER = { person: BOB, pod: "asker" };
const HANDLE = `${BOB}/asker/${"t".repeat(22)}`;
const ABOUT = { name: "photos", version: "0.1.0", about: "Gathers." };

const ref = <Arguments extends readonly unknown[], Result>(name: string) => ({
  capability: "c".repeat(64),
  interface: "test:photos/album",
  function: name,
  functionId: "f".repeat(64),
} as FunctionRef<Arguments, Result>);

const album = {
  gather: ref<[names: string[]], string[]>("gather"),
  photo: ref<[number: number], string>("photo"),
  feed: ref<[], Stream<string>>("feed"),
  count: ref<[], number>("count"),
  tail: ref<[], Stream<string>>("tail"),
  pages: ref<[count: number], Stream<number>>("pages"),
};

/** What the next handlers do differently than before. */
const mood = { isFickle: false, isShort: false, isSilent: false };

class Photos extends HandPod {
  readonly friends = this.table<string>("friends");
  readonly got = this.table<unknown>("got");

  constructor(run: Run) {
    super(run);
    this.offer(album, {
      gather: (names) => this.#gather(names),
      photo: (number) => `photo ${number}`,
      count: async () => {
        let count = 0;
        for await (const _ of run.open(album.feed, { of: BOB }, [])) {
          if (++count === 3) break;
        }
        return count;
      },
      feed: this.stream(() => {}),
      tail: this.stream<[], string>(async (subscription) => {
        subscription.send("first");
        subscription.send(await run.call(album.photo, { of: BOB }, [1]));
        subscription.end();
      }),
      pages: this.stream<[number], number>(async (subscription, count) => {
        for (let page = 1; page <= count; page++) {
          subscription.send(page);
          await run.pause();
        }
        subscription.end();
      }),
    });
  }

  protected override cancelled(handle: string): void {
    this.got.put("cancelled", handle);
  }

  /** Several hops: friends from the table, a person by name, photos of all at once. */
  async #gather(names: readonly string[]): Promise<string[]> {
    const { run } = this;
    run.log("info", "gathering");
    const dice = [run.random()];
    const known = await Promise.all(names.map((name) => this.friends.get(name)));
    this.got.put("begun", known.length);
    if (mood.isFickle) await this.friends.get("somebody");
    if (mood.isShort) return [];
    const photos = await Promise.all(known.map(async (of, at) => {
      try {
        return await run.call(album.photo, { of: of! }, [at]);
      } catch (thrown) {
        return thrown instanceof Refusal ? `none: ${thrown.kind}` : "strange";
      }
    }));
    this.got.put("photos", photos);
    dice.push(run.random());
    this.got.put("begun", await this.got.get("begun") as number + 1);
    if (photos[0] === "refuse") {
      throw new Refusal("denied", { op: "gather", subject: "it says so" });
    }
    const last = await run.call(album.photo, { of: "carol" }, [99]);
    dice.push(run.random());
    this.got.put("dice", dice);
    this.got.put("time", run.nowMs);
    this.got.put("begun", await this.got.get("begun") as number + 1);
    return [...photos, last];
  }
}

function open(): FakePeriphery {
  const photos = new FakePeriphery(Photos, ABOUT, OWNER);
  photos.people.set("carol", { person: "CA401".padEnd(40, "0") });
  const friends = new Map([["bob", JSON.stringify(BOB)], [
    "dave",
    JSON.stringify("DA4E".padEnd(40, "0")),
  ]]);
  photos.tables.set("friends", friends);
  Object.assign(mood, { isFickle: false, isShort: false });
  return photos;
}

interface Told {
  readonly photos: FakePeriphery;
  readonly first: Ended;
}

/** Begins a call of another pod and lets it come to where it waits. */
async function call(
  photos: FakePeriphery,
  of: FunctionRef<never, unknown>,
  args: unknown[],
  more: { many?: boolean; expiresMs?: number } = {},
): Promise<Ended> {
  const name = of.function;
  const begun = photos.begin(CALLER, of.interface, name, JSON.stringify(args), HANDLE, {
    many: false,
    ...more,
  });
  return await begun.ended;
}

async function gather(): Promise<Told> {
  const photos = open();
  const first = await call(photos, album.gather, [["bob", "dave"]]);
  return { photos, first };
}

async function answer(photos: FakePeriphery, post: WirePost, what: unknown): Promise<void> {
  photos.nowMs += 1_000;
  const { failure } = (await photos.answer(post, what as { ok: unknown }))!;
  assert.equal(failure, undefined);
}

Deno.test("a run that answers a call waits for others, and its caller is answered later", async () => {
  const { photos, first } = await gather();
  assert.equal(first.isLater, true);
  assert.deepEqual(photos.answers, []);
  assert.deepEqual(photos.rows("got"), [["begun", 2]], "what it did so far has happened");
  const [dave, bob] = photos.posts.toReversed();
  await answer(photos, dave!, { ok: "d" });
  assert.equal((await photos.call(album.photo, [7])).result, "photo 7", "others run meanwhile");
  await answer(photos, bob!, { ok: "b" });
  await answer(photos, photos.posts[2]!, { ok: "c" });
  const part = { tag: "item", val: '["b","d","c"]' };
  assert.deepEqual(photos.answers, [{ handle: HANDLE, part }]);
  assert.deepEqual(photos.rows(RUNS_TABLE), [], "the journal has ended with its run");
});

Deno.test("a pod that is started anew between any two answers does the same", async () => {
  const ends: unknown[] = [];
  for (let restarts = 0; restarts < 16; restarts++) {
    const { photos } = await gather();
    const answers = [{ ok: "b" }, { error: { kind: "busy", op: "x", subject: "y" } }, { ok: "c" }];
    for (const [at, what] of answers.entries()) {
      if (restarts & 1 << at) photos.restart();
      await answer(photos, photos.posts[at]!, what);
    }
    assert.equal(photos.posts.length, 3, "nothing is posted twice");
    const { answers: given, cancels, logs } = photos;
    assert.deepEqual(logs.map(({ line }) => line), ["gathering"], "nothing is said twice");
    ends.push({ given, cancels, got: photos.rows("got"), runs: photos.rows(RUNS_TABLE) });
  }
  for (const end of ends) assert.deepEqual(end, ends[0]);
  assert.match(JSON.stringify(ends[0]), /none: busy/);
});

Deno.test("a handler that fails after it has waited tells its caller, and what was done stays", async () => {
  for (const isNew of [false, true]) {
    const { photos } = await gather();
    const [bob, dave] = photos.posts;
    await answer(photos, dave!, { ok: "d" });
    if (isNew) photos.restart();
    await answer(photos, bob!, { ok: "refuse" });
    const val = { kind: "denied", op: "gather", subject: "it says so", hint: undefined };
    assert.deepEqual(photos.answers, [{ handle: HANDLE, part: { tag: "failed", val } }]);
    assert.deepEqual(photos.rows("got"), [["begun", 2]]);
    assert.deepEqual(photos.rows(RUNS_TABLE), []);
  }
});

Deno.test("a handler that is not what it was ends with an error that names the step", async () => {
  for (
    const [name, step, detail] of [
      ["isFickle", /step 3 is another one$/, /step 3 is another one: state-get.*somebody/],
      ["isShort", /ended earlier/, /gathering/],
    ] as const
  ) {
    const { photos } = await gather();
    photos.restart();
    mood[name] = true;
    await answer(photos, photos.posts[0]!, { ok: "b" });
    const [{ part } = assert.fail()] = photos.answers;
    assert.ok(part.tag === "failed" && part.val.kind === "internal", JSON.stringify(part));
    assert.match(part.val.subject, step);
    assert.match(
      photos.logs.at(-1)!.line,
      detail,
      "what it asked for is not the caller's business",
    );
    assert.deepEqual(photos.rows(RUNS_TABLE), []);
    await photos.settle();
    assert.deepEqual(
      photos.posts.filter(({ key }) => !photos.cancels.includes(key!)),
      [],
      "its open calls are ended",
    );
  }
});

Deno.test("what a run has read beyond what is kept is read again", async () => {
  const photos = open();
  const friends = new Map(
    Array.from({ length: 20 }, (_, at) => [`f${at}`, JSON.stringify(BOB + " ".repeat(40_000))]),
  );
  photos.tables.set("friends", friends);
  await call(photos, album.gather, [[...friends.keys()]]);
  photos.restart();
  for (const post of [...photos.posts]) await answer(photos, post, { ok: "p" });
  await answer(photos, photos.posts.at(-1)!, { ok: "c" });
  assert.equal(photos.answers.length, 1);
  assert.equal(photos.answers[0]!.part.tag, "item");
});

Deno.test("an answer to a run that is over is nobody's", async () => {
  const { photos } = await gather();
  const before = photos.rows("got");
  await answer(photos, {
    ...photos.posts[0]!,
    continuation: {
      function: "sdk:settle",
      note: '{"run":"gone-1","step":1}',
    },
  }, { ok: 1 });
  await answer(photos, {
    ...photos.posts[0]!,
    continuation: {
      function: "sdk:settle",
      note: photos.posts[0]!.continuation!.note.replace(/"step":\d+/, '"step":77'),
    },
  }, { ok: 1 });
  assert.deepEqual(photos.rows("got"), before);
  assert.deepEqual(photos.answers, []);
});

Deno.test("a second call of one token waits for nobody, and the first is answered", async () => {
  for (const isNew of [false, true]) {
    const { photos } = await gather();
    if (isNew) photos.restart();
    const second = await call(photos, album.gather, [["bob"]]);
    assert.equal(second.failure?.kind, "conflict");
    for (const [at, what] of ["b", "d", "c"].entries()) {
      await answer(photos, photos.posts[at]!, { ok: what });
    }
    assert.equal(photos.answers.length, 1);
  }
});

Deno.test("when the caller has gone, waits fail, open calls are cancelled, nothing is answered", async () => {
  for (const isNew of [false, true]) {
    const { photos } = await gather();
    await answer(photos, photos.posts[0]!, { ok: "b" });
    if (isNew) photos.restart();
    const ended = await photos.endStream(HANDLE);
    assert.equal(ended.failure, undefined);
    assert.deepEqual(photos.answers, []);
    assert.deepEqual(photos.cancels, [photos.posts[1]!.key]);
    assert.deepEqual(photos.rows(RUNS_TABLE), []);
    const got = new Map(photos.rows("got"));
    assert.equal(got.get("photos"), undefined, "it called somebody else, and failed");
    assert.equal(got.get("cancelled"), HANDLE, "the pod is told too");
    assert.equal(photos.posts.length, 2, "it calls nobody any more");
  }
});

Deno.test("calls get at most the time that is left of the call they work for", async () => {
  const photos = open();
  const expiresMs = photos.nowMs + 10_000;
  await call(photos, album.gather, [["bob"]], { expiresMs });
  assert.equal(photos.posts[0]!.deadlineMs, 9_000);
  await answer(photos, photos.posts[0]!, { ok: "b" });
  assert.equal(photos.posts[1]!.deadlineMs, 8_100);
  const late = open();
  await call(late, album.gather, [["bob"]], { expiresMs: late.nowMs + 500 });
  await answer(late, late.posts[0]!, { ok: "b" });
  const [{ part } = assert.fail()] = late.answers;
  assert.equal(part.tag === "failed" && part.val.kind, "expired");
});

Deno.test("a stream of another pod is taken item by item, through restarts, and left early", async () => {
  for (const isNew of [false, true]) {
    const photos = open();
    assert.equal((await call(photos, album.count, [])).isLater, true);
    for (const index of [0, 1, 2, 3]) {
      if (isNew) photos.restart();
      await answer(photos, photos.posts[0]!, { item: "x", index });
    }
    assert.deepEqual(photos.answers, [{ handle: HANDLE, part: { tag: "item", val: "3" } }]);
    assert.deepEqual(photos.cancels, [photos.posts[0]!.key]);
  }
});

Deno.test("a run that gives a stream waits like any other", async () => {
  for (const isNew of [false, true]) {
    const photos = open();
    assert.equal((await call(photos, album.tail, [], { many: true })).result, null);
    assert.deepEqual(photos.answers.map(({ part }) => part), [{ tag: "item", val: '"first"' }]);
    if (isNew) photos.restart();
    await answer(photos, photos.posts[0]!, { ok: "p" });
    const parts = photos.answers.slice(1).map(({ part }) => part);
    assert.deepEqual(parts, [{ tag: "item", val: '"p"' }, { tag: "end" }]);
  }
});

Deno.test("a run pauses as often as it likes, each time with what it has done", async () => {
  for (const isNew of [false, true]) {
    const photos = open();
    photos.holdsErrands = true;
    await call(photos, album.pages, [3], { many: true });
    for (const page of [1, 2, 3]) {
      assert.equal(photos.answers.length, page);
      assert.equal(photos.errands[0]!.key, HANDLE, "at the pace of its stream");
      if (isNew) photos.restart();
      await photos.runErrand();
    }
    const parts = photos.answers.map(({ part }) => part.tag === "item" ? part.val : part.tag);
    assert.deepEqual(parts, ["1", "2", "3", "end"]);
    assert.deepEqual(photos.rows(RUNS_TABLE), []);
  }
});

Deno.test("what a run was told at once it is told at once again", async () => {
  for (const isNew of [false, true]) {
    const photos = open();
    photos.people.set("dora", { person: "D0A".padEnd(40, "0") });
    photos.tables.set("friends", new Map([["c", '"carol"'], ["d", '"dora"']]));
    await call(photos, album.gather, [["c", "d"]]);
    if (isNew) photos.restart();
    for (const [at, what] of ["c", "d", "last"].entries()) {
      await answer(photos, photos.posts[at]!, { ok: what });
    }
    const part = { tag: "item", val: '["c","d","last"]' };
    assert.deepEqual(photos.answers, [{ handle: HANDLE, part }]);
  }
});
