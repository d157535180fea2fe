/**
 * hey on a terminal by SSH, from a real server with a real pod, against terminals of OpenSSH's server.
 *
 * @module
 */

import { join } from "node:path";
import type { Row } from "../../../tools/bench/row.ts";
import { type Client, type ClientChannel, connect, shell } from "../../helpers/ssh_client.ts";
import { freePlace, freePort, openStage, settle, type Settled } from "../../processes/town.ts";

/** OpenSSH's server, and how to come in. */
export interface Sshd {
  readonly port: number;
  readonly user: string;
  /** The private key. */
  readonly keyFile: string;
  /** Arguments of `ssh`, options first. */
  args(options: readonly string[]): string[];
}

/** Terminals that are open and do nothing: ours on a few connections, and OpenSSH's. */
const [IDLE, IDLE_SSHD] = [192, 16];
/** Sessions on one connection: OpenSSH's server lets it have ten. */
const EACH = 8;
const TALK = "write to bob";

/**
 * `first screen`: from the start of `ssh` to the first screen of a pod, against the first output of a
 * command on a terminal; `key`: from a key to what it changes on the screen, against the echo of the
 * system; `idle terminal`: memory of the server for each of 192, against processes of sshd.
 */
export async function* terminals(sshd: Sshd): AsyncGenerator<Row, void, void> {
  using stage = openStage();
  const port = freePort();
  const place = { ...freePlace(), before: `export PERI_SSH=127.0.0.1:${port}` };
  const settled = await settle("alice", stage, place);
  try {
    const server = await openServer(settled, port);
    yield firstScreen(server, sshd);
    yield* key(server, sshd);
    yield idle(server, sshd);
  } finally {
    await settled.person.stop("SIGKILL");
  }
}

/** A server with hey, and what comes in to it. */
interface Server {
  readonly port: number;
  readonly folder: string;
  readonly pid: number;
  /** Good once. */
  token(): Promise<string>;
}

async function openServer({ person }: Settled, port: number): Promise<Server> {
  const [{ ssh }] = await person.records<{ ssh: { fingerprint: string; knownHosts: string } }>(
    "status",
  ) as [{ ssh: { fingerprint: string; knownHosts: string } }];
  const address = `127.0.0.1:${port}`;
  const { fingerprint } = ssh;
  await person.types(
    "server",
    "add",
    address,
    "--name",
    "far",
    "--yes",
    "--fingerprint",
    fingerprint,
  );
  await person.types("hey", "name", "bob", "B0B".padEnd(40, "0"));
  const { folder } = person.scene;
  await Deno.writeTextFile(join(folder, "known_hosts"), `${ssh.knownHosts}\n`);
  const askpass = '#!/bin/sh\nprintf "%s\\n" "$TOKEN"\n';
  await Deno.writeTextFile(join(folder, "askpass"), askpass, { mode: 0o700 });
  const token = async () => {
    const { stdout } = await person.run(["ssh", "--token", "far"]);
    return stdout.trim();
  };
  return { port, folder, pid: pidOf(person.home), token };
}

/** The process that serves a home. */
function pidOf(home: string): number {
  for (const { name } of Deno.readDirSync("/proc")) {
    try {
      const environ = Deno.readTextFileSync(`/proc/${name}/environ`);
      const line = Deno.readTextFileSync(`/proc/${name}/cmdline`);
      if (environ.includes(`PERI_HOME=${home}\0`) && /main\.ts\0serve/.test(line)) {
        return Number(name);
      }
    } catch {
      // No process, or one that has ended.
    }
  }
  throw new Error("no server runs");
}

function firstScreen(server: Server, sshd: Sshd): Row {
  const { folder, port } = server;
  const set = [`UserKnownHostsFile=${join(folder, "known_hosts")}`, "PubkeyAuthentication=no"];
  const args = ["-F", "none", "-p", String(port), ...set.flatMap((one) => ["-o", one]), "-tt"];
  return {
    row: "first screen",
    floor: "OpenSSH's sshd, first output",
    unit: "ms",
    runs: 20,
    async ours() {
      const env = {
        TOKEN: await server.token(),
        SSH_ASKPASS: join(folder, "askpass"),
        SSH_ASKPASS_REQUIRE: "force",
        TERM: "xterm-256color",
      };
      return await untilSaid([...args, "hey@127.0.0.1"], "people", env);
    },
    against: () => untilSaid([...sshd.args(["-tt"]), "echo ready; cat"], "ready", {}),
  };
}

async function untilSaid(
  args: readonly string[],
  word: string,
  env: Record<string, string>,
): Promise<number> {
  const startMs = performance.now();
  const child = new Deno.Command("ssh", {
    args: [...args],
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!said.includes(word)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`ssh said ${JSON.stringify(said)}`);
    said += value;
  }
  const tookMs = performance.now() - startMs;
  child.kill("SIGKILL");
  await Promise.all([reader.cancel(), child.stdin.abort(), child.status]);
  return tookMs;
}

async function* key(server: Server, sshd: Sshd): AsyncGenerator<Row, void, void> {
  const client = await connectTo(server);
  const other = await connectSshd(sshd);
  try {
    const ours = new Typist(await shell(client));
    await ours.press("", "people");
    await ours.press("\r", TALK);
    const theirs = new Typist(await shell(other, "stty -icanon; echo ready; cat"));
    await theirs.press("", "ready");
    yield {
      row: "key",
      floor: "echo of the system behind OpenSSH's sshd",
      unit: "ms",
      runs: 200,
      ours: () => ours.time(),
      against: () => theirs.time(),
    };
  } finally {
    for (const each of [client, other]) each.end();
  }
}

async function connectTo(server: Server): Promise<Client> {
  return await connect({ port: server.port, username: "hey", password: await server.token() });
}

async function connectSshd({ port, user, keyFile }: Sshd): Promise<Client> {
  const privateKey = await Deno.readTextFile(keyFile);
  return await connect({ port, username: user, privateKey });
}

/** Types at a terminal and waits for what comes of it. */
class Typist {
  #keys = 0;
  #said = "";
  #heard = Promise.withResolvers<void>();

  constructor(private readonly channel: ClientChannel) {
    channel.on("data", (piece: Uint8Array) => {
      this.#said += new TextDecoder().decode(piece);
      this.#heard.resolve();
      this.#heard = Promise.withResolvers();
    });
  }

  /** Waits until a word has been written since. */
  async press(typed: string, word: string): Promise<void> {
    if (typed !== "") this.#said = "";
    if (typed !== "") this.channel.write(typed);
    while (!this.#said.includes(word)) await this.#heard.promise;
  }

  /** One key; in time the line is begun anew. */
  async time(): Promise<number> {
    const letter = "abcdefghij"[this.#keys++ % 10]!;
    if (letter === "a" && this.#keys > 1) {
      const heard = this.#heard.promise;
      this.channel.write("\x15");
      await heard;
    }
    await new Promise((go) => setTimeout(go, 10));
    this.#said = "";
    const startMs = performance.now();
    const heard = this.#heard.promise;
    this.channel.write(letter);
    await heard;
    return performance.now() - startMs;
  }
}

function idle(server: Server, sshd: Sshd): Row {
  let ours: Promise<number> | undefined;
  let theirs: Promise<number> | undefined;
  return {
    row: "idle terminal",
    floor: "processes of OpenSSH's sshd",
    unit: "KiB",
    runs: 1,
    ours: () => ours ??= idleKib(IDLE, () => connectTo(server), () => kibOf(server.pid, "VmRSS")),
    against: () => theirs ??= idleKib(IDLE_SSHD, () => connectSshd(sshd), allSshd),
  };
}

async function idleKib(
  count: number,
  open: () => Promise<Client>,
  measure: () => number,
): Promise<number> {
  const clients: Client[] = [];
  const before = measure();
  for (let at = 0; at < count; at += EACH) {
    const client = await open();
    clients.push(client);
    for (let one = 0; one < EACH; one++) {
      const channel = await shell(client);
      await new Promise<void>((resolve) => channel.once("data", () => resolve()));
    }
  }
  await new Promise((go) => setTimeout(go, 2_000));
  const each = (measure() - before) / (clients.length * EACH);
  for (const client of clients) client.end();
  return each;
}

function kibOf(pid: number | string, name: string, file = "status"): number {
  const found = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(
    Deno.readTextFileSync(`/proc/${pid}/${file}`),
  );
  return Number(found?.[1] ?? 0);
}

/** What all processes of sshd have for themselves, and their parts of what they share. */
function allSshd(): number {
  let sum = 0;
  for (const { name } of Deno.readDirSync("/proc")) {
    try {
      const line = Deno.readTextFileSync(`/proc/${name}/cmdline`);
      if (line.startsWith("sshd:")) sum += kibOf(name, "Pss", "smaps_rollup");
    } catch {
      // No process, or one that has ended.
    }
  }
  return sum;
}
