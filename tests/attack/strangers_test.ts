/**
 * What people whom nobody knows, and people who are blocked, try to leave. Each test tells the hole
 * first. `FLOOD=10000` makes a larger flood, and `FLOOD_KEYS=real` one of OpenPGP keys.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Mail } from "../../pods/hey/generated.ts";
import { MAX_WAITING } from "../../pods/hey/pending.ts";
import { MemoryStore } from "../../runtime/adapters/memory/store.ts";
import { messageToCbor } from "../../runtime/boxes/body.ts";
import { type BundleHead, encodeBundle } from "../../runtime/boxes/bundle.ts";
import { ENVELOPES_PATH } from "../../runtime/boxes/mod.ts";
import { decodeReceipt, type Receipt } from "../../runtime/boxes/receipt.ts";
import { decodeWho } from "../../runtime/directory/wire.ts";
import { parseBehalf } from "../../runtime/identity/behalf.ts";
import { encodeLineage } from "../../runtime/identity/succession/lineage.ts";
import { encodeCbor } from "../../runtime/model/cbor.ts";
import { decodeReplies, encodePost, type Envelope } from "../../runtime/model/envelope.ts";
import type { Bytes } from "../../runtime/model/bytes.ts";
import {
  epochFromBytes,
  type Fingerprint,
  parseCapabilityId,
  parseFunctionId,
  parseFunctionName,
  parseInterfaceName,
  type PodRef,
  tokenFromBytes,
} from "../../runtime/model/words.ts";
import { gateRequest } from "../../runtime/testing/house.ts";
import { successionOf } from "../helpers/lineage.ts";
import { makePod, type TestPerson, type TestPod } from "../helpers/village.ts";
import { type Home, ownerOf, Town } from "../periphery/town.ts";

/** Fingerprints that come, and people who wait already. */
const FLOOD = Number(Deno.env.get("FLOOD") ?? 100);
const WAITING = Deno.env.has("FLOOD") ? 0 : MAX_WAITING - 25;
/** Envelopes in one request. */
const AT_ONCE = 25;
const KEYS = Deno.env.get("FLOOD_KEYS") === "real" ? "real" : "light";

interface Target {
  readonly ref: PodRef;
  readonly podKey: Fingerprint;
  readonly certificate: Bytes;
}

/** A pod as everybody can ask for it. */
async function targetOf(house: Home, pod = "hey"): Promise<Target> {
  const reply = await house.periphery.gate(
    gateRequest("GET", `/peri/v1/who/${ownerOf(house)}/${pod}`),
  );
  const { entry } = decodeWho(reply.body as Uint8Array);
  const behalf = parseBehalf(entry!.document);
  const { person, pod: name, podKey, podCertificate } = behalf;
  return { ref: { person, pod: name }, podKey, certificate: podCertificate };
}

/** A sealed letter by a pod of somebody. */
async function letterOf(
  town: Town,
  sender: TestPod,
  to: Target,
  { text = "hello", head = {}, n = 1 }: {
    readonly text?: string;
    readonly head?: Partial<BundleHead>;
    readonly n?: number;
  } = {},
) {
  const nowMs = town.clock.nowMs();
  const [leave] = Mail.shape.functions;
  const call = {
    kind: "call",
    token: tokenFromBytes(crypto.getRandomValues(new Uint8Array(16))),
    capability: parseCapabilityId(Mail.shape.capability),
    interface: parseInterfaceName(Mail.shape.interface),
    function: parseFunctionName(leave!.name),
    functionId: parseFunctionId(leave!.functionId),
    payload: JSON.stringify([{ id: `x${n}`, text, "in-reply-to": null }]),
  } as const;
  const { person, pod, podKey, serial } = sender.behalf;
  const message = { sequence: n, createdMs: nowMs, expiresMs: nowMs + 60_000, body: call };
  const content = encodeBundle({
    from: { person, pod },
    to: to.ref,
    key: podKey,
    serial,
    introduction: sender.introduction,
    epoch: epochFromBytes(new Uint8Array(16)),
    receiptKey: new Uint8Array(32).fill(7),
    sentMs: nowMs,
    ...head,
  }, [encodeCbor(messageToCbor(message))]);
  const sealed = await town.pgp.seal(sender.secretKey, to.certificate, content);
  return { to: to.podKey, sealed } satisfies Envelope;
}

type Said = Receipt | { readonly hint: string };

/** What a house says to envelopes. */
async function postAll(house: Home, envelopes: readonly Envelope[]): Promise<Said[]> {
  const request = gateRequest("POST", ENVELOPES_PATH, encodePost(envelopes));
  const replies = decodeReplies((await house.periphery.gate(request)).body as Uint8Array);
  return replies.map((reply) =>
    "mac" in reply ? decodeReceipt(reply.content) : { hint: reply.hint }
  );
}

async function post(house: Home, envelope: Envelope): Promise<Said> {
  const [said] = await postAll(house, [envelope]);
  return said!;
}

const kindOf = (said: Said) =>
  "hint" in said ? said.hint : said.refused?.kind ?? (said.through > 0 ? "taken" : "asked");

Deno.test("a flood of new fingerprints fills its part, then wakes no pod and leaves no row", async () => {
  // A program makes keys, one for each greeting: rows, runs of the pod and answers to servers that
  // do not exist, ten thousand of each, and Bob's acquaintances find no room.
  await using town = new Town(KEYS);
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  await letWait(bob, WAITING);
  const target = await targetOf(bob);
  const carol = await town.person("carol");
  const carolsPod = await makePod(town.pgp, town.clock, carol, {
    endpoint: "http://carol.example",
  });
  await bob.hey("leave-message", carol.fingerprint, "are you there?");
  const greeting = async (name: string) => {
    const endpoint = `http://${name}.example`;
    const pod = await makePod(town.pgp, town.clock, await town.person(name), { endpoint });
    return await letterOf(town, pod, target);
  };
  const said = new Map<string, number>();
  let spentMs = 0;
  let refused = 0;
  let before: { readonly rows: number; readonly asked: number } | undefined;
  let asked = 0;
  bob.came = (what) => what.startsWith("request") && asked++;
  for (let n = 0; n < FLOOD; n += AT_ONCE) {
    const envelopes = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, at) => greeting(`s${n + at}`)),
    );
    const startMs = performance.now();
    const kinds = (await postAll(bob, envelopes)).map(kindOf);
    if (kinds.every((kind) => kind === "over-quota")) {
      spentMs += performance.now() - startMs;
      refused += kinds.length;
      before ??= { rows: await rowsOf(bob), asked };
    } else await town.rest(AT_ONCE);
    for (const kind of kinds) said.set(kind, (said.get(kind) ?? 0) + 1);
  }
  if (FLOOD > 1_000 || KEYS === "real") {
    console.log(`${refused} refused, ${(spentMs / refused).toFixed(2)} ms each`);
  }
  assert.deepEqual([...said], [
    ["taken", MAX_WAITING - WAITING],
    ["over-quota", FLOOD + WAITING - MAX_WAITING],
  ]);
  assert.deepEqual({ rows: await rowsOf(bob), asked }, before);
  // Who is known finds the door open: by name, and because Bob has written to them.
  await alice.hey("leave-message", "bob", "is anything wrong?");
  await town.until(async () => (await bob.letters()).length === 1, "a friend's letter is there");
  assert.equal(kindOf(await post(bob, await letterOf(town, carolsPod, target))), "taken");
  const heir = await heirOf(town, carol);
  assert.equal(kindOf(await post(bob, await letterOf(town, heir.pod, target, heir))), "taken");
  await bob.hey("refuse", "--unknown");
  assert.equal(kindOf(await post(bob, await greeting("late"))), "taken");
});

Deno.test("who is blocked comes in with no pod and no new key, and nobody can ask about them", async () => {
  await using town = new Town();
  const bob = await town.settle("bob");
  const target = await targetOf(bob);
  const eve = await town.person("eve");
  const podOf = async (person: TestPerson, pod: string) =>
    await makePod(town.pgp, town.clock, person, { pod, endpoint: "http://eve.example" });
  const hey = await podOf(eve, "hey");
  assert.equal(kindOf(await post(bob, await letterOf(town, hey, target))), "taken");
  await bob.hey("block", eve.fingerprint);
  const rows = await rowsOf(bob);
  // The same pod, a second one, and one by which Eve would reach another pod of Bob's.
  for (const [name, n] of [["hey", 2], ["diary", 1], ["mail", 1]] as const) {
    const pod = name === "hey" ? hey : await podOf(eve, name);
    const receipt = await post(bob, await letterOf(town, pod, target, { n }));
    assert.equal(kindOf(receipt), "denied", name);
    assert.doesNotMatch(JSON.stringify(receipt), /block/);
  }
  const server = await targetOf(bob, "periphery");
  assert.equal(kindOf(await post(bob, await letterOf(town, hey, server, { n: 3 }))), "denied");
  assert.equal(await rowsOf(bob), rows);
  // Mallory writes in Eve's name to learn from the refusal what Bob thinks of her.
  const mallory = await podOf(await town.person("mallory"), "hey");
  const { behalf: { person, pod, podKey }, introduction } = hey;
  const lies = [
    { from: { person, pod } },
    { from: { person, pod }, introduction },
    { from: { person, pod }, key: podKey, introduction },
  ];
  for (const head of lies) {
    const kind = kindOf(await post(bob, await letterOf(town, mallory, target, { head })));
    assert.ok(["denied", "asked"].includes(kind));
    const other = { ...head, from: { ...head.from, person: ownerOf(bob) } };
    assert.equal(
      kind,
      kindOf(await post(bob, await letterOf(town, mallory, target, { head: other }))),
    );
  }
  await bob.hey("unblock", eve.fingerprint);
  assert.equal(kindOf(await post(bob, await letterOf(town, hey, target, { n: 4 }))), "taken");
  // The first envelope of Eve's next key is what tells Bob's server whose place it takes.
  await bob.hey("block", eve.fingerprint);
  const heir = await heirOf(town, eve);
  assert.equal(kindOf(await post(bob, await letterOf(town, heir.pod, target, heir))), "denied");
});

/** The hey pod of somebody's next key, and what its first envelope says of that. */
async function heirOf(town: Town, person: TestPerson) {
  const next = await town.person(`${person.fingerprint} next`);
  const signers = [person, next];
  const lineage = await successionOf(town.pgp, "key", [person, next], { signers });
  const pod = await makePod(town.pgp, town.clock, next, { endpoint: "http://next.example" });
  return { pod, head: { lineages: [encodeLineage(lineage)] } };
}

/** Has people wait at the hey pod of a house, as it keeps them. */
async function letWait(house: Home, count: number): Promise<void> {
  const sinceMs = house.town.clock.nowMs();
  const row = (table: string, key: string, value: unknown) => ({
    key: ["pod", ownerOf(house), "hey", "state", table, key],
    value: JSON.stringify(value),
  });
  const people = Array.from({ length: count }, (_, n) => {
    const person = `F${n.toString(16).toUpperCase().padStart(39, "0")}`;
    return row("pending", person, { person, distance: "unknown", sinceMs, greetings: [] });
  });
  const counts = [row("waiting", "unknown", count), row("waiting", "oldest-unknown", sinceMs)];
  await new MemoryStore(house.disk).commit({ puts: [...people, ...counts] });
}

/** Rows on a house's disk. */
async function rowsOf(house: Home): Promise<number> {
  await house.town.rest(2);
  return house.disk.rows().length;
}
