// needs: ssh ssh-keygen ssh-agent ssh-add gpg gpgconf
/** Coming in with OpenSSH's client, by key, agent and token. */

import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { decodeUtf8 } from "../../runtime/model/bytes.ts";
import { parseFingerprint } from "../../runtime/model/words.ts";
import { importFromGpg } from "../../runtime/identity/carry.ts";
import { exportSshKey } from "../../runtime/identity/ssh.ts";
import { type Hall, type Somebody, withHall } from "../helpers/ssh.ts";
import { dispatch } from "../../cli/dispatch.ts";
import { Computer } from "../cli/computer.ts";
import { openWorld } from "../cli/memory.ts";
import { toolsOf, withGpg } from "./gnupg.ts";

/** Waits until something is so, on a busy machine for some seconds. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000 && !isSo(); turn++) await new Promise((go) => setTimeout(go, 10));
  ok(isSo());
}

/** A program that answers whatever ssh asks. */
async function askpass(hall: Hall, answer: string): Promise<Record<string, string>> {
  const path = join(hall.folder, `askpass-${crypto.randomUUID()}`);
  await Deno.writeTextFile(path, `#!/bin/sh\nprintf '%s\\n' '${answer}'\n`, { mode: 0o700 });
  return { SSH_ASKPASS: path, SSH_ASKPASS_REQUIRE: "force" };
}

Deno.test(
  "a command by SSH has standard streams, an exit code and the person of the key",
  withHall(async (hall) => {
    const alice = await hall.make("alice");
    const run = (words: string[], input?: Uint8Array) =>
      hall.ssh(words, { as: alice, ...(input && { input }) });
    const who = await run(["hey", "who"]);
    equal(who.stdout, `${alice.person}\n`, who.stderr);
    equal(who.code, 0);
    equal((await run(["hey", "exit", "7"])).code, 7);
    equal(
      (await run(["hey", "say", "'two words'", '"why?"', "*"])).stdout,
      '["two words","why?","*"]\n',
    );
    const complaint = await run(["hey", "complain"]);
    equal(complaint.stderr, "complaint\n");
    equal(complaint.stdout, "");
    const large = new Uint8Array(3_000_000).fill(97);
    equal((await run(["hey", "cat"], large)).stdout.length, large.length);
  }),
);

Deno.test(
  "built-in words that ask the periphery mean the same by SSH, and the others are refused",
  withHall(async (hall) => {
    const alice = await hall.make("alice");
    const run = (...words: string[]) => hall.ssh(words, { as: alice });
    equal((await run("status", "--json")).stdout, `{"owner":"${alice.person}"}\n`);
    equal((await run("version")).stdout, "peri 1.2.3\n");
    match((await run("pod", "list")).stdout, /^POD +STATE +ABOUT\nhey /);
    match((await run()).stdout, /hey +resting +Letters\n\n {2}ssh HOST POD/);
    for (const words of [["key", "list"], ["serve"], ["pod", "install", "x"], ["claim"]]) {
      const { code, stderr, stdout } = await run(...words);
      equal(code, 5, stderr);
      match(stderr, /by SSH you can do only what asks the periphery alone\nhint: on your own/);
      equal(stdout, "");
    }
    const unknown = await run("nothing");
    equal(unknown.code, 0, "the pod of the hall takes any name");
    const torn = await run("hey list | wc");
    equal(torn.code, 2);
    match(torn.stderr, /there is no shell here that would take "\|"/);
  }),
);

Deno.test(
  "the user name names a pod; any other name does not matter",
  withHall(async (hall) => {
    const alice = await hall.make("alice");
    equal((await hall.ssh(["say", "hi"], { as: alice, user: "hey" })).stdout, '["hi"]\n');
    // A word of the pod's own, though peri has one of that name.
    equal((await hall.ssh(["who"], { as: alice, user: "hey" })).stdout, `${alice.person}\n`);
    equal((await hall.ssh(["hey", "say"], { as: alice, user: "root" })).stdout, "[]\n");
  }),
);

Deno.test(
  "whoever goes away, or presses Ctrl-C on a terminal, interrupts what runs",
  withHall(async (hall) => {
    const alice = await hall.make("alice");
    const child = hall.spawn(["hey", "hang"], { as: alice });
    const reader = child.stdout.getReader();
    equal(decodeUtf8((await reader.read()).value!), "hanging\n");
    child.kill("SIGKILL");
    await until(() => hall.interrupts === 1);
    await Promise.all([reader.cancel(), child.stderr.cancel(), child.stdin.abort(), child.status]);
    // Several sessions over one connection, which goes away with all of them.
    const path = join(hall.folder, "mux");
    const master = hall.spawn([], { as: alice, options: ["-N", "-M", `ControlPath=${path}`] });
    const isThere = () => Deno.stat(path).then(() => true, () => false);
    for (let turn = 0; turn < 500 && !await isThere(); turn++) {
      await new Promise((go) => setTimeout(go, 10));
    }
    const second = hall.spawn(["hey", "hang"], { options: [`ControlPath=${path}`] });
    const said = second.stdout.getReader();
    equal(decodeUtf8((await said.read()).value!), "hanging\n");
    equal((await hall.ssh(["hey", "who"], { options: [`ControlPath=${path}`] })).code, 0);
    master.kill("SIGKILL");
    await until(() => hall.interrupts === 2);
    for (const each of [second, master]) {
      await Promise.all([each.stderr.cancel(), each.stdin.abort(), each.status]);
    }
    await Promise.all([said.cancel(), master.stdout.cancel()]);
    const typed = new TextEncoder().encode("\x03");
    const pressed = await hall.ssh(["hey", "hang"], { as: alice, options: ["-tt"], input: typed });
    match(pressed.stdout, /hanging\r\n/);
    equal(pressed.code, 130);
    equal(hall.interrupts, 3);
  }),
);

Deno.test(
  "a command on a terminal reads lines that are shown as they are typed",
  withHall(async (hall) => {
    const alice = await hall.make("alice");
    const on = { as: alice, options: ["-tt"] };
    equal((await hall.ssh(["hey", "terminal"], on)).stdout, "true\r\n");
    equal((await hall.ssh(["hey", "terminal"], { as: alice })).stdout, "false\n");
    const input = new TextEncoder().encode("one\x7fe two\r\x04");
    const { stdout } = await hall.ssh(["hey", "cat"], { ...on, input });
    equal(stdout, "one\b \be two\r\none two\r\n");
  }),
);

Deno.test(
  "a terminal shows the screens of the pod that is named, and is left as it was, whatever happens",
  withHall(async (hall) => {
    const alice = await hall.make("alice");
    hall.hasScreens = true;
    const [taken, given] = ["\x1b[?1049h", "\x1b[?1049l"];
    const on = { as: alice, env: { TERM: "xterm-256color" }, options: ["-tt"] };
    const typed = (text: string) => new TextEncoder().encode(text);
    const run = (words: string[], keys: string, user = "nobody") =>
      hall.ssh(words, { ...on, user, input: typed(keys) });
    const opened = await run(["alice"], "q", "hey");
    equal(opened.code, 7, opened.stderr);
    ok(opened.stdout.startsWith(taken) && opened.stdout.endsWith(given), opened.stdout);
    match(opened.stdout, /hey: alice 80x24 256/);
    match((await run(["hey", "bob", "&&"], "q")).stderr + "", /there is no shell here/);
    match((await run(["hey", "bob"], "q")).stdout, /hey: bob 80x24/);
    match((await run([], "q")).stdout, /home: {2}80x24/);
    equal((await run(["hey", "say", "hi"], "")).stdout, '["hi"]\r\n', "a command stays one");
    equal((await hall.ssh(["hey", "bob"], { as: alice })).stdout, "", "no terminal, no screens");
    const broken = await run(["hey"], "x");
    equal(broken.code, 1, broken.stdout);
    ok(broken.stdout.endsWith(given), broken.stdout);
    match(broken.stderr, /^peri: cannot show: it \[2Jbroke\r\n/);
    const child = hall.spawn(["hey"], on);
    const reader = child.stdout.getReader();
    match(decodeUtf8((await reader.read()).value!), /1049h/);
    child.kill("SIGKILL");
    await Promise.all([reader.cancel(), child.stderr.cancel(), child.stdin.abort(), child.status]);
    equal((await run(["hey"], "q")).code, 7, "others notice nothing of who went away");
  }),
);

Deno.test(
  "a locked key file, ssh-agent and a token instead of a key let in; a stranger's do not",
  withHall(async (hall) => {
    const alice = await hall.make("alice", { passphrase: "secret" });
    const mallory = await hall.make("mallory", { isIn: false });
    const unlocked = await hall.ssh(["hey", "who"], {
      as: alice,
      env: await askpass(hall, "secret"),
    });
    equal(unlocked.stdout, `${alice.person}\n`, unlocked.stderr);
    for (const method of ["keyboard-interactive", "password"]) {
      const token = await alice.token(hall.fingerprint);
      const options = [`PreferredAuthentications=${method}`, "NumberOfPasswordPrompts=1"];
      const env = await askpass(hall, token);
      const taken = await hall.ssh(["hey", "who"], { options, env });
      equal(taken.stdout, `${alice.person}\n`, taken.stderr);
      equal((await hall.ssh(["hey", "who"], { options, env })).code, 255, "it is good once");
    }
    const refused = await hall.ssh(["hey", "who"], { as: mallory, options: ["BatchMode=yes"] });
    equal(refused.code, 255);
    match(refused.stderr, /Permission denied \(publickey,keyboard-interactive,password\)/);
    await withAgent(hall, [mallory, await hall.make("bob")], async (env) => {
      const agent = { env, options: ["IdentitiesOnly=no"] };
      const second = await hall.ssh(["hey", "who"], agent);
      equal(second.code, 0, `the second key of the agent: ${second.stderr}`);
    });
  }),
);

async function withAgent(
  hall: Hall,
  people: readonly Somebody[],
  run: (env: Record<string, string>) => Promise<void>,
): Promise<void> {
  const env = { SSH_AUTH_SOCK: join(hall.folder, "agent") };
  const agent = new Deno.Command("ssh-agent", {
    args: ["-D", "-a", env.SSH_AUTH_SOCK],
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    const isThere = () => Deno.stat(env.SSH_AUTH_SOCK).then(() => true, () => false);
    for (let turn = 0; turn < 500 && !await isThere(); turn++) {
      await new Promise((go) => setTimeout(go, 10));
    }
    for (const { file } of people) {
      const added = await new Deno.Command("ssh-add", { args: ["-q", file], env }).output();
      ok(added.success, decodeUtf8(added.stderr));
    }
    await run(env);
  } finally {
    agent.kill();
    await agent.status;
  }
}

Deno.test(
  "the SSH key of a person is the one that gpg exports, and gpg-agent lets them in with it",
  withHall((hall) =>
    withGpg(async (home) => {
      const empty = ["--pinentry-mode", "loopback", "--passphrase", ""];
      const person = await home.makeKey("Gina", "ed25519", "ed25519");
      await home.gpg([...empty, "--quick-add-key", person, "ed25519", "auth", "1y"]);
      const certificate = await home.gpg(["--export", person]);
      const line = decodeUtf8(await home.gpg(["--export-ssh-key", person])).trim();
      const gina = { person: parseFingerprint(person), certificate } as Somebody;
      hall.residents.push(gina);
      const grips = decodeUtf8(await home.gpg(["--with-colons", "--with-keygrip", "-K", person]))
        .match(/^grp:+[0-9A-F]+/gm)!.map((one) => one.replace(/^grp:+/, ""));
      await home.write("sshcontrol", `${grips.at(-1)}\n`);
      await home.write("gpg-agent.conf", "enable-ssh-support\n");
      await new Deno.Command("gpgconf", {
        args: ["--kill", "gpg-agent"],
        env: { GNUPGHOME: home.folder },
      }).output();
      const socket = await gpgconf(home.folder, "--list-dirs", "agent-ssh-socket");
      await gpgconf(home.folder, "--launch", "gpg-agent");
      const env = { SSH_AUTH_SOCK: socket };
      const { stdout, stderr } = await hall.ssh(["hey", "who"], {
        env,
        options: ["IdentitiesOnly=no"],
      });
      equal(stdout, `${person}\n`, stderr);
      const tools = toolsOf(home);
      await importFromGpg(tools, parseFingerprint(person));
      equal(await exportSshKey(tools, parseFingerprint(person)), line);
    })()
  ),
);

Deno.test("the file of an SSH key is locked with a passphrase of its own, and ssh-keygen reads it", async () => {
  const computer = new Computer();
  await computer.types(["init", "--name", "Alice", "--passphrase-file", "/pass"]);
  const line = (await computer.types(["export", "--ssh"])).stdout.trim();
  match(line, /^ssh-ed25519 AAAA\S+ openpgp:0x[0-9A-F]{8}$/);
  const write = ["key", "export", "--ssh", "--secret", "--to", "/ssh"];
  const typed = (...input: string[]) => openWorld(computer.world({ terminal: true, input }));
  const empty = typed("/pass\r", "\r", "\r");
  equal(await dispatch(write, empty.context), 2, "an empty passphrase locks nothing");
  equal(empty.files.size, 0);
  const { context, files, outcome } = typed("/pass\r", "of its own\r", "of its own\r");
  equal(await dispatch(write, context), 0, outcome().stderr);
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, files.get("/ssh")!, { mode: 0o600 });
    const read = async (passphrase: string) => {
      const args = ["-y", "-P", passphrase, "-f", path];
      const { code, stdout } = await new Deno.Command("ssh-keygen", { args }).output();
      return code === 0 ? decodeUtf8(stdout).trim() : undefined;
    };
    equal(await read("of its own"), line);
    equal(await read("/pass"), undefined);
  } finally {
    await Deno.remove(path);
  }
  for (const wrong of [["--ssh", "--secret"], ["--ssh", "--revocation"], ["--to", "/x"]]) {
    equal((await computer.types(["export", ...wrong])).code, 2, wrong.join(" "));
  }
});

async function gpgconf(folder: string, ...args: string[]): Promise<string> {
  const command = new Deno.Command("gpgconf", { args, env: { GNUPGHOME: folder } });
  return decodeUtf8((await command.output()).stdout).trim();
}
