import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { Capability, Pod, TypedError, type u32 } from "./mod.ts";
import { bindFace } from "./face.ts";
import { FakePeriphery } from "./testing/fake.ts";
import { openGuest } from "./entry.ts";
import { refusalOf } from "./refusal.ts";
import type { Host } from "./host.ts";
import { type Inherited, openPeer, type PeerPort, type Remote } from "./peer.ts";
import type { Run } from "./run.ts";
import type { PodShape, Type } from "./shape.ts";
import { sketchFunction, sketchOffer } from "./testing/sketch.ts";

const OWNER = "A".repeat(40);
const FRIEND = { person: "B".repeat(40), pod: "capybara" };
const ABOUT = { name: "capybara", version: "0.1.0", about: "Capybaras." };

interface Sighting {
  place: string;
  count: u32;
  seenBy?: string;
}

class NoSuchPlace extends TypedError<{ place: string }> {}
class Closed extends TypedError {}

class Pond extends Capability {
  static readonly errors = { Closed };
  readonly #open = this.table<boolean>("open");

  async enter(): Promise<void> {
    this.#open.put("tried", true);
    if (await this.#open.get("door") !== true) throw new Closed();
  }
}

/** As the build generates it. */
abstract class CapybaraClient extends Capability {
  static readonly errors = { NoSuchPlace };
  static get shape() {
    return SHAPE.offers[0]!;
  }
  abstract report(sighting: Sighting): Promise<u32>;
}

class Capybara extends Pod {
  readonly #sightings = this.table<Sighting>("sightings");
  readonly #readers = this.subscribers<Sighting, string>("readers");
  readonly #numbers = this.pages("numbers", async function* (after, to: bigint) {
    for (let n = BigInt(after as string ?? "0") + 1n; n <= to; n++) yield [`${n}`, n] as const;
  });
  readonly pond = new Pond(this);

  async report(sighting: Sighting): Promise<u32> {
    const count = (await this.#sightings.list()).length + 1;
    this.#sightings.put(String(count), { ...sighting, seenBy: this.caller.person });
    if (sighting.place === "moon") throw new NoSuchPlace({ place: "moon" });
    if (sighting.place === "dark") throw new Closed();
    await this.#readers.send(sighting);
    return sighting.count === 0 ? -1 : count;
  }

  async *sightings(near?: string): AsyncIterable<Sighting> {
    for await (const [, one] of this.#sightings.walk()) {
      if (one.place === (near ?? one.place)) yield one;
    }
  }

  async *watch(): AsyncIterable<Sighting> {
    yield* this.sightings();
    yield* this.#readers.follow("all");
  }

  numbers(to: bigint): AsyncIterable<bigint> {
    return this.#numbers(this.run.handle === "h-small" ? 2n : to);
  }

  async *many(): AsyncIterable<number> {
    for (let n = 0; n < 1_000; n++) yield await Promise.resolve(n);
  }

  count(): number {
    return 3;
  }

  readonly #ask = this.posts("asked", CapybaraClient, "report", async (n: number, outcome, to) => {
    const heard = "ok" in outcome ? outcome.ok : outcome.error;
    this.#heard.put(String(n), [to.person, heard instanceof NoSuchPlace ? heard.data : `${heard}`]);
    await Promise.resolve();
  });
  readonly #heard = this.table<unknown>("heard");

  async tell(friends: readonly string[]): Promise<void> {
    await this.#ask(friends, [{ place: "pond", count: 7 }], { note: 7 });
  }

  async total(friends: readonly string[]): Promise<number> {
    const counts = await Promise.all(friends.map((of) => this.peer({ of }).count()));
    return counts.reduce((sum, count) => sum + count, 0);
  }
}

const SIGHTING: Type = {
  record: [["place", "string"], ["count", "u32"], ["seen-by", { option: "string" }]],
};
const REFUSALS: Type = { variant: [["no-such-place", { record: [["place", "string"]] }]] };
const SHAPE: PodShape = {
  offers: [
    sketchOffer("pod:capybara/capybara", "", [
      sketchFunction("report", [["sighting", SIGHTING]], { result: ["u32", REFUSALS] }, {
        errors: [["no-such-place", "NoSuchPlace"]],
      }),
      sketchFunction("sightings", [["near", { option: "string" }]], { stream: SIGHTING }),
      sketchFunction("watch", [], { stream: SIGHTING }),
      sketchFunction("numbers", [["to", "u64"]], { stream: "u64" }),
      sketchFunction("many", [], { stream: "u16" }),
      sketchFunction("tell", [["friends", { list: "string" }]], null),
      sketchFunction("count", [], "u8"),
      sketchFunction("total", [["friends", { list: "string" }]], "f64"),
    ]),
    sketchOffer("pod:capybara/pond", "pond", [
      sketchFunction("enter", [], { result: [null, { variant: [["closed", null]] }] }, {
        errors: [["closed", "Closed"]],
      }),
    ]),
  ],
  verbs: [],
};

const open = () => new FakePeriphery(Capybara, ABOUT, OWNER, SHAPE, { NoSuchPlace });
const call = async (fake: FakePeriphery, name: string, args: unknown[], handle?: string) => {
  const of = name === "enter" ? "pod:capybara/pond" : "pod:capybara/capybara";
  return await fake.begin(FRIEND, of, name, JSON.stringify(args), handle).ended;
};
const seen = (place: string, count = 1) => ({ place, count, "seen-by": null });
const items = (fake: FakePeriphery) =>
  fake.answers.map(({ part }) => part.tag === "item" ? JSON.parse(part.val) : part.tag);

Deno.test("a public method is run with native values and answers with JSON", async () => {
  const fake = open();
  deepStrictEqual((await call(fake, "report", [seen("pond")])).result, { ok: 1 });
  deepStrictEqual(fake.rows("sightings"), [
    ["1", { place: "pond", count: 1, seenBy: FRIEND.person }],
  ]);
});

Deno.test("an error that the function declares is its result, and nothing else has happened", async () => {
  const fake = open();
  const { result } = await call(fake, "report", [seen("moon")]);
  deepStrictEqual(result, { err: { tag: "no-such-place", val: { place: "moon" } } });
  deepStrictEqual((await call(fake, "enter", [])).result, { err: { tag: "closed" } });
  deepStrictEqual([fake.rows("sightings"), fake.rows("open")], [[], []]);
  const { failure } = await call(fake, "report", [seen("dark")]);
  deepStrictEqual([failure?.kind, failure?.subject], ["invalid", "closed"]);
});

Deno.test("a method on a field of the pod is a function of that interface", async () => {
  const fake = open();
  fake.tables.set("open", new Map([["door", "true"]]));
  deepStrictEqual((await call(fake, "enter", [])).result, { ok: null });
});

Deno.test("a result out of its bounds is refused with function and place", async () => {
  const { failure } = await call(open(), "report", [seen("pond", 0)]);
  deepStrictEqual([failure?.op, failure?.subject], [
    "answer report",
    "result is -1, less than u32 takes",
  ]);
});

Deno.test("a generator gives a stream, and one that follows is gone on with in later runs", async () => {
  const fake = open();
  await call(fake, "report", [seen("pond")]);
  strictEqual((await call(fake, "watch", [], "h1")).result, null);
  await call(fake, "sightings", ["pond"], "h2");
  await call(fake, "sightings", ["sea"], "h3");
  await call(fake, "report", [seen("lake", 2)]);
  const first = { place: "pond", count: 1, "seen-by": FRIEND.person };
  deepStrictEqual(items(fake), [first, first, "end", "end", seen("lake", 2)]);
  deepStrictEqual(fake.rows("readers"), [
    ["h1", { of: "pod:capybara/capybara#watch", tag: "all" }],
  ]);
});

Deno.test("a generator gives as many values as it likes, some in each run", async () => {
  for (const isNew of [false, true]) {
    const fake = open();
    fake.holdsErrands = true;
    await call(fake, "many", [], "h1");
    const seen: number[] = [];
    while (fake.errands.length > 0) {
      seen.push(items(fake).length);
      if (isNew) fake.restart();
      await fake.runErrand();
    }
    deepStrictEqual(seen, [150, 300, 450, 600, 750, 900]);
    deepStrictEqual(items(fake), [...Array(1_000).keys(), "end"]);
  }
});

Deno.test("pages go on with the type of their function", async () => {
  const fake = open();
  fake.holdsErrands = true;
  await call(fake, "numbers", ["120"], "h-small");
  deepStrictEqual(items(fake), ["1", "2", "end"]);
});

Deno.test("a stream cannot answer a call that takes one answer", async () => {
  const { failure } = await call(open(), "watch", []);
  strictEqual(failure?.kind, "invalid");
});

Deno.test("a class that lacks what it offers is not opened", () => {
  class Empty extends Pod {}
  const host = {} as Host;
  throws(
    () => openGuest(Empty, host, ABOUT, SHAPE),
    /capybara offers pod:capybara\/capybara and has/,
  );
});

Deno.test("what is posted comes back to its handler as native values and typed errors", async () => {
  const fake = open();
  await call(fake, "tell", [[FRIEND.person]]);
  const [post] = fake.posts;
  strictEqual(post?.arguments, '[{"place":"pond","count":7,"seen-by":null}]');
  await fake.answer(post!, { ok: { ok: 3 } });
  deepStrictEqual(fake.rows("heard"), [["7", [FRIEND.person, "3"]]]);
  await fake.answer(post!, { ok: { err: { tag: "no-such-place", val: { place: "moon" } } } });
  deepStrictEqual(fake.rows("heard"), [["7", [FRIEND.person, { place: "moon" }]]]);
  await fake.answer(post!, { error: { kind: "busy", op: "answer", subject: "later" } });
  deepStrictEqual(fake.rows("heard"), [["7", [FRIEND.person, "Refusal: cannot answer: later"]]]);
});

/** Calls go to the fake pod of a friend and come back. */
function portTo(fake: FakePeriphery): PeerPort {
  const ask = async (
    ref: { interface: string; function: string },
    args: unknown,
    handle?: string,
  ) => {
    const { result, failure } = await fake
      .begin(FRIEND, ref.interface, ref.function, JSON.stringify(args), handle).ended;
    if (failure !== undefined) throw refusalOf(failure);
    return result;
  };
  return {
    call: async (ref, _to, args) => await ask(ref, args) as never,
    open: async function* (ref, _to, args) {
      await ask(ref, args, "h");
      for (const { part } of fake.answers) if (part.tag === "item") yield JSON.parse(part.val);
    },
  };
}

const peerOf = (fake: FakePeriphery, field = 0, errors = {}) =>
  openPeer(portTo(fake), SHAPE.offers[field]!, errors, { of: "bob" });

Deno.test("a peer's functions are called as methods, with the errors they declare", async () => {
  const capybara = peerOf(open(), 0, { NoSuchPlace }) as Remote<Capybara>;
  strictEqual(await capybara.report({ place: "pond", count: 2 }), 1);
  const seen: Sighting[] = [];
  for await (const one of capybara.sightings("pond")) seen.push(one);
  deepStrictEqual(seen, [{ place: "pond", count: 2, seenBy: FRIEND.person }]);
  await rejects(capybara.report({ place: "moon", count: 2 }), (error) => {
    ok(error instanceof NoSuchPlace);
    deepStrictEqual(error.data, { place: "moon" });
    match(error.message, /no such place \(place: moon\)/);
    return true;
  });
  await rejects(
    capybara.report({ place: "x", count: -2 }),
    /call report: sighting.count is -2, less/,
  );
  await rejects((peerOf(open(), 1) as Remote<Pond>).enter(), {
    name: "Refusal",
    subject: "closed",
  });
});

Deno.test("a peer is no promise, and has no functions that its interface lacks", async () => {
  const capybara = peerOf(open()) as Record<string, unknown>;
  strictEqual(await capybara, capybara);
  deepStrictEqual([capybara.then, capybara.table, capybara.toString], [
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("public members of a pod are no functions of it", () => {
  // Fails to compile when a member is forgotten in `Inherited`.
  const forgotten: Exclude<keyof Pod | keyof Capability, Inherited>[] = [];
  deepStrictEqual(forgotten, []);
  bindFace(Capybara, SHAPE, {});
});

Deno.test("names that the SDK keeps for itself cannot be declared, nor one name twice", () => {
  for (const name of ["cancelled", "sdk:page"]) {
    class Wrong extends Pod {
      readonly ask = this.posts(name, CapybaraClient, "report", () => {});
    }
    throws(() => new Wrong({} as Run), /keeps for itself/);
  }
  class Twice extends Pod {
    readonly ask = this.posts("asked", CapybaraClient, "report", () => {});
    readonly remind = this.later("asked", () => {});
  }
  throws(() => new Twice({} as Run), /declare asked twice/, "one would get what is for the other");
  const makers: ((pod: Pod) => unknown)[] = [
    (pod) => pod.table("sdk:runs"),
    (pod) => pod.table("sdk:fields"),
    (pod) => pod.subscribers("sdk:pages"),
  ];
  for (const make of makers) {
    class Wrong extends Pod {
      readonly rows = make(this);
    }
    throws(() => new Wrong({} as Run), /keeps for itself/);
  }
});
