/**
 * Two people on one server. Alice owns it and keeps a diary there; Eve, whom she has invited, wants
 * to read it, to stop it, to speak for it, to see with whom Alice writes, and to run the server.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { JsonRecord } from "../../runtime/model/control.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { Visitor } from "../../runtime/testing/visit.ts";
import type { TestPerson } from "../helpers/village.ts";
import { componentOf } from "../periphery/guests.ts";
import { lodge } from "../periphery/lodge.ts";
import { type Home, Town } from "../periphery/town.ts";

/**
 * What becomes of each operation when a guest asks for what is another's. `own`: it answers, with
 * what is the guest's own or known to all. There is no operation that is not here.
 */
const TABLE: Readonly<Record<string, "not-found" | "denied" | "damaged" | "invalid" | "own">> = {
  "claim": "denied",
  "key.publish": "denied",
  // What has been signed for everybody to see.
  "key.lineage": "own",
  "key.tell": "invalid",
  "key.succeed": "invalid",
  "person.join": "damaged",
  "behalf.list": "own",
  "behalf.show": "not-found",
  "behalf.renew": "not-found",
  "behalf.revoke": "not-found",
  "status": "own",
  "doctor": "own",
  "who": "own",
  // They are asked to sign for a pod of their own, and do not.
  "pod.install": "denied",
  "pod.list": "own",
  "pod.info": "not-found",
  "pod.limit": "not-found",
  "pod.stop": "not-found",
  "pod.start": "not-found",
  "pod.remove": "not-found",
  "pod.renew": "not-found",
  "pod.rollback": "not-found",
  "pod.confirm": "not-found",
  "pod.logs": "not-found",
  "pod.replay": "not-found",
  "pod.run": "not-found",
  "pod.complete": "not-found",
  "capability.list": "own",
  "capability.show": "not-found",
  "capability.source": "not-found",
  "outbox.list": "own",
  "outbox.show": "not-found",
  "outbox.retry": "not-found",
  "outbox.drop": "not-found",
  "outbox.export": "own",
  "outbox.settle": "damaged",
  "inbox.list": "own",
  "inbox.import": "damaged",
  "trace": "not-found",
  "person.list": "own",
  "person.invite": "denied",
  "person.limit": "denied",
  "person.remove": "denied",
  "friend.add": "denied",
  "friend.list": "denied",
  "friend.remove": "denied",
  "invitation.make": "own",
  "invitation.list": "own",
  "invitation.cancel": "not-found",
  "invitation.accept": "invalid",
  "trust.person": "own",
  "trust.take": "invalid",
  "trust.show": "own",
  "trust.export": "own",
};

/** What only Alice may read; none of it may stand in anything that Eve is told. */
const DIARY = "diary";
const SECRET = "meet-me-at-noon";
const CORRESPONDENT = "http://carol.example";

/** A server with a diary, a letter that waits and a friend; who Eve is, who has nothing there. */
async function scene(town: Town) {
  const [alice, carol] = [await town.settle("alice"), await town.settle("carol")];
  await town.befriend(alice, carol);
  await alice.install("probe", { name: DIARY });
  await alice.visit("pod.run", { pod: DIARY, argv: ["say", SECRET] });
  await town.rest();
  await carol.stop();
  await alice.hey("leave-message", "carol", SECRET);
  await town.rest();
  const [letter] = (await alice.visit("outbox.list")).items;
  await alice.visit("invitation.make");
  const [invitation] = (await alice.visit("invitation.list")).items;
  const eve = await lodge(town, alice, "eve");
  return {
    invitation: String(invitation!.id),
    alice,
    carol,
    eve: eve.as,
    token: String(letter!.token),
  };
}

type Scene = Awaited<ReturnType<typeof scene>>;

/** Everything Eve could say to name what is Alice's. */
function aimed({ alice, token, invitation }: Scene, pod: string): JsonRecord {
  return {
    certificate: alice.owner.certificate.toBase64(),
    person: alice.owner.fingerprint,
    pod,
    argv: ["list", "--all"],
    text: "carol",
    url: CORRESPONDENT,
    friend: CORRESPONDENT,
    token,
    letter: token,
    id: invitation,
    pods: [pod],
    reason: "superseded",
    name: DIARY,
    limits: { state: "1G" },
    share: { pods: "1000" },
    secret: "AAAAAAAAAAAAAAAAAAAAAA==",
    document: "peri join 1\n",
    signature: "AAAA",
  };
}

/** What becomes of an operation, what it answered, and all that was said. */
async function attempt(alice: Home, name: string, args: JsonRecord, eve: TestPerson) {
  const isFollowed = name === "pod.logs" ? { interrupted: AbortSignal.abort() } : {};
  const visitor = new Visitor({
    person: eve.fingerprint,
    input: name === "pod.install" ? await componentOf("probe") : "",
    sign: () => Promise.reject(new PeriError("denied", { op: "sign", subject: "only looking" })),
    ...isFollowed,
  });
  let error: PeriError | undefined;
  try {
    await visitor.ask(alice.operation(name), args);
  } catch (thrown) {
    if (!(thrown instanceof PeriError)) throw thrown;
    error = thrown;
  }
  const { items, notes, asked, stdout, stderr } = visitor;
  const answer = JSON.stringify([items, notes, stdout, stderr]);
  return {
    outcome: error?.kind ?? "own",
    answer,
    said: JSON.stringify([answer, asked, error?.toRecord()]),
  };
}

Deno.test("a guest who asks for what is the owner's finds nothing there, whatever the operation", async () => {
  await using town = new Town();
  const at = await scene(town);
  const { alice, eve } = at;
  const others = () =>
    JSON.stringify(alice.disk.rows().filter(({ key }) => !key.includes(eve.fingerprint)));
  const before = others();
  const operations = [...alice.periphery.desk.operations.keys()].sort();
  assert.deepEqual(operations, Object.keys(TABLE).sort(), "each operation is in the table");
  for (const name of operations) {
    for (const pod of [DIARY, "hey", "periphery"]) {
      const { outcome, answer, said } = await attempt(alice, name, aimed(at, pod), eve);
      const what = `${name} ${pod}: ${said}`;
      assert.equal(outcome, TABLE[name], what);
      assert.ok(!said.includes(SECRET), what);
      assert.ok(!answer.includes(DIARY) && !answer.includes(at.token), what);
    }
  }
  // Who a pod belongs to is said by who has come in, never by what they type.
  const foreign = `${alice.owner.fingerprint}/hey`;
  for (const [name, expected] of Object.entries(TABLE)) {
    if (!name.startsWith("pod.") || expected !== "not-found") continue;
    assert.equal((await attempt(alice, name, aimed(at, foreign), eve)).outcome, "invalid", name);
  }
  assert.equal(others(), before, "nothing of it has changed anything of others");
});

Deno.test("what a guest has of the same name is the guest's, and the owner's is untouched", async () => {
  await using town = new Town();
  const at = await scene(town);
  const { alice } = at;
  const eve = { as: at.eve };
  await alice.install("probe", { name: DIARY }, eve);
  await alice.install("hey", {}, eve);
  const count = async (wishes = {}) =>
    (await alice.visit("pod.run", { pod: DIARY, argv: ["count"] }, wishes)).lines;
  assert.deepEqual([await count(eve), await count(eve), await count()], [["1"], ["2"], ["1"]]);
  for (const operation of ["pod.stop", "pod.limit", "pod.remove"]) {
    await alice.visit(operation, { pod: DIARY, limits: { state: "1M" } }, eve);
  }
  assert.deepEqual(await count(), ["2"]);
  const [info] = (await alice.visit("pod.info", { pod: DIARY })).items;
  assert.notEqual(info!.maxStateBytes, 1024 * 1024);
  // Names of people are those of the hey pod of who asks.
  const names = async (wishes = {}) =>
    (await alice.visit("who", { text: at.carol.owner.fingerprint }, wishes)).items[0]!.names;
  assert.deepEqual([await names(), await names(eve)], [["carol"], []]);
  const listed = async (name: string) => JSON.stringify((await alice.visit(name, {}, eve)).items);
  for (const name of ["outbox.list", "inbox.list", "trace", "pod.replay", "capability.list"]) {
    assert.ok(!(await listed(name)).includes(at.token), name);
  }
});

Deno.test("the owner sees how much a guest uses and how many pods there are, and nothing inside", async () => {
  await using town = new Town();
  const alice = await town.settle("alice");
  const bob = await lodge(town, alice, "bob");
  await alice.install("probe", { name: DIARY }, bob);
  await alice.visit("pod.run", { pod: DIARY, argv: ["say", SECRET] }, bob);
  await alice.visit("pod.run", { pod: DIARY, argv: ["count"] }, bob);
  const [, guest] = (await alice.visit("person.list")).items;
  assert.deepEqual([guest!.pods, Number(guest!.stateBytes) > 0], [1, true]);
  const eves = new Set(["not-found", "own"]);
  for (const [name, expected] of Object.entries(TABLE)) {
    if (!name.startsWith("pod.") || expected !== "not-found") continue;
    const { outcome, said } = await attempt(alice, name, { pod: DIARY, argv: [] }, alice.owner);
    assert.ok(eves.has(outcome) && !said.includes(SECRET), `${name}: ${said}`);
  }
  for (const name of ["status", "doctor", "person.list", "pod.list", "trace", "capability.list"]) {
    const { items } = await alice.visit(name);
    assert.ok(!JSON.stringify(items).includes(DIARY), `${name}: ${JSON.stringify(items)}`);
  }
});
