// needs: ssh ssh-keygen
/** What strangers, and people who are in, do with connections and sessions of the SSH port. Each test tells the hole first. */

import { equal, match, ok, rejects } from "node:assert/strict";
import { encodeMessage } from "../../runtime/model/control.ts";
import { encodeFrame, FRAME } from "../../runtime/model/frame.ts";
import { MAX_SSH_SESSIONS } from "../../runtime/model/ssh/limits.ts";
import { keyOf, withHall, works } from "../helpers/ssh.ts";
import { connect, exec, outputOf, sendPacket, subsystem } from "../helpers/ssh_client.ts";

const MIB = 1024 * 1024;

function pause(ms: number): Promise<void> {
  return new Promise((go) => setTimeout(go, ms));
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 1_000 && !isSo(); turn++) await pause(10);
  ok(isSo(), what);
}

Deno.test(
  "connections on which nobody comes in take nobody's place",
  withHall(async (hall) => {
    // A thousand connections that say nothing, or only their name, and stay.
    await hall.make("alice");
    const open: Deno.TcpConn[] = [];
    for (let count = 0; count < 1_000; count++) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port: hall.port });
      if (count % 2) {
        await connection.write(new TextEncoder().encode("SSH-2.0-x\r\n")).catch(() => 0);
      }
      open.push(connection);
    }
    await works(hall);
    const isOver = async (connection: Deno.TcpConn) => {
      const buffer = new Uint8Array(4_096);
      while (await connection.read(buffer).catch(() => null) !== null);
    };
    // Those that are left are ended too, when their time is over.
    await Promise.all(open.map(isOver));
    open.forEach((connection) => connection.close());
    await works(hall);
  }, { graceMs: 1_500 }),
);

Deno.test(
  "garbage instead of SSH, at any moment, ends its own connection alone",
  withHall(async (hall) => {
    const alice = await hall.make("alice");
    const client = await connect({ port: hall.port, privateKey: await keyOf(alice) });
    const channel = await exec(client, "hey cat");
    const said = outputOf(channel);
    const heads = ["", "SSH-2.0-x\r\n", "SSH-1.5-old\r\n", "GET / HTTP/1.1\r\n\r\n"];
    const packet = [0, 0, 0, 12, 4, 20, ...Array(8).fill(0)];
    const bodies = [
      crypto.getRandomValues(new Uint8Array(60_000)),
      new Uint8Array(60_000),
      new Uint8Array(60_000).fill(255),
      Uint8Array.from([0xff, 0xff, 0xff, 0xff, 4, 20]),
      Uint8Array.from([...packet, ...packet, ...packet]),
      ...Array.from(
        { length: 30 },
        (_, at) => Uint8Array.from([0, 0, 0, 12, 4, at + 1, ...Array(8)]),
      ),
    ];
    for (const head of heads) {
      for (const body of bodies) {
        const connection = await Deno.connect({ hostname: "127.0.0.1", port: hall.port });
        await connection.write(new TextEncoder().encode(head)).catch(() => 0);
        await connection.write(body).catch(() => 0);
        connection.close();
      }
    }
    channel.end("still here");
    equal(await said, "still here", "a session that was open before");
    client.end();
    await works(hall);
  }),
);

Deno.test(
  "torn packets of somebody who is in end their own connection alone",
  withHall(async (hall) => {
    // Behind the door the library believes more: a field that is missing would be an error that
    // nobody catches, and the end of the server and of everybody's sessions.
    const [alice, mallory] = [await hall.make("alice"), await hall.make("mallory")];
    const witness = await connect({ port: hall.port, privateKey: await keyOf(alice) });
    const channel = await exec(witness, "hey cat");
    const said = outputOf(channel);
    const key = await keyOf(mallory);
    const text = (word: string) => [0, 0, 0, word.length, ...new TextEncoder().encode(word)];
    const requests = [
      "exec",
      "shell",
      "subsystem",
      "pty-req",
      "env",
      "signal",
      "window-change",
      "x",
    ];
    const torn: number[][] = [];
    for (let type = 1; type <= 100; type++) {
      torn.push([type], [type, 0, 0, 0, 0, 255, 255, 255, 255]);
    }
    for (const request of requests) {
      const head = [98, 0, 0, 0, 0, ...text(request), 1];
      torn.push(head, [...head, 0, 0, 0], [...head, 255, 255, 255, 255], [
        ...head,
        0,
        0,
        0,
        1,
        255,
      ]);
      torn.push([...head, ...text("x"), ...Array(16).fill(255)]);
    }
    torn.push([90, ...text("session")], [90, ...text("direct-tcpip"), ...Array(12).fill(255)]);
    torn.push([94, 0, 0, 0, 9, ...text("nobody's")], [93, 0, 0, 0, 0, 255, 255, 255, 255]);
    for (let at = 0; at < torn.length; at += 8) {
      const client = await connect({ port: hall.port, privateKey: key });
      client.on("error", () => {});
      const session = exec(client, "hey cat").then((open) => open.on("error", () => {}), () => {});
      for (const packet of torn.slice(at, at + 8)) sendPacket(client, Uint8Array.from(packet));
      await Promise.race([session, pause(20)]);
      client.destroy();
    }
    channel.end("still here");
    equal(await said, "still here");
    witness.end();
    await works(hall);
  }),
);

Deno.test(
  "whoever is sent away can do nothing more on a connection that they have kept open",
  withHall(async (hall) => {
    // Mallory is removed from the server, or Alice's key is revoked because somebody has it, and
    // the connection that was opened before goes on for weeks.
    const alice = await hall.make("alice");
    const mallory = await hall.make("mallory");
    const client = await connect({ port: hall.port, privateKey: await keyOf(mallory) });
    match(await outputOf(await exec(client, "hey who")), new RegExp(mallory.person));
    hall.residents[1] = { ...mallory, certificate: alice.certificate };
    equal(await outputOf(await exec(client, "hey who")), "", "the SSH key is theirs no more");
    hall.residents[1] = mallory;
    const held = await subsystem(client, "peri-control");
    const said = outputOf(held);
    held.write(hanging());
    await new Promise((heard) => held.once("data", heard));
    hall.residents.pop();
    equal(await outputOf(await exec(client, "hey who")), "");
    hall.sent.abort();
    await until(() => hall.interrupts === 1, "what they had begun ends");
    await said;
    client.end();
  }),
);

Deno.test(
  "whoever leaves behind input that nobody reads leaves nothing running",
  withHall(async (hall) => {
    // Mallory begins what never ends, sends it more than is held for it, and goes. Behind that the
    // server would never see that she has, and she comes back and does it again.
    const mallory = await hall.make("mallory");
    const client = await connect({ port: hall.port, privateKey: await keyOf(mallory) });
    const channel = await subsystem(client, "peri-control");
    channel.write(hanging());
    await new Promise((heard) => channel.once("data", heard));
    const piece = encodeFrame(FRAME.input, new Uint8Array(128 * 1024));
    for (let count = 0; count < 12; count++) channel.write(piece);
    await pause(50);
    client.destroy();
    await until(() => hall.interrupts === 1, "what she had begun ends");
    await works(hall);
  }),
);

/** The first frame of a session that goes on for ever. */
function hanging(): Uint8Array {
  const args = { pod: "hey", argv: ["hang"] };
  return encodeMessage({
    open: { v: 1, operation: "pod.run", arguments: args, terminal: false },
  });
}

Deno.test(
  "a session more than a connection may have is refused, and so is one, or a connection, of a person who has enough",
  withHall(async (hall) => {
    const alice = await hall.make("alice");
    const key = await keyOf(alice);
    const first = await connect({ port: hall.port, privateKey: key });
    for (let count = 0; count < MAX_SSH_SESSIONS; count++) await exec(first, "hey cat");
    await rejects(exec(first, "hey cat"), /open failure/);
    const second = await connect({ port: hall.port, privateKey: key });
    for (let count = 0; count < 4; count++) await exec(second, "hey cat");
    await rejects(exec(second, "hey cat"), /Unable to exec/);
    await rejects(connect({ port: hall.port, privateKey: key }), /closed/);
    first.destroy();
    // Their places are free again, however they went, as soon as the server has seen it.
    const tries = async () => await exec(second, "hey exit 0").then(() => true, () => false);
    let isFree = await tries();
    for (let turn = 0; turn < 200 && !isFree; turn++) {
      await pause(50);
      isFree = await tries();
    }
    ok(isFree);
    second.end();
    await works(hall);
  }, { maxSessionsPerPerson: 20, maxConnectionsPerPerson: 2 }),
);

Deno.test(
  "nothing is forwarded, and what nobody serves is refused",
  withHall(async (hall) => {
    const alice = await hall.make("alice");
    const client = await connect({ port: hall.port, privateKey: await keyOf(alice) });
    const refused = (open: (done: (error: unknown) => void) => void) =>
      new Promise<boolean>((resolve) => open((error) => resolve(error !== undefined)));
    ok(await refused((done) => client.forwardOut("127.0.0.1", 1, "127.0.0.1", 22, done)));
    ok(await refused((done) => client.forwardIn("127.0.0.1", 0, done)));
    for (const name of ["netconf", "__proto__", "constructor", "toString"]) {
      ok(await refused((done) => client.subsys(name, done)), name);
    }
    client.end();
    await works(hall);
  }),
);

Deno.test(
  "who sends more than they may, or never reads, holds a bounded part of the memory",
  withHall(async (hall) => {
    const alice = await hall.make("alice");
    const key = await keyOf(alice);
    const before = Deno.memoryUsage().rss;
    // The library's server would keep whatever comes, however little of it was allowed.
    const pushy = await connect({ port: hall.port, privateKey: key });
    let isOver = false;
    pushy.on("close", () => isOver = true);
    const channel = await exec(pushy, "hey hang");
    // It looks at what is left of a window only when that is exactly nothing.
    const block = new Uint8Array(32 * 1024 - 5);
    for (let sent = 0; sent < 256 * MIB && !isOver; sent += block.length) {
      pushy._protocol.channelData(channel.outgoing.id, block);
      if (Math.floor(sent / block.length) % 64 === 0) await pause(1);
    }
    await until(() => isOver, "it is ended");
    await until(() => hall.interrupts === 1, "what it ran is interrupted");
    // Keys are exchanged as often as a client likes.
    const cat = (limit: string, sizeBytes: number) =>
      hall.ssh(["hey", "cat"], {
        as: alice,
        options: [`RekeyLimit=${limit}`],
        input: new Uint8Array(sizeBytes),
      });
    equal((await cat("256K", 4 * MIB)).stdout.length, 4 * MIB, "now and then is fine");
    equal((await cat("16K", 24 * MIB)).code, 255, "a thousand times is not");
    const grown = (Deno.memoryUsage().rss - before) / MIB;
    ok(grown < 400, `${Math.round(grown)} MiB more`);
    await works(hall);
  }),
);
