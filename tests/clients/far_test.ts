// needs: ssh ssh-add ssh-agent
/** Servers elsewhere: `peri server`, `peri --on` and the way through OpenSSH's client. */

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { openFar } from "../../runtime/adapters/far.ts";
import { MemoryKeyring } from "../../runtime/adapters/memory/keyring.ts";
import { openKeysmith, openPgp } from "../../runtime/adapters/openpgp.ts";
import type { KeyTools } from "../../runtime/mod.ts";
import { formatSshKey } from "../../runtime/model/ssh/key.ts";
import { openWorld, type World } from "../cli/memory.ts";
import { dispatch } from "../../cli/dispatch.ts";
import { type Hall, type Somebody, withHall } from "../helpers/ssh.ts";

/** The keys of somebody on their own computer. */
async function toolsOf(hall: Hall, who: Somebody): Promise<KeyTools> {
  const pgp = openPgp(hall.clock);
  const keyring = new MemoryKeyring();
  await keyring.put({
    fingerprint: who.person,
    certificate: await pgp.armor(who.certificate),
    secretKey: await pgp.armor(who.secretKey),
  });
  const silent = { ask: () => Promise.resolve(""), reject: () => Promise.resolve(false) };
  const gpg = {
    certificate: () => Promise.reject(new Error("no gpg")),
    hasSecret: () => Promise.resolve(false),
    sign: () => Promise.reject(new Error("no gpg")),
  } as unknown as KeyTools["gpg"];
  return {
    pgp,
    keyring,
    smith: openKeysmith(hall.clock),
    passphrase: silent,
    gpg,
    clock: hall.clock,
  };
}

/** A computer of somebody, with servers of its own and what is typed there. */
async function computerOf(hall: Hall, who: Somebody) {
  const far = openFar(`${hall.folder}/${who.person}`);
  const tools = await toolsOf(hall, who);
  const env: Record<string, string> = {};
  return {
    far,
    env,
    async type(line: string, world: World = {}) {
      const { context, outcome } = openWorld({ far, keys: () => tools, env, ...world });
      const code = await dispatch(line.split(" "), context);
      return { ...outcome(), code };
    },
  };
}

Deno.test(
  "what is done on a server elsewhere is done there, by the person whose key is here",
  withHall(async (hall) => {
    const alice = await hall.make("alice");
    const { type } = await computerOf(hall, alice);
    const address = `127.0.0.1:${hall.port}`;
    const asked = await type(`server add ${address} --name cloud`);
    equal(asked.code, 5);
    match(asked.stderr, new RegExp(hall.fingerprint.replaceAll(/[+/]/g, "\\$&")));
    const wrong = `SHA256:${"a".repeat(43)}`;
    match(
      (await type(`server add ${address} --name cloud --fingerprint ${wrong}`)).stderr,
      /another server answers there/,
    );
    equal(
      (await type("server list")).stdout,
      "None yet. peri server add HOST:PORT --name NAME meets one.\n",
    );
    const met = await type(`server add ${address} --name cloud --fingerprint ${hall.fingerprint}`);
    equal(met.stdout, "met cloud: peri --on cloud status\n", met.stderr);
    equal((await type(`server add ${address} --name cloud --yes`)).code, 4);
    for (
      const line of [
        "--on cloud status --json",
        "status --on=cloud --json",
        "status --json --on cloud",
      ]
    ) {
      const { stdout, stderr } = await type(line);
      equal(stdout, `{"owner":"${alice.person}"}\n`, stderr);
    }
    equal((await type("--on cloud hey who")).stdout, `${alice.person}\n`);
    equal((await type("--on cloud hey exit 9")).code, 9);
    // Behind the name of a pod it is the pod's.
    const own = { operations: { "pod.run": () => Promise.resolve(3) } };
    equal((await type("hey who --on cloud", own)).code, 3);
    equal((await type("--on cloud hey cat", { input: ["far", " away"] })).stdout, "far away");
    equal((await type("server use cloud")).stdout, "your commands are for cloud\n");
    equal((await type("hey say a b")).stdout, '["a","b"]\n');
    match((await type("server list")).stdout, /cloud +127\.0\.0\.1:\d+ +yes +SHA256:/);
    const here = { operations: { "status": () => Promise.resolve(8) } };
    equal((await type("--on local status", here)).code, 8);
    equal((await type("server use local")).stdout, "your commands are for the local server\n");
    equal((await type("status", here)).code, 8);
    match((await type("--on other status")).stderr, /"other" was never met/);
    const folder = `${hall.folder}/${alice.person}/ssh`;
    const pinned = () =>
      [...Deno.readDirSync(folder)].filter(({ name }) => name.startsWith("cloud"));
    equal(pinned().length, 1);
    equal((await type("server remove cloud")).code, 0);
    equal(pinned().length, 0, "its host key is forgotten");
    equal((await type("server remove cloud")).code, 3);
  }),
);

Deno.test(
  "another server in its place, a stranger's key and nobody there are told apart",
  withHall(async (hall) => {
    // Mallory has taken over the address: her server would be given tokens and commands.
    const alice = await hall.make("alice");
    const { far, type } = await computerOf(hall, alice);
    const server = { name: "cloud", host: "127.0.0.1", port: hall.port };
    const [, other] = (await hall.make("other")).line.match(/^(\S+ \S+)/)!;
    await far.write({ known: [{ ...server, hostKey: other! }] });
    const swapped = await type("--on cloud status");
    equal(swapped.code, 5);
    match(swapped.stderr, /its host key is not the one you have met/);
    const hostKey = formatSshKey(hall.hostKey, "");
    await far.write({ known: [{ ...server, hostKey }] });
    const mallory = await hall.make("mallory", { isIn: false });
    const theirs = await computerOf(hall, mallory);
    await theirs.far.write({ known: [{ ...server, hostKey }] });
    match((await theirs.type("--on cloud status")).stderr, /it does not let you in/);
    await far.write({ known: [{ ...server, hostKey, port: 1 }] });
    const gone = await type("--on cloud status");
    equal(gone.code, 11);
    match(gone.stderr, /Connection refused/);
    await rejects(far.scan({ host: "127.0.0.1", port: 1 }), { kind: "unreachable" });
    deepEqual((await far.read()).known.length, 1);
  }),
);

Deno.test(
  "an agent that holds the SSH key is used, and then no token is signed",
  withHall(async (hall) => {
    const alice = await hall.make("alice");
    const { far, type, env } = await computerOf(hall, alice);
    // What servers were met with before was another key of hers.
    const { line } = await hall.make("former", { isIn: false });
    await far.write({ known: [], identity: line });
    equal((await type(`server add 127.0.0.1:${hall.port} --name cloud --yes`)).code, 0);
    const socket = `${hall.folder}/agent`;
    const agent = new Deno.Command("ssh-agent", {
      args: ["-D", "-a", socket],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const before = Deno.env.get("SSH_AUTH_SOCK");
    try {
      const isThere = () => Deno.stat(socket).then(() => true, () => false);
      while (!await isThere()) await new Promise((go) => setTimeout(go, 10));
      Deno.env.set("SSH_AUTH_SOCK", socket);
      env.SSH_AUTH_SOCK = socket;
      const keyless: World = {
        keys: () => {
          throw new Error("no key is touched");
        },
      };
      equal(await far.agentHolds(alice.line), false);
      await new Deno.Command("ssh-add", { args: ["-q", alice.file] }).output();
      equal(await far.agentHolds(alice.line), true);
      equal((await type("--on cloud hey who", keyless)).stdout, `${alice.person}\n`);
    } finally {
      if (before === undefined) Deno.env.delete("SSH_AUTH_SOCK");
      else Deno.env.set("SSH_AUTH_SOCK", before);
      agent.kill();
      await agent.status;
    }
  }),
);

Deno.test(
  "a server that belongs to nobody is claimed with its code, and the code is good for nothing else",
  withHall(async (hall) => {
    const alice = await hall.make("alice", { isIn: false });
    const { type } = await computerOf(hall, alice);
    hall.claimCode = "claim-abc";
    const signer = {
      chooseKey: () => Promise.resolve({ person: alice.person, certificate: alice.certificate }),
    };
    const claim = (code: string) =>
      type(`server claim 127.0.0.1:${hall.port} --name cloud --yes --code -`, {
        signer,
        input: [`${code}\n`],
      });
    match(
      (await claim("my secret")).stderr,
      /^(?!.*my secret).*no claim code.*\nhint: peri status/,
    );
    match((await claim("claim-xyz")).stderr, /does not take this claim code.*\nhint: peri status/);
    equal(
      (await claim("claim-abc")).stdout,
      "cloud is yours; next: peri --on cloud pod install hey\n",
    );
    const { far } = await computerOf(hall, alice);
    const [server] = (await far.read()).known;
    const ask = async (operation: string) => {
      const way = { kind: "token", token: "claim-abc" } as const;
      const { context, outcome } = openWorld({});
      const there = Object.create(context, { dial: { value: () => far.dial(server!, way) } });
      const code = await dispatch([operation], there);
      return { ...outcome(), code };
    };
    for (const word of ["status", "hey"]) equal((await ask(word)).code, 7, word);
    hall.claimCode = undefined;
    match((await claim("claim-abc")).stderr, /does not take this claim code/);
  }),
);
