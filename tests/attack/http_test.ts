/**
 * What hostile clients, servers and friends try over HTTP, and what it comes to.
 *
 * @module
 */

import { equal, match, ok, rejects } from "node:assert/strict";
import { type HttpServerOptions, openHttpServer } from "../../runtime/adapters/http_server.ts";
import { openHttpTransport } from "../../runtime/adapters/http_transport.ts";
import { MemoryNetwork } from "../../runtime/adapters/memory/transport.ts";
import { systemClock } from "../../runtime/adapters/system_clock.ts";
import { Asker } from "../../runtime/directory/ask.ts";
import { peripheryOf } from "../../runtime/directory/friends.ts";
import {
  encodeNotice,
  encodePage,
  encodeSignedNotice,
  type Notice,
} from "../../runtime/directory/wire.ts";
import type { Answers } from "../../runtime/directory/answer.ts";
import { type FederationBounds, type Gate, openFederation } from "../../runtime/gate/federation.ts";
import { parseIpRange } from "../../runtime/model/address.ts";
import { type Bytes, encodeUtf8 } from "../../runtime/model/bytes.ts";
import { encodePost, type Envelope } from "../../runtime/model/envelope.ts";
import { MAX_POST_BYTES } from "../../runtime/model/limits.ts";
import { parsePodName, parseServerUrl, type ServerUrl } from "../../runtime/model/words.ts";
import { postHead, sendRaw } from "../helpers/raw.ts";
import {
  silentLog,
  type TestPerson,
  type TestServer,
  textOf,
  until,
  Village,
} from "../helpers/village.ts";
import { gateRequest } from "../../runtime/testing/house.ts";

const unasked = () => Promise.reject(new Error("not asked in this test"));
const NO_ANSWERS: Answers = { hello: unasked, book: unasked, who: unasked, notice: unasked };
const BOUNDS: FederationBounds = { requests: 64, bytes: 16 * 1024 * 1024, timeoutMs: 300 };

/** A real federation port with boxes that take everything. */
async function openPort(bounds = BOUNDS, options: HttpServerOptions = {}) {
  const received: Envelope[] = [];
  const gate = openFederation({
    receive: (envelopes) => {
      received.push(...envelopes);
      return Promise.resolve(envelopes.map(() => ({ hint: "busy" as const })));
    },
    answers: NO_ANSWERS,
    clock: systemClock,
    log: silentLog,
  }, bounds);
  const server = await openHttpServer({ host: "127.0.0.1", port: 0 }, gate, silentLog, options);
  const { port } = server.address;
  const post = async (body: Bytes) => {
    const headers = { "content-type": "application/cbor" };
    const url = `http://127.0.0.1:${port}/peri/v1/envelopes`;
    const reply = await fetch(url, { method: "POST", body, headers });
    await reply.body?.cancel();
    return reply.status;
  };
  return { port, received, post, [Symbol.asyncDispose]: () => server.close(0) };
}

const GOOD = encodePost([{ to: "AB".repeat(20) as Envelope["to"], sealed: new Uint8Array(900) }]);

Deno.test("a body of 100 MB is refused by its declared length, unread", async () => {
  await using there = await openPort();
  const reply = await sendRaw({
    port: there.port,
    head: postHead(100_000_000),
    bodyBytes: 100_000_000,
  });
  match(reply.text, /^HTTP\/1\.1 413 /);
  ok(reply.closed, "the connection is closed");
  ok(reply.sentBytes < 20_000_000, `${reply.sentBytes} bytes went into buffers`);
  equal(await there.post(GOOD), 200);
});

Deno.test("of a body that is declared too long not one byte is asked for", async () => {
  const parts = { answers: NO_ANSWERS, clock: systemClock, log: silentLog, receive: unasked };
  const reply = await openFederation(parts, BOUNDS)({
    ...gateRequest("POST", "/peri/v1/envelopes", GOOD),
    declaredBytes: MAX_POST_BYTES + 1,
    body: () => {
      throw new Error("asked for");
    },
  });
  equal(reply.status, 413);
});

Deno.test("a body that grows without a declared length is cut at the bound", async () => {
  await using there = await openPort({ ...BOUNDS, timeoutMs: 5_000 });
  const part = encodeUtf8(`10000\r\n${"x".repeat(65_536)}\r\n`);
  const reply = await sendRaw({
    port: there.port,
    head: postHead("chunked"),
    part,
    bodyBytes: 100_000_000,
  });
  match(reply.text, /^HTTP\/1\.1 413 /);
  ok(reply.closed, "the connection is closed");
  ok(reply.sentBytes < 5 * MAX_POST_BYTES, `${reply.sentBytes} bytes were taken`);
  equal(there.received.length, 0);
});

Deno.test("a body that comes drop by drop is given up, and its connection closed", async () => {
  await using there = await openPort();
  const started = performance.now();
  const reply = await sendRaw({ port: there.port, head: postHead(1_000) + "drop" });
  match(reply.text, /^HTTP\/1\.1 408 /);
  ok(reply.closed, "the connection is closed");
  ok(performance.now() - started < 10_000);
});

Deno.test("a connection without a request, or with half a head, is closed", async () => {
  await using there = await openPort(BOUNDS, { headTimeoutMs: 300 });
  const heads = ["", "POST /peri/v1/envelopes HTTP/1.1\r\nhost: x\r\nx-slow: "];
  const replies = await Promise.all(heads.map((head) => sendRaw({ port: there.port, head })));
  for (const { closed } of replies) ok(closed);
});

Deno.test("slow senders do not keep others out", async () => {
  await using there = await openPort({ ...BOUNDS, requests: 40, timeoutMs: 1_000 });
  const slow = Array.from(
    { length: 30 },
    () => sendRaw({ port: there.port, head: postHead(1_000) + "drop" }),
  );
  await until(async () => await there.post(GOOD) === 200, "a good request is served");
  for (const { text } of await Promise.all(slow)) match(text, /^HTTP\/1\.1 408 /);
});

Deno.test("more requests at once than there is room for are told to come back", async () => {
  await using there = await openPort({ ...BOUNDS, requests: 5 });
  const slow = Array.from(
    { length: 20 },
    () => sendRaw({ port: there.port, head: postHead(1_000) + "drop" }),
  );
  const texts = (await Promise.all(slow)).map(({ text }) => text);
  equal(texts.filter((text) => /^HTTP\/1\.1 408 /.test(text)).length, 5);
  const full = texts.filter((text) => /^HTTP\/1\.1 503 [^]*\r\nretry-after: \d+\r\n/i.test(text));
  equal(full.length, 15);
  equal(await there.post(GOOD), 200);
});

Deno.test("bodies that together are more than memory bears are told to come back", async () => {
  await using there = await openPort({ ...BOUNDS, bytes: 3_000_000 });
  const big = () => sendRaw({ port: there.port, head: postHead(2_000_001), bodyBytes: 2_000_000 });
  const texts = (await Promise.all([big(), big(), big()])).map(({ text }) => text);
  ok(texts.some((text) => /^HTTP\/1\.1 503 /.test(text)));
  // Room is given back: one after the other they fit.
  for (let round = 0; round < 4; round++) equal(await there.post(new Uint8Array(2_000_000)), 400);
  equal(await there.post(GOOD), 200);
});

Deno.test("oversize heads, targets and garbage end the connection and nothing else", async () => {
  await using there = await openPort();
  const long = "a".repeat(1_000_000);
  const heads = [
    `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${long}\r\n\r\n`,
    `GET /${long} HTTP/1.1\r\nhost: x\r\n\r\n`,
    `GET / HTTP/1.1\r\n${"a: b\r\n".repeat(20_000)}\r\n`,
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello\r\n\r\n",
    `${postHead(10, "transfer-encoding: chunked\r\n")}0\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
    postHead(-5 as number),
  ];
  for (const head of heads) {
    const { text, closed } = await sendRaw({ port: there.port, head });
    ok(closed, head.slice(0, 40));
    ok(!text.startsWith("HTTP/1.1 200"), head.slice(0, 40));
  }
  equal(await there.post(GOOD), 200);
  equal(there.received.length, 1);
});

Deno.test("garbage in place of CBOR is refused and reaches no box", async () => {
  await using there = await openPort();
  const deep = new Uint8Array(100_000).fill(0x81);
  const lying = Uint8Array.from([0x9b, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
  const cut = GOOD.subarray(0, -1) as Bytes;
  for (const body of [new Uint8Array(0), encodeUtf8("<xml/>"), deep, lying, cut]) {
    equal(await there.post(body), 400);
  }
  const many = encodePost(Array(65).fill({ to: "AB".repeat(20), sealed: new Uint8Array(1) }));
  equal(await there.post(many), 413);
  equal(there.received.length, 0);
});

Deno.test("the wrong path, method or content type is told apart, and no body is needed for it", async () => {
  const gate = openFederation({
    receive: unasked,
    answers: NO_ANSWERS,
    clock: systemClock,
    log: silentLog,
  });
  const status = async (...request: Parameters<typeof gateRequest>) =>
    (await gate(gateRequest(...request))).status;
  for (const path of ["/", "/peri/v2/hello", "/peri/v1/", "/peri/v1/hello/x", "/peri/v1/who"]) {
    equal(await status("GET", path), 404, path);
  }
  equal(await status("GET", "/peri/v1/who/nobody/hey"), 400);
  equal(await status("GET", "/peri/v1/book?after=nobody"), 400);
  equal(await status("DELETE", "/peri/v1/book"), 405);
  equal(await status("GET", "/peri/v1/envelopes"), 405);
  equal((await gate(gateRequest("PUT", "/peri/v1/book"))).allow, "GET, POST");
  equal(await status("POST", "/peri/v1/envelopes", GOOD, "text/plain"), 415);
  equal(await status("POST", "/peri/v1/envelopes", GOOD, "application/json"), 415);
});

Deno.test("an error inside is not told to strangers", async () => {
  const gate = openFederation({
    receive: () => Promise.reject(new Error("password is hunter2")),
    answers: NO_ANSWERS,
    clock: systemClock,
    log: silentLog,
  });
  const reply = await gate(gateRequest("POST", "/peri/v1/envelopes", GOOD));
  equal(reply.status, 500);
  equal(textOf(reply), "internal: see the server's log\n");
});

/** Alice's server with Bob's as a friend, and a notice of Bob's to change. */
async function friends(village: Village) {
  const [alice, bob] = [await village.serve("alice"), await village.serve("bob")];
  await village.befriend(alice, bob);
  await village.inStep(alice, bob);
  const hey = await village.pod(bob.owner, { endpoint: bob.url });
  const notice: Notice = {
    from: peripheryOf(bob.owner.fingerprint),
    to: alice.url,
    sentMs: village.clock.nowMs(),
    entries: [hey.introduction],
  };
  return { alice, bob, hey, notice };
}

async function publish(village: Village, gate: Gate, notice: Notice, signer: Bytes) {
  const bytes = encodeNotice(notice);
  const signature = await village.pgp.sign(signer, bytes);
  const body = encodeSignedNotice({ notice: bytes, signature });
  return (await gate(gateRequest("POST", "/peri/v1/book", body))).status;
}

async function knows(server: TestServer, person: TestPerson): Promise<boolean> {
  const ref = { person: person.fingerprint, pod: parsePodName("hey") };
  return await server.directory.book.entry(ref) !== undefined;
}

Deno.test("a notice signed by somebody else is refused", async () => {
  await using village = new Village();
  const { alice, bob, notice } = await friends(village);
  const mallory = await village.pod(await village.person("mallory"), { pod: "periphery" });
  equal(await publish(village, alice.gate, notice, mallory.secretKey), 403);
  equal(await knows(alice, bob.owner), false);
  equal(await publish(village, alice.gate, notice, bob.periphery.secretKey), 200);
  equal(await knows(alice, bob.owner), true);
});

Deno.test("a notice of a stranger is refused, however well it is signed", async () => {
  await using village = new Village();
  const { alice, notice } = await friends(village);
  const mallory = await village.serve("mallory");
  const own = { ...notice, from: peripheryOf(mallory.owner.fingerprint) };
  const entries = [...notice.entries, mallory.periphery.introduction];
  const { secretKey } = mallory.periphery;
  equal(await publish(village, alice.gate, { ...own, entries }, secretKey), 403);
  equal(await publish(village, alice.gate, { ...notice, entries }, secretKey), 403);
  equal(await alice.directory.book.entry(mallory.periphery.behalf), undefined);
});

Deno.test("a notice is not taken from another pod of a friend, by another server, or late", async () => {
  await using village = new Village();
  const { alice, bob, hey, notice } = await friends(village);
  const { secretKey } = bob.periphery;
  const other = { ...notice, from: { ...notice.from, pod: parsePodName("hey") } };
  equal(await publish(village, alice.gate, other, hey.secretKey), 403);
  const elsewhere = { ...notice, to: parseServerUrl("http://carol.example") };
  equal(await publish(village, alice.gate, elsewhere, secretKey), 403);
  const old = { ...notice, sentMs: notice.sentMs - 2 * 86_400_000 };
  equal(await publish(village, alice.gate, old, secretKey), 403);
  equal(await knows(alice, bob.owner), false);
});

Deno.test("a notice with an older serial, replayed, takes nothing back", async () => {
  await using village = new Village();
  const { alice, bob, hey, notice } = await friends(village);
  const { secretKey } = bob.periphery;
  const newer = await village.pod(bob.owner, { endpoint: bob.url, serial: 2 });
  const entries = [newer.introduction];
  equal(await publish(village, alice.gate, { ...notice, entries }, secretKey), 200);
  equal(await publish(village, alice.gate, notice, secretKey), 200);
  const known = await alice.directory.book.recall(hey.behalf);
  equal(known?.behalf.podKey, newer.behalf.podKey);
});

Deno.test("a bad entry in a friend's notice does not keep out the good ones", async () => {
  await using village = new Village();
  const { alice, bob, hey, notice } = await friends(village);
  const carol = await village.pod(await village.person("carol"));
  const forged = { ...carol.introduction, signature: hey.introduction.signature };
  const entries = [forged, hey.introduction];
  const { secretKey } = bob.periphery;
  equal(await publish(village, alice.gate, { ...notice, entries }, secretKey), 200);
  equal(await knows(alice, bob.owner), true);
  equal(await alice.directory.book.entry(carol.behalf), undefined);
});

Deno.test("the hello of another server, passed on, makes no friend", async () => {
  await using village = new Village();
  const { alice, bob } = await friends(village);
  const mallory = parseServerUrl("http://mallory.example");
  village.network.listen(mallory, async () => ({
    status: 200,
    body: await bob.directory.answers.hello(),
  }));
  await rejects(alice.directory.meet(mallory), {
    kind: "denied",
    subject: /http:\/\/bob\.example/,
  });
});

Deno.test("a friend with a book without end is read to a bound", async () => {
  await using village = new Village();
  const { alice, bob } = await friends(village);
  let pages = 0;
  // A full page, and behind it always another one.
  village.network.listen(bob.url, () => {
    const entries = Array(64).fill(bob.periphery.introduction);
    const body = encodePage({ entries, through: village.clock.nowMs() + ++pages, isLast: false });
    return Promise.resolve({ status: 200, body });
  });
  await village.clock.advance(25 * 60 * 60 * 1000);
  await alice.directory.announce(await village.pod(alice.owner, { endpoint: alice.url }));
  let before = -1;
  await until(() => {
    const calm = pages === before && pages > 0;
    before = pages;
    return calm;
  }, "the reading ends");
  ok(pages <= 200, `${pages} pages were read`);
});

Deno.test("a friend whose pages go round in circles is left alone", async () => {
  await using village = new Village();
  const { alice, bob } = await friends(village);
  let pages = 0;
  village.network.listen(bob.url, () => {
    pages++;
    const entries = [bob.periphery.introduction];
    return Promise.resolve({
      status: 200,
      body: encodePage({ entries, through: 7, isLast: false }),
    });
  });
  await village.clock.advance(25 * 60 * 60 * 1000);
  await alice.directory.announce(await village.pod(alice.owner, { endpoint: alice.url }));
  const moment = () => new Promise((resolve) => setTimeout(resolve, 100));
  for (let turn = 0; turn < 100 && pages === 0; turn++) await moment();
  await moment();
  // Tried again ever later, for most of an hour.
  ok(pages >= 1 && pages <= 30, `${pages} pages were read`);
});

Deno.test("a reply of a million entries in one page is not read", async () => {
  const network = new MemoryNetwork();
  const server = parseServerUrl("http://bob.example");
  network.listen(
    server,
    () => Promise.resolve({ status: 200, body: new Uint8Array(MAX_POST_BYTES + 1) }),
  );
  const asker = new Asker(network.transport());
  await rejects(asker.book(server, 0), { kind: "too-large" });
});

Deno.test("a friend's server that sends us on to a private address is not followed", async () => {
  let reached = 0;
  const secret = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    reached++;
    return new Response("secret");
  });
  const friend = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.redirect(`http://127.0.0.1:${secret.addr.port}/`, 302),
  );
  const transport = openHttpTransport({ allow: [parseIpRange("127.0.0.1/32")] });
  try {
    const asker = new Asker(transport);
    const server = `http://127.0.0.1:${friend.addr.port}` as ServerUrl;
    await rejects(asker.hello(server), { kind: "unreachable", subject: /not followed/ });
    equal(reached, 0);
  } finally {
    transport.close();
    await Promise.all([secret.shutdown(), friend.shutdown()]);
  }
});
