import assert from "node:assert/strict";
import type { WirePost } from "../host.ts";
import { FakePeriphery } from "../testing/fake.ts";
import type { Addressee, Recipients } from "./recipients.ts";
import type { FunctionRef } from "../reference.ts";
import type { Run } from "../run.ts";
import { SPREAD_TABLE } from "./spread.ts";
import { HandPod } from "../testing/hand.ts";

const OWNER = "A".repeat(40);
const BOB = "B0B".padEnd(40, "0");
const CAROL = "CA401".padEnd(40, "0");
const ABOUT = { name: "herald", version: "0.1.0", about: "Tells everybody." };

const tell = {
  capability: "c".repeat(64),
  interface: "test:herald/news",
  function: "tell",
  functionId: "f".repeat(64),
} as FunctionRef<[news: string], string>;

/** What the next run posts; a run gets it by name, as real ones get words. */
const wanted: { to: Recipients; news: string; twice?: boolean }[] = [];

class Herald extends HandPod {
  readonly outcomes = this.table<unknown>("outcomes");

  constructor(run: Run) {
    super(run);
    const told = this.continuation<string, string>("told", (note, answer, to) => {
      this.outcomes.put(note, { answer, to });
    });
    const note = (to: Addressee) => `for ${to.named ?? to.person}`;
    this.verb("cry", "", "Tells everybody.", () => {
      for (const { to, news } of wanted.splice(0)) {
        void run.post(tell, to, [news], { then: told, note });
      }
    });
    this.verb("cry-and-draw", "", "Draws afterwards.", async () => {
      for (const { to, news } of wanted.splice(0)) void run.post(tell, to, [news]);
      await run.readLine();
      run.print(String(run.random()));
    });
    this.verb("ask-and-cry", "", "Reads a line first.", async () => {
      for (const { to, news } of wanted.splice(0)) void run.post(tell, to, [news]);
      await run.readLine();
    });
  }
}

const openHerald = () => new FakePeriphery(Herald, ABOUT, OWNER);

async function cry(herald: FakePeriphery, to: Recipients, news = "hear") {
  wanted.push({ to, news });
  return await herald.command(["cry"]);
}

const personOf = (number: number) => number.toString(16).toUpperCase().padStart(40, "0");
const people = (count: number) => Array.from({ length: count }, (_, at) => personOf(at));
const addresses = (posts: readonly WirePost[]) =>
  posts.map(({ person, pod }) => `${person}/${pod}`);

Deno.test("one person is one post, in whatever forms they stand there", async () => {
  const herald = openHerald();
  herald.people.set("bob", { person: BOB });
  const grouped = BOB.toLowerCase().replace(/(.{4})/g, "$1 ");
  await cry(herald, ["bob", BOB, grouped, `0x${BOB}`, { person: BOB, pod: "herald" }, " bob "]);
  assert.deepEqual(addresses(herald.posts), [`${BOB}/herald`]);
});

Deno.test("how much a run posts is nothing to its chance", async () => {
  const drawn: string[] = [];
  for (const count of [1, 150]) {
    const herald = openHerald();
    wanted.push({ to: people(count), news: "hear" });
    const { stdout } = await herald.command(["cry-and-draw"]);
    assert.equal(herald.posts.length, count);
    drawn.push(stdout);
  }
  assert.equal(drawn[0], drawn[1]);
});

Deno.test("recipients may be one, several, or whatever gives them", async () => {
  const herald = openHerald();
  await cry(herald, BOB);
  await cry(herald, { person: BOB, pod: "other" });
  await cry(herald, new Set([BOB, CAROL]));
  await cry(
    herald,
    function* () {
      yield* [CAROL, BOB];
    }(),
  );
  await cry(herald, []);
  const [bob, carol] = [`${BOB}/herald`, `${CAROL}/herald`];
  assert.deepEqual(addresses(herald.posts), [bob, `${BOB}/other`, bob, carol, carol, bob]);
});

Deno.test("each recipient has a run and an outcome of their own", async () => {
  const herald = openHerald();
  await cry(herald, [BOB, CAROL]);
  const [bob, carol] = herald.posts;
  const error = { kind: "unreachable", op: "deliver", subject: "no server" };
  await herald.answer(carol!, { error });
  await herald.answer(bob!, { ok: "thanks" });
  assert.deepEqual(herald.rows("outcomes"), [
    [`for ${BOB}`, { answer: { ok: "thanks" }, to: { person: BOB, pod: "herald" } }],
    [`for ${CAROL}`, { answer: { error }, to: { person: CAROL, pod: "herald" } }],
  ]);
});

Deno.test("whom nobody knows is an outcome of their own and harms no other", async () => {
  const herald = openHerald();
  herald.people.set("bob", { person: BOB });
  const ended = await cry(herald, ["zoe", "bob", CAROL]);
  assert.equal(ended.failure, undefined);
  assert.deepEqual(addresses(herald.posts), [`${BOB}/herald`, `${CAROL}/herald`]);
  const [[note, { answer, to }]] = herald.rows("outcomes") as [[string, {
    answer: { error: { kind: string } };
    to: Addressee;
  }]];
  assert.deepEqual([note, answer.error.kind, to], ["for zoe", "not-found", {
    named: "zoe",
    pod: "herald",
  }]);
});

Deno.test("more recipients than one turn takes are posted in the next ones, each once", async () => {
  const herald = openHerald();
  herald.holdsErrands = true;
  await cry(herald, people(1_000));
  assert.ok(herald.posts.length > 0 && herald.posts.length < 100);
  for (let turns = 0; herald.errands.length > 0; turns++) {
    const before = herald.posts.length;
    assert.equal(herald.errands.length, 1);
    assert.equal((await herald.runErrand())?.failure, undefined);
    const posted = herald.posts.length - before;
    assert.ok(posted > 0 && posted + herald.errands.length <= 100, `${posted} in turn ${turns}`);
  }
  assert.deepEqual(addresses(herald.posts), people(1_000).map((one) => `${one}/herald`));
  assert.deepEqual(herald.rows(SPREAD_TABLE), []);
  const last = herald.posts.at(-1)!;
  assert.deepEqual({ ...last, person: "" }, {
    ...herald.posts[0]!,
    person: "",
    continuation: {
      function: "told",
      note: JSON.stringify(`for ${personOf(999)}`),
    },
  });
});

Deno.test("a part that is done again after a crash is the same part", async () => {
  const herald = openHerald();
  herald.holdsErrands = true;
  await cry(herald, people(250));
  const before = new Map(herald.tables.get(SPREAD_TABLE));
  const [errand] = herald.errands;
  const first = herald.posts.splice(0);
  await herald.runErrand();
  const once = herald.posts.splice(0);
  // The process died before the disk had it: rows and errand stand there as before.
  herald.tables.set(SPREAD_TABLE, before);
  herald.errands.splice(0, Infinity, errand!);
  herald.holdsErrands = false;
  await herald.runErrand();
  assert.deepEqual(addresses(herald.posts), addresses(once));
  while (await herald.runErrand() !== undefined);
  const all = [...addresses(first), ...addresses(herald.posts)];
  assert.deepEqual(all, people(250).map((one) => `${one}/herald`));
});

Deno.test("long texts to many stay within the bytes of a turn", async () => {
  const herald = openHerald();
  herald.holdsErrands = true;
  const news = `"\u00e9${"x".repeat(40_000)}`;
  await cry(herald, people(60), news);
  const bytes = (posts: readonly WirePost[]) =>
    posts.reduce((sum, post) => sum + post.arguments.length, 0);
  for (let at = 0; at < herald.posts.length || herald.errands.length > 0;) {
    assert.ok(bytes(herald.posts.slice(at)) < 300_000);
    at = herald.posts.length;
    await herald.runErrand();
  }
  assert.equal(herald.posts.length, 60);
  assert.ok(herald.posts.every((post) => JSON.parse(post.arguments)[0] === news));
});

Deno.test("a hundred posts are one turn, as before", async () => {
  const herald = openHerald();
  herald.holdsErrands = true;
  await cry(herald, people(100));
  assert.deepEqual([herald.posts.length, herald.errands.length], [100, 0]);
});

Deno.test("a thousand unknown names are a thousand outcomes", async () => {
  const herald = openHerald();
  await cry(herald, Array.from({ length: 1_000 }, (_, at) => `nobody ${at}`));
  assert.equal(herald.rows("outcomes").length, 1_000);
  assert.deepEqual([herald.posts, herald.rows(SPREAD_TABLE)], [[], []]);
});

Deno.test("more than a thousand recipients are refused, and nothing is posted", async () => {
  const herald = openHerald();
  const endless = function* () {
    for (let at = 0;; at++) yield personOf(at);
  }();
  assert.equal((await cry(herald, endless)).failure?.kind, "too-large");
  assert.deepEqual([herald.posts, herald.errands], [[], []]);
});

Deno.test("what is posted before input is read has been posted when it is", async () => {
  const herald = openHerald();
  herald.people.set("bob", { person: BOB });
  wanted.push({ to: ["bob", CAROL], news: "hear" });
  const args = JSON.stringify([["ask-and-cry"], true]);
  const begun = herald.begin({ person: OWNER }, "peri:face/command", "run", args);
  await begun.feed("half a line");
  assert.deepEqual(addresses(herald.posts), [`${BOB}/herald`, `${CAROL}/herald`]);
  await begun.cancel();
  assert.equal((await begun.ended).failure?.kind, "expired");
});
