// needs: ssh ssh-keygen
/** What strangers try to come in by SSH. Each test tells the hole first. */

import { equal, match, ok, rejects } from "node:assert/strict";
import { openFar } from "../../runtime/adapters/far.ts";
import { Entry } from "../../runtime/adapters/ssh/entry.ts";
import { type AuthContext, isSound } from "../../runtime/adapters/ssh/library.ts";
import { encodeMessage } from "../../runtime/model/control.ts";
import { MAX_SSH_ATTEMPTS } from "../../runtime/model/ssh/limits.ts";
import { ed25519Key, formatSshKey, sshFingerprint } from "../../runtime/model/ssh/key.ts";
import { keyOf, withHall, works } from "../helpers/ssh.ts";
import { connect, exec, outputOf } from "../helpers/ssh_client.ts";

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
