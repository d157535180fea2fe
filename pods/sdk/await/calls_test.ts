import assert from "node:assert/strict";
import { FakePeriphery } from "../testing/fake.ts";
import type { WirePost } from "../host.ts";
import type { FunctionRef, Stream } from "../reference.ts";
import { Refusal } from "../refusal.ts";
import type { Run } from "../run.ts";
import { HandPod } from "../testing/hand.ts";

const OWNER = "A".repeat(40);
const BOB = "B0B".padEnd(40, "0");
const CAROL = "CA401".padEnd(40, "0");
const ABOUT = { name: "census", version: "0.1.0", about: "Counts." };

const ref = <Arguments extends readonly unknown[], Result>(name: string) => ({
  capability: "c".repeat(64),
  interface: "test:census/counting",
  function: name,
  functionId: "f".repeat(64),
} as FunctionRef<Arguments, Result>);

const counting = {
  count: ref<[what: string], number>("count"),
  sightings: ref<[], Stream<number>>("sightings"),
};

class Census extends HandPod {
  readonly seen = this.table<number>("seen");

  constructor(run: Run) {
    super(run);
    this.verb("sum", "<who…>", "Adds up what they have.", async (people) => {
      run.print("asking");
      this.seen.put("asked", people.length);
      const counts = await Promise.all(
        people.map((of) => run.call(counting.count, { of }, ["stars"], { deadlineMs: 5_000 })),
      );
      const asked = await this.seen.get("asked");
      run.print(`${asked}: ${counts.reduce((sum, count) => sum + count, 0)}`);
    });
    this.verb("try", "<who>", "Asks one and says what happened.", async ([of]) => {
      try {
        run.print(`${await run.call(counting.count, { of: of!, name: "other" }, ["stars"])}`);
      } catch (thrown) {
        run.print(thrown instanceof Refusal ? `${thrown.kind}: ${thrown.subject}` : "strange");
        return 4;
      }
    });
    this.verb("first", "<who…>", "The fastest.", async (people) => {
      run.print(
        `${await Promise.race(people.map((of) => run.call(counting.count, { of }, ["stars"])))}`,
      );
    });
    this.verb("send", "<who>", "Asks and does not wait.", ([of]) => {
      void run.call(counting.count, { of: of! }, ["stars"]);
      run.print("sent");
    });
    this.verb("watch", "<who> <count>", "Shows some.", async ([of, count]) => {
      let left = Number(count);
      for await (const seen of run.open(counting.sightings, { of: of! }, [])) {
        run.print(`${seen}`);
        if (--left === 0) break;
      }
      run.print("enough");
    });
    this.verb("both", "<who>", "Reads a line and asks.", async ([of]) => {
      const [line, count] = await Promise.all([
        run.readLine(),
        run.call(counting.count, { of: of! }, ["stars"]),
      ]);
      run.print(`${line} ${count}`);
    });
    this.verb("hang", "", "Waits for nothing.", async () => {
      await new Promise(() => {});
    });
    this.verb("compute", "", "Thinks for long.", async () => {
      for (let step = 0; step < 20_000; step++) await null;
      run.print("thought");
    });
    this.verb("up", "", "Counts.", async () => {
      const count = (await this.seen.get("ups") ?? 0) + 1;
      this.seen.put("ups", count);
      run.print(`${count}`);
    });
  }
}

const open = () => new FakePeriphery(Census, ABOUT, OWNER);

function begin(census: FakePeriphery, ...argv: string[]) {
  const args = JSON.stringify([argv, false]);
  return census.begin({ person: OWNER }, "peri:face/command", "run", args);
}

async function posted(census: FakePeriphery, count: number): Promise<WirePost[]> {
  await census.settle();
  assert.equal(census.posts.length, count);
  return census.posts;
}

Deno.test("a verb waits for many answers at once, in whatever order they come", async () => {
  const census = open();
  census.people.set("carol", { person: CAROL });
  const { ended } = begin(census, "sum", BOB, "carol");
  const [bob, carol] = await posted(census, 2);
  assert.deepEqual([bob!.person, bob!.pod, bob!.arguments], [BOB, "census", '["stars"]']);
  assert.deepEqual([carol!.person, carol!.deadlineMs], [CAROL, 5_000]);
  assert.deepEqual(census.rows("seen"), [["asked", 2]], "what it did before has happened");
  assert.equal((await census.command(["up"])).stdout, "1\n", "others run meanwhile");
  await census.answer(carol!, { ok: 5 });
  await census.answer(bob!, { ok: 2 });
  assert.deepEqual(await ended, { result: 0, stdout: "asking\n2: 7\n", stderr: "" });
  assert.deepEqual(census.cancels, []);
});

Deno.test("an error of the other side is a refusal of its kind", async () => {
  const census = open();
  const { ended } = begin(census, "try", BOB);
  const [post] = await posted(census, 1);
  assert.equal(post!.pod, "other");
  await census.answer(post!, { error: { kind: "denied", op: "count", subject: "not for you" } });
  assert.deepEqual(await ended, { result: 4, stdout: "denied: not for you\n", stderr: "" });
});

Deno.test("nobody by that name is a refusal without a call", async () => {
  const census = open();
  const { stdout } = await begin(census, "try", "nobody").ended;
  assert.match(stdout, /^not-found: nobody is known as nobody/);
  assert.deepEqual(census.posts, []);
});

Deno.test("calls that nobody waits for any more are cancelled when the run ends", async () => {
  const census = open();
  const { ended } = begin(census, "first", BOB, CAROL);
  const [bob, carol] = await posted(census, 2);
  await census.answer(carol!, { ok: 1 });
  assert.equal((await ended).stdout, "1\n");
  assert.deepEqual(census.cancels, [bob!.key]);
  assert.equal((await census.answer(bob!, { ok: 2 }))!.failure, undefined, "it comes too late");
});

Deno.test("a call that is not awaited is made, and its answer is nobody's", async () => {
  const census = open();
  assert.equal((await begin(census, "send", BOB).ended).stdout, "sent\n");
  assert.deepEqual(census.posts.map(({ continuation, key }) => [continuation, key]), [
    [undefined, undefined],
  ]);
});

Deno.test("a stream gives its items as they come, and leaving it early cancels it", async () => {
  const census = open();
  const { ended } = begin(census, "watch", BOB, "2");
  const [post] = await posted(census, 1);
  for (const index of [0, 1, 2]) await census.answer(post!, { item: 10 + index, index });
  assert.equal((await ended).stdout, "10\n11\nenough\n");
  assert.deepEqual(census.cancels, [post!.key]);
});

Deno.test("a stream ends with its end, and breaks off with its error", async () => {
  const census = open();
  const well = begin(census, "watch", BOB, "9");
  const badly = begin(census, "watch", CAROL, "9");
  const [bob, carol] = await posted(census, 2);
  await census.answer(bob!, { item: 1, index: 0 });
  await census.answer(bob!, { end: true });
  assert.equal((await well.ended).stdout, "1\nenough\n");
  await census.answer(carol!, { error: { kind: "busy", op: "count", subject: "later" } });
  assert.equal((await badly.ended).failure?.kind, "busy");
  assert.deepEqual(census.cancels, []);
});

Deno.test("a run waits for input and for an answer at once", async () => {
  for (const isInputFirst of [true, false]) {
    const census = open();
    const both = begin(census, "both", BOB);
    const [post] = await posted(census, 1);
    if (isInputFirst) await both.feed("line\n");
    await census.answer(post!, { ok: 3 });
    if (!isInputFirst) await both.feed("line\n");
    assert.equal((await both.ended).stdout, "line 3\n");
  }
});

Deno.test("whoever is interrupted waits no more, and the other side is told", async () => {
  const census = open();
  const run = begin(census, "try", BOB);
  const [post] = await posted(census, 1);
  await run.cancel();
  assert.equal((await run.ended).stdout, "expired: the one who asked is gone\n");
  assert.deepEqual(census.cancels, [post!.key]);
});

Deno.test("a run that waits for nothing fails, and one that computes for long does not", async () => {
  const census = open();
  const [hang, compute] = [begin(census, "hang"), begin(census, "compute")];
  const { failure } = await hang.ended;
  assert.equal(failure?.kind, "internal");
  assert.match(failure!.subject, /waits for something that can never come/);
  assert.equal((await compute.ended).stdout, "thought\n");
});

Deno.test("a thousand calls at once are posted in several turns and all answered", async () => {
  const census = open();
  const people = Array.from({ length: 1_000 }, (_, at) => at.toString(16).padStart(40, "0"));
  const { ended } = begin(census, "sum", ...people);
  await census.settle();
  while (await census.runErrand() !== undefined);
  const posts = await posted(census, 1_000);
  assert.equal(new Set(posts.map(({ key }) => key)).size, 1_000);
  for (const post of posts) await census.answer(post, { ok: 1 });
  assert.equal((await ended).stdout, "asking\n1000: 1000\n");
});
