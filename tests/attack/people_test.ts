/**
 * Two people on one server. Alice owns it and keeps a diary there; Eve, whom she has invited, wants
 * to read it, to stop it, to speak for it, to see with whom Alice writes, and to run the server.
 *
 * @module
 */

import assert from "node:assert/strict";
import { decodeHello } from "../../runtime/directory/wire.ts";
import { checkIntroduction } from "../../runtime/identity/introduction.ts";
import {
  formatInvitation,
  invitationId,
  parseInvitation,
} from "../../runtime/identity/join/invitation.ts";
import { draftJoin, formatJoin } from "../../runtime/identity/join/text.ts";
import { encodeJoinRequest, encodeSealedJoin } from "../../runtime/identity/join/wire.ts";
import { encodeUtf8, equalBytes } from "../../runtime/model/bytes.ts";
import type { JsonRecord } from "../../runtime/model/control.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { Visitor } from "../../runtime/testing/visit.ts";
import type { TestPerson } from "../helpers/village.ts";
import { componentOf } from "../periphery/guests.ts";
import { invite, join, lodge } from "../periphery/lodge.ts";
import { type Home, Town } from "../periphery/town.ts";

/**
 * What becomes of each operation when a guest asks for what is another's. `own`: it answers, with
 * what is the guest's own or known to all. There is no operation that is not here.
 */
const TABLE: Readonly<Record<string, "not-found" | "denied" | "damaged" | "invalid" | "own">> = {
  "claim": "denied",
  "key.answer": "invalid",
  "key.answers": "invalid",
  "key.ask": "invalid",
  "key.petitions": "not-found",
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
  "pod.terminal": "not-found",
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

/** A request to join as somebody would seal it to a server who can do as they like. */
async function forge(town: Town, house: Home, line: string, wishes: {
  readonly signer: TestPerson;
  readonly certificate?: TestPerson;
  readonly text?: (honest: string) => string;
}): Promise<string> {
  const { secret } = parseInvitation(line);
  const { signer, certificate = signer, text = (honest) => honest } = wishes;
  const transport = town.network.transport();
  const hello = await transport.send({
    server: house.url,
    path: "/peri/v1/hello",
    maxReplyBytes: 100_000,
    timeoutMs: 1_000,
  });
  const { behalf } = await checkIntroduction(town.pgp, decodeHello(hello.body), town.clock.nowMs());
  const fields = { person: signer.fingerprint, server: house.url, serverKey: behalf.podKey };
  const honest = draftJoin({ ...fields, invitation: invitationId(secret) }, town.clock.nowMs());
  const document = text(formatJoin(honest));
  const request = encodeJoinRequest({
    secret,
    document,
    signature: await town.pgp.sign(signer.secretKey, encodeUtf8(document)),
    certificate: certificate.certificate,
  });
  const { secretKey } = await town.pgp.makePodKey("forger");
  const body = encodeSealedJoin(await town.pgp.seal(secretKey, behalf.podCertificate, request));
  const reply = await transport.send({
    server: house.url,
    path: "/peri/v1/join",
    body,
    maxReplyBytes: 8_192,
    timeoutMs: 1_000,
  });
  return reply.status === 200 ? "in" : new TextDecoder().decode(reply.body).trim();
}

Deno.test("Mallory, who has found an invitation, cannot use it in the name of another", async () => {
  await using town = new Town();
  const [alice, other] = [await town.settle("alice"), await town.settle("other")];
  const [bob, mallory] = [await town.person("bob"), await town.person("mallory")];
  const line = await invite(alice, { name: "bob" });
  const foreign = (await other.visit("person.invite")).items[0]!;
  const stranger = parseInvitation(String(foreign.invitation));
  const swap = (from: string, to: string) => (honest: string) => honest.replaceAll(from, to);
  const forgeries: Readonly<Record<string, Parameters<typeof forge>[3]>> = {
    "Bob's text with her signature": {
      signer: mallory,
      certificate: bob,
      text: swap(mallory.fingerprint, bob.fingerprint),
    },
    "Bob's certificate for her text": { signer: mallory, certificate: bob },
    "the owner's name": {
      signer: mallory,
      text: swap(mallory.fingerprint, alice.owner.fingerprint),
    },
    "a text for another server": {
      signer: mallory,
      text: (honest) => honest.replace(/server-key: .*/, `server-key: ${stranger.key}`),
    },
    "a text for another invitation": {
      signer: mallory,
      text: (honest) =>
        honest.replace(/invitation: .*/, `invitation: ${invitationId(stranger.secret)}`),
    },
    "a text that lives for ever": {
      signer: mallory,
      text: (honest) => honest.replace(/expires: 20/, "expires: 30"),
    },
    "a behalf in place of it": {
      signer: mallory,
      text: (honest) => honest.replace("peri join 1", "peri behalf 1"),
    },
  };
  for (const [what, wishes] of Object.entries(forgeries)) {
    assert.match(await forge(town, alice, line, wishes), /^(denied|damaged|exists): /, what);
  }
  const his = await invite(alice, { for: bob.fingerprint });
  assert.match(await forge(town, alice, his, { signer: mallory }), /^denied: /);
  const lost = formatInvitation({ ...parseInvitation(line), secret: stranger.secret });
  const read: Uint8Array[] = [];
  const merge = town.pgp.merge.bind(town.pgp);
  town.pgp.merge = (known, offered) => {
    read.push(offered);
    return merge(known, offered);
  };
  // She makes up secrets, with large keys that take a second each to look at.
  const made = await forge(town, alice, lost, {
    signer: mallory,
    text: (honest) => honest.replace(/server-key: .*/, `server-key: ${stranger.key}`),
  });
  assert.equal(made, await forge(town, alice, his, { signer: mallory }), "and hears no more");
  assert.ok(
    !read.some((bytes) => equalBytes(bytes, mallory.certificate)),
    "nor are they looked at",
  );
  assert.deepEqual((await alice.visit("person.list")).items.length, 3, "nobody has come in");
  assert.equal(await forge(town, alice, line, { signer: bob }), "in");
  // What Bob sent is sent again by who has seen it, after he was sent away.
  await alice.visit("person.remove", { person: "bob" });
  assert.match(await forge(town, alice, line, { signer: bob }), /^denied: /);
});

Deno.test("a server that stands at the address of another is sent nothing, and strangers open nothing", async () => {
  await using town = new Town();
  const [alice, mallory] = [await town.settle("alice"), await town.settle("mallory")];
  const bob = await town.person("bob");
  const line = await invite(alice);
  const asked: string[] = [];
  const moved = formatInvitation({ ...parseInvitation(line), server: mallory.url });
  await assert.rejects(join(town, moved, bob), (error: PeriError) => {
    assert.match(error.subject, /another server than the one that invites you/);
    return error.kind === "denied";
  });
  // Without an invitation that is open nothing is decrypted for anybody, whatever they send.
  const open = town.pgp.open.bind(town.pgp);
  town.pgp.open = (...args) => {
    asked.push("open");
    return open(...args);
  };
  const transport = town.network.transport();
  for (const body of [encodeSealedJoin(new Uint8Array(9)), new Uint8Array(100_000)]) {
    const reply = await transport.send({
      server: mallory.url,
      path: "/peri/v1/join",
      body,
      maxReplyBytes: 8_192,
      timeoutMs: 1_000,
    });
    assert.equal(reply.status, 403);
  }
  assert.deepEqual(asked, []);
});
