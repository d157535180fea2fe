// needs: ssh ssh-keygen
/** What strangers, and people who are in, try at the SSH port. Each test tells the hole first. */

import { equal, match, ok, rejects } from "node:assert/strict";
import { openFar } from "../../runtime/adapters/far.ts";
import { Entry } from "../../runtime/adapters/ssh/entry.ts";
import { type AuthContext, isSound } from "../../runtime/adapters/ssh/library.ts";
import { encodeMessage } from "../../runtime/model/control.ts";
import { encodeFrame, FRAME } from "../../runtime/model/frame.ts";
import { MAX_SSH_ATTEMPTS, MAX_SSH_SESSIONS } from "../../runtime/model/ssh/limits.ts";
import { ed25519Key, formatSshKey, sshFingerprint } from "../../runtime/model/ssh/key.ts";
import { type Hall, withHall } from "../helpers/ssh.ts";
import { connect, exec, outputOf, sendPacket, subsystem } from "../helpers/ssh_client.ts";

const MIB = 1024 * 1024;

/** Whether the port still lets somebody in and does what they say. */
async function works(hall: Hall): Promise<void> {
  const witness = hall.residents[0]!;
  const { stdout, stderr } = await hall.ssh(["hey", "who"], { as: witness });
  equal(stdout, `${witness.person}\n`, stderr);
}

async function keyOf({ file }: { readonly file: string }): Promise<string> {
  return await Deno.readTextFile(file);
}

function pause(ms: number): Promise<void> {
  return new Promise((go) => setTimeout(go, ms));
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 1_000 && !isSo(); turn++) await pause(10);
  ok(isSo(), what);
}

Deno.test(
  "nothing that is old or weak can be agreed on, whatever the client offers",
  withHall(async (hall) => {
    // Somebody in between takes all but the weakest algorithms out of what both ends offer.
    const alice = await hall.make("alice");
    const weak = [
      "KexAlgorithms=diffie-hellman-group14-sha1",
      "KexAlgorithms=diffie-hellman-group14-sha256",
      "KexAlgorithms=diffie-hellman-group-exchange-sha256",
      "Ciphers=aes128-cbc",
      "Ciphers=aes256-ctr",
      "HostKeyAlgorithms=ssh-rsa",
      "HostKeyAlgorithms=ecdsa-sha2-nistp256",
    ];
    for (const option of weak) {
      const { code, stderr } = await hall.ssh(["hey", "who"], { as: alice, options: [option] });
      equal(code, 255, option);
      match(stderr, /no matching|Connection closed|Connection reset/i, option);
    }
    for (const cipher of ["chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com"]) {
      const run = { as: alice, options: [`Ciphers=${cipher}`, "Compression=yes"] };
      equal((await hall.ssh(["hey", "exit", "3"], run)).code, 3, cipher);
    }
    await works(hall);
  }),
);

Deno.test("chacha20-poly1305 without strict key exchange is not sound", () => {
  // Terrapin: who is in between leaves out the first packets and nobody notices.
  const agreed = (cs: string, sc = cs) => ({ cs: { cipher: cs }, sc: { cipher: sc } });
  const client = (isStrict?: boolean) =>
    ({ _protocol: { _strictMode: isStrict } }) as unknown as Parameters<typeof isSound>[0];
  const [chacha, gcm] = ["chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com"];
  equal(isSound(client(true), agreed(chacha)), true);
  equal(isSound(client(false), agreed(chacha)), false);
  equal(isSound(client(), agreed(gcm, chacha)), false);
  equal(isSound(client(), agreed(gcm)), true);
});

Deno.test(
  "somebody's public key does not tell a stranger whether they live here",
  withHall(async (hall) => {
    // Everybody's SSH keys are public. Mallory asks every server "would you take Alice's key?".
    const alice = await hall.make("alice");
    const mallory = await hall.make("mallory", { isIn: false });
    const ask = async ({ line }: { line: string }) => {
      const file = `${hall.folder}/asked`;
      await Deno.writeTextFile(`${file}.pub`, `${line.split(" ").slice(0, 2).join(" ")}\n`);
      // A secret of another key beside it: the signature will be wrong.
      await Deno.writeTextFile(file, await keyOf(mallory), { mode: 0o600 });
      const run = { as: { file: `${file}.pub` }, options: ["BatchMode=yes", "-v"] };
      const { stderr } = await hall.ssh(["hey", "who"], run);
      return stderr.split("\n").filter((line) => /accepts key|Authentications|denied/.test(line))
        .map((line) => line.replace(/SHA256:\S+/, "KEY"));
    };
    const [resident, stranger] = [await ask(alice), await ask(mallory)];
    match(resident.join("\n"), /Server accepts key/);
    equal(resident.join("\n"), stranger.join("\n"));
  }),
);

Deno.test(
  "a person who is in is in as themselves alone, whatever name they give",
  withHall(async (hall) => {
    // Mallory lives here too. She gives Alice's fingerprint, pods and names as user name.
    const alice = await hall.make("alice");
    const mallory = await hall.make("mallory");
    for (const user of [alice.person, "alice", "root", "hey", "peri"]) {
      const words = user === "hey" ? ["who"] : ["hey", "who"];
      equal((await hall.ssh(words, { as: mallory, user })).stdout, `${mallory.person}\n`, user);
    }
    const open = {
      operation: "status",
      arguments: {},
      terminal: false,
      person: alice.person,
      v: 1,
    };
    const content = new TextEncoder().encode(JSON.stringify({ open }));
    const frame = new Uint8Array([0, 0, 0, content.length + 1, 0, ...content]);
    const run = { as: mallory, options: ["-s"], input: frame };
    const { stdout } = await hall.ssh(["peri-control"], run);
    match(stdout, /"kind":"denied"/);
    ok(!stdout.includes('"item"'));
  }),
);

Deno.test(
  "a token is no good a second time, for another server, when it is late, or in other hands",
  withHall(async (hall) => {
    // Mallory runs a server, gets Alice's token for it, and plays it at Alice's own.
    const alice = await hall.make("alice");
    const mallory = await hall.make("mallory");
    const tryOn = async (password: string) => {
      const handler = ["password"];
      const client = await connect({ port: hall.port, password, authHandler: handler });
      const said = await outputOf(await exec(client, "hey who"));
      client.end();
      return said.trim();
    };
    const token = await alice.token(hall.fingerprint);
    equal(await tryOn(token), alice.person);
    const theirs = sshFingerprint(ed25519Key(new Uint8Array(32)));
    const named = (await mallory.token(hall.fingerprint)).replace(mallory.person, alice.person);
    const nowMs = hall.clock.nowMs();
    for (
      const [bad, why] of [
        [token, "played again"],
        [await alice.token(theirs), "for another server"],
        [named, "of another person"],
        [await alice.token(hall.fingerprint, 60_000, nowMs - 70_000), "late"],
        [await alice.token(hall.fingerprint, 900_000), "too long"],
        [(await alice.token(hall.fingerprint)).replace(/\.60\./, ".61."), "changed"],
        ["", "empty"],
      ] as const
    ) await rejects(tryOn(bad), /All configured authentication methods failed/, why);
    await works(hall);
  }),
);

Deno.test(
  "who tries tokens and keys again and again is ended, and learns nothing from how long it takes",
  withHall(async (hall) => {
    const alice = await hall.make("alice");
    let tries = 0;
    const startMs = performance.now();
    const handler = (_left: unknown, _partial: unknown, next: (method: object) => void) =>
      next({ type: "password", username: "nobody", password: `guess ${tries++}` });
    await rejects(connect({ port: hall.port, authHandler: handler }));
    equal(tries, MAX_SSH_ATTEMPTS);
    ok(performance.now() - startMs >= MAX_SSH_ATTEMPTS * 240, "each takes its time");
    const keys: string[] = [];
    for (let count = 0; count < MAX_SSH_ATTEMPTS + 3; count++) {
      keys.push((await hall.make(`other${count}`, { isIn: false })).file);
    }
    const files = [...keys, alice.file].map((file) => `IdentityFile=${file}`);
    const { code, stderr } = await hall.ssh(["hey", "who"], { options: [...files, "-v"] });
    equal(code, 255);
    equal(stderr.match(/Server accepts key/g)?.length, MAX_SSH_ATTEMPTS);
    await works(hall);
  }),
);

Deno.test("tokens that are sent without waiting for an answer are as few as those one by one", async () => {
  // A try is over only after a while. Mallory sends a thousand meanwhile: each costs a check of a
  // signature, or is a guess at the claim code.
  let [asked, ends] = [0, 0];
  const gate = {
    byKey: () => Promise.resolve(undefined),
    byToken: () => {
      asked++;
      return Promise.resolve(undefined);
    },
  };
  const entry = new Entry(gate, () => ends++);
  const context: AuthContext = {
    method: "keyboard-interactive",
    username: "nobody",
    prompt: (_prompts, _title, _text, answered) => answered(["guess"]),
    accept() {},
    reject() {},
  };
  await Promise.all(Array.from({ length: 100 }, () => entry.answer(context)));
  equal(asked, MAX_SSH_ATTEMPTS);
  ok(ends > 0);
});

Deno.test(
  "a host on the way to a server is not given the token that is for the server",
  withHall(async (hall) => {
    // The host that Alice jumps over asks for a "Token: " itself, and comes in as her.
    const alice = await hall.make("alice");
    const far = openFar(hall.folder);
    const hostKey = formatSshKey(hall.hostKey, "");
    const server = { name: "far", host: "127.0.0.1", port: hall.port, hostKey };
    const token = await alice.token(hall.fingerprint);
    const line = await far.dial(server, { kind: "token", token });
    await line.send(encodeMessage({
      open: { v: 1, operation: "status", arguments: {}, terminal: false },
    }));
    let said = "";
    for await (const piece of line.incoming) said += new TextDecoder().decode(piece);
    await line.close();
    match(said, new RegExp(alice.person));
    const env = { PERI_SSH_TOKEN: token, PERI_SSH_ASKS: "(peri@far) Token: " };
    for (
      const [asks, isGiven] of [
        ["(peri@far) Token: ", true],
        ["(alice@jump) Token: ", false],
        ["(alice@jump) (peri@far) Token: ", false],
        ["alice@jump's password: ", false],
      ] as const
    ) {
      const run = new Deno.Command(`${hall.folder}/ssh/askpass`, { args: [asks], env });
      equal(
        new TextDecoder().decode((await run.output()).stdout),
        isGiven ? `${token}\n` : "",
        asks,
      );
    }
  }),
);

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
    // Their places are free again, however they went.
    await until(() => hall.interrupts === 0, "");
    await pause(50);
    await exec(second, "hey exit 0");
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
    for (const name of ["sftp", "netconf", "__proto__", "constructor", "toString"]) {
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
