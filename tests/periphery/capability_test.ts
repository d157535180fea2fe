/**
 * Who offers what: calls are held against behalfs before they are sent, and pods that share only
 * some functions use those (docs/PROTOCOL.md, "Matching").
 *
 * @module
 */

import assert from "node:assert/strict";
import { ENVELOPES_PATH } from "../../runtime/boxes/mod.ts";
import { encodeUtf8 } from "../../runtime/model/bytes.ts";
import { hashFunction, hashInterface } from "../../wit/canonical.ts";
import type { FunctionType } from "../../wit/types.ts";
import { componentOf } from "./guests.ts";
import { heard, hears, leftovers, tick, who } from "./ticker.ts";
import { type Home, Town } from "./town.ts";

interface Offer {
  interface: string;
  capability: string;
  functions: Record<string, { id: string; type: FunctionType }>;
  supersedes?: string[];
}

const WATCH = "test:ticker/watch";

/** The ticker pod with other offers: its class stays as it is. */
async function tickerWith(
  change: (watch: Offer) => readonly Offer[],
): Promise<Uint8Array<ArrayBuffer>> {
  const manifest = JSON.parse(new TextDecoder().decode(await componentOf("ticker", "0.0.9")));
  const offers: Offer[] = manifest.offers;
  const watch = offers.find((offer) => offer.interface === WATCH)!;
  const others = offers.filter((offer) => offer !== watch);
  return encodeUtf8(JSON.stringify({ ...manifest, offers: [...others, ...change(watch)] }));
}

/** An interface with these functions, whose hashes are worked out. */
function offerOf(name: string, types: Readonly<Record<string, FunctionType>>): Offer {
  const functions = Object.fromEntries(
    Object.entries(types).map(([key, type]) => [key, { id: hashFunction(name, key, type), type }]),
  );
  const ids = Object.fromEntries(Object.entries(functions).map(([key, { id }]) => [key, id]));
  return { interface: name, capability: hashInterface(name, ids), functions };
}

/** Alice has the ticker pod; Bob, her friend, has it with other offers. */
async function settlePair(town: Town, change: (watch: Offer) => readonly Offer[]) {
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  await alice.install("ticker");
  await bob.visit("pod.install", {}, { input: await tickerWith(change) });
  await town.rest(5);
  return { alice, bob, sent: requestsOf(alice) };
}

/** Paths that a house asks for from now on. */
function requestsOf(house: Home): string[] {
  const paths: string[] = [];
  const { link } = house;
  house.link = (request, deliver) => {
    paths.push(request.path.startsWith("/peri/v1/who/") ? "who" : request.path);
    return link(request, deliver);
  };
  return paths;
}

Deno.test("a call of what the recipient's behalf does not name is refused at once and never sent", async () => {
  await using town = new Town();
  const { alice, bob, sent } = await settlePair(town, () => []);
  await tick(alice, "ask", who(bob), "one");
  await tick(alice, "ask", who(bob), "two");
  const answers = await hears(alice, 2);
  for (const { error } of answers) {
    assert.equal(error?.kind, "missing-implementation");
    assert.match(
      error.subject,
      /^the pod ticker has no test:ticker\/watch#once with hash [0-9a-f]{64}/,
    );
    assert.match(error.subject, /\(capability [0-9a-f]{64}\): it does not offer this interface$/);
  }
  assert.deepEqual(sent, ["who"], "Bob's server was asked once, and got no message");
  await town.until(() => leftovers(alice, bob).length === 0, "nothing is left");
  assert.deepEqual(town.errors, []);
});

Deno.test("what is refused lets through what was posted before and behind it", async () => {
  await using town = new Town();
  const { alice, bob } = await settlePair(town, (watch) => [watch]);
  for (const what of ["one", "nowhere", "two", "nowhere", "three"]) {
    await tick(alice, "ask", who(bob), what);
  }
  const answers = await hears(alice, 5);
  const told = answers.map(({ about, ok, error }) => [about, ok ?? error?.kind]);
  assert.deepEqual(told.toSorted(), [
    ["nowhere", "missing-implementation"],
    ["nowhere", "missing-implementation"],
    ["one", "heard one"],
    ["three", "heard three"],
    ["two", "heard two"],
  ]);
  await town.until(() => leftovers(alice, bob).length === 0, "nothing is left");
});

Deno.test("a behalf that is out of date refuses nothing: the recipient's server is asked first", async () => {
  await using town = new Town();
  const { alice, bob, sent } = await settlePair(town, () => []);
  const { link } = bob;
  bob.link = (request, deliver) => {
    if (request.path !== "/peri/v1/book") return link(request, deliver);
    return Promise.reject(new Error("Bob can tell nobody of his new version"));
  };
  await bob.install("ticker", { upgrade: true });
  await tick(alice, "ask", who(bob), "one");
  assert.deepEqual((await hears(alice, 1))[0]?.ok, "heard one");
  assert.deepEqual(sent.slice(0, 2), ["who", ENVELOPES_PATH]);
});

Deno.test("while the recipient's server is away nothing is refused; once it is back, it is", async () => {
  await using town = new Town();
  const { alice, bob } = await settlePair(town, () => []);
  await bob.stop();
  await tick(alice, "ask", who(bob), "one");
  await town.clock.advance(60_000);
  assert.deepEqual(await heard(alice), []);
  await bob.open();
  assert.equal((await hears(alice, 1))[0]?.error?.kind, "missing-implementation");
});

Deno.test("an interface says in whose place it stands, and who asks for the old one is told", async () => {
  await using town = new Town();
  const { alice, bob } = await settlePair(town, (watch) => {
    const once: FunctionType = { params: [["what", "string"], ["how", "string"]], result: null };
    const newer = offerOf("test:ticker/watch-2", { once });
    return [{ ...newer, supersedes: [watch.capability] }];
  });
  await tick(alice, "ask", who(bob), "one");
  const [{ error } = {}] = await hears(alice, 1) as { error?: { kind: string; hint?: string } }[];
  assert.equal(error?.kind, "missing-implementation");
  assert.match(error.hint!, /^test:ticker\/watch-2 \(capability [0-9a-f]{64}\) supersedes what/);
});

Deno.test("who was built for three functions uses the two that are there", async () => {
  await using town = new Town();
  let wanted = "";
  let offered = "";
  const { alice, bob } = await settlePair(town, (watch) => {
    const { once, lines } = watch.functions;
    const some = offerOf(WATCH, { once: once!.type, lines: lines!.type });
    assert.equal(some.functions.once?.id, once!.id);
    [wanted, offered] = [watch.capability, some.capability];
    return [some];
  });
  assert.notEqual(wanted, offered);
  await tick(alice, "ask", who(bob), "one");
  assert.equal((await hears(alice, 1))[0]?.ok, "heard one");
  await tick(alice, "lines", who(bob), "2");
  const items = (await hears(alice, 4)).slice(1).map(({ item, end }) => item ?? end);
  assert.deepEqual(items, ["line 1", "line 2", true]);
  await tick(alice, "follow", who(bob), "tides");
  const { error } = (await hears(alice, 5))[4]!;
  assert.equal(error?.kind, "missing-implementation");
  assert.match(
    error.subject,
    new RegExp(`#follow with hash [0-9a-f]{64} \\(capability ${wanted}\\)`),
  );
  assert.match(error.subject, new RegExp(`without this function \\(capability ${offered}\\)$`));
});

Deno.test("a function of the same name with another type is named with both hashes", async () => {
  await using town = new Town();
  const hashes: string[] = [];
  const { alice, bob } = await settlePair(town, (watch) => {
    const once: FunctionType = { params: [["what", "u8"]], result: "string" };
    const other = offerOf(WATCH, { once });
    hashes.push(watch.functions.once!.id, other.functions.once!.id);
    return [other];
  });
  await tick(alice, "ask", who(bob), "one");
  const { error } = (await hears(alice, 1))[0]!;
  assert.ok(hashes.every((hash) => error?.subject.includes(`hash ${hash}`)), error?.subject);
});

Deno.test("pods of one capability stand side by side, each called by its own name", async () => {
  await using town = new Town();
  const { alice, bob } = await settlePair(town, (watch) => [watch]);
  await bob.install("ticker", { name: "second" });
  const none = await tickerWith(() => []);
  await bob.visit("pod.install", { name: "third" }, { input: none });
  await alice.install("ticker", { name: "asker" });
  const asker = async (...argv: string[]) =>
    (await alice.visit("pod.run", { pod: "asker", argv })).lines;
  for (const pod of ["ticker", "second", "third"]) await asker("ask", "--pod", pod, who(bob), pod);
  const answers = async () => (await asker("heard")).map((line) => JSON.parse(line));
  await town.until(async () => (await answers()).length === 3, "all have answered");
  const byPod = new Map((await answers()).map(({ about, ...answer }) => [about, answer]));
  assert.deepEqual([byPod.get("ticker"), byPod.get("second")], [
    { ok: "heard ticker" },
    { ok: "heard second" },
  ]);
  assert.match(byPod.get("third").error.subject, /^the pod third has no test:ticker\/watch#once/);
  const again = await bob.refusal("pod.install", { name: "second" }, { input: none });
  assert.deepEqual([again.kind, again.subject], ["exists", "there is a pod second already"]);
});

Deno.test("a person's pods are listed by what they offer and need, and shown one by one", async () => {
  await using town = new Town();
  const { bob } = await settlePair(town, (watch) => [{ ...watch, supersedes: ["1".repeat(64)] }]);
  await bob.install("ticker", { name: "second" });
  const listed = (await bob.visit("capability.list")).items;
  assert.deepEqual(listed.map((one) => [one.interface, one.offeredBy, one.neededBy]), [
    ...["introductions", "mail", "people", "petitions", "profiles", "signatures", "space"].map((
      name,
    ) => [
      `peri:hey/${name}`,
      ["hey"],
      [],
    ]),
    ["test:ticker/nowhere", [], ["second", "ticker"]],
    [WATCH, ["second", "ticker"], []],
  ]);
  assert.deepEqual(listed[8]!.supersedes, ["1".repeat(64)]);
  const shown = (await bob.visit("capability.show", { pod: "ticker" })).items;
  assert.deepEqual(shown.map((one) => [one.interface, one.capability, one.supersedes]), [
    [WATCH, listed[8]!.capability, ["1".repeat(64)]],
  ]);
  assert.match(String(shown[0]!.wit), /follow: func\(topic: string\) -> stream<u32>;/);
  const { kind } = await bob.refusal("capability.show", { pod: "nobody" });
  assert.equal(kind, "not-found");
});
