/**
 * Coming in with OpenSSH's client, against OpenSSH's server where that is installed, else against
 * the bare start of the client.
 *
 * @module
 */

import { join } from "node:path";
import type { Row } from "../../tools/bench/row.ts";
import { withHall } from "../helpers/ssh.ts";
import type { Hall, Somebody } from "../helpers/ssh.ts";
import { freePort } from "../processes/town.ts";
import { files } from "./ssh/files.ts";
import { type Sshd, terminals } from "./ssh/terminal.ts";

const SSHD = Deno.env.get("SSHD") ?? "/usr/sbin/sshd";

const SFTP_SERVER = "/usr/lib/openssh/sftp-server";

/** What the client comes in to. */
interface Other extends AsyncDisposable {
  readonly name: string;
  /** Comes in, runs a command that does nothing, and leaves. */
  run(): Promise<void>;
  /** The same over a connection that is open. */
  again(): Promise<void>;
  /** OpenSSH's server, if it is one. */
  readonly sshd?: Sshd;
}

/**
 * `connect`: from the start of `ssh` to its end, with a key and a command that does nothing;
 * `command`: the same over a connection that is open already (ControlMaster); beside OpenSSH's server
 * terminals (`ssh/terminal.ts`) and files (`ssh/files.ts`).
 */
export default async function* ssh(): AsyncGenerator<Row, void, void> {
  const rows = Promise.withResolvers<Hall>();
  const done = Promise.withResolvers<void>();
  const held = withHall((hall) => {
    rows.resolve(hall);
    return done.promise;
  })();
  try {
    const hall = await rows.promise;
    const alice = await hall.make("alice");
    await using floor = await openOther(hall, alice);
    await using own = await openMaster(hall, alice);
    const timed = async (what: () => Promise<void>) => {
      const startMs = performance.now();
      await what();
      return performance.now() - startMs;
    };
    const row = (name: string, ours: () => Promise<void>, against: () => Promise<void>): Row => ({
      row: name,
      floor: floor.name,
      unit: "ms",
      runs: 20,
      ours: () => timed(ours),
      against: () => timed(against),
    });
    yield row("connect", () => own.run(), () => floor.run());
    yield row("command", () => own.again(), () => floor.again());
    if (floor.sshd !== undefined) {
      yield* terminals(floor.sshd);
      yield* files(floor.sshd);
    }
  } finally {
    done.resolve();
    await held;
  }
}

async function openMaster(hall: Hall, alice: Somebody): Promise<Other> {
  const args = (options: readonly string[]) => hall.arguments({ as: alice, options });
  return await openClient("peri", hall.folder, args, ["hey", "exit", "0"]);
}

/** Shares one connection for what is run again. */
async function openClient(
  name: string,
  folder: string,
  args: (options: readonly string[]) => string[],
  words: readonly string[],
): Promise<Other> {
  const path = join(folder, `${name}.mux`);
  const start = (options: readonly string[], said: readonly string[]) =>
    new Deno.Command("ssh", {
      args: [...args(options), ...said],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    });
  const run = async (options: readonly string[]) => {
    const { code, stderr } = await start(options, words).output();
    if (code !== 0) throw new Error(`${name}: ${new TextDecoder().decode(stderr)}`);
  };
  const master = start(["-N", "-M", `ControlPath=${path}`], []).spawn();
  const isThere = () => Deno.stat(path).then(() => true, () => false);
  for (let turn = 0; turn < 500 && !await isThere(); turn++) {
    await new Promise((go) => setTimeout(go, 10));
  }
  return {
    name,
    run: () => run([]),
    again: () => run([`ControlPath=${path}`]),
    async [Symbol.asyncDispose]() {
      master.kill();
      await Promise.all([master.status, master.stderr.cancel()]);
    },
  };
}

async function openOther(hall: Hall, alice: Somebody): Promise<Other> {
  if (await Deno.stat(SSHD).then(() => true, () => false)) return await openSshd(hall, alice);
  const run = async () => {
    await new Deno.Command("ssh", { args: ["-V"], stdout: "null", stderr: "null" }).output();
  };
  return { name: "ssh -V", run, again: run, async [Symbol.asyncDispose]() {} };
}

/** A server of OpenSSH with the same key and the same person, as whoever runs this. */
async function openSshd(hall: Hall, alice: Somebody): Promise<Other> {
  const port = freePort();
  const { folder } = hall;
  await Deno.writeTextFile(join(folder, "authorized"), `${alice.line}\n`);
  const lines = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(folder, "ssh_host_ed25519_key")}`,
    `AuthorizedKeysFile ${join(folder, "authorized")}`,
    "PidFile none",
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin yes",
    "LogLevel ERROR",
    `Subsystem sftp ${SFTP_SERVER}`,
  ];
  await Deno.writeTextFile(join(folder, "sshd_config"), lines.join("\n") + "\n");
  const child = new Deno.Command(SSHD, {
    args: ["-D", "-f", join(folder, "sshd_config")],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const user = new TextDecoder().decode(
    (await new Deno.Command("id", { args: ["-un"] }).output()).stdout,
  ).trim();
  const pinned = await Deno.readTextFile(join(folder, "known_hosts"));
  const known = join(folder, "known_hosts.sshd");
  await Deno.writeTextFile(known, pinned.replace(`:${hall.port} `, `:${port} `));
  const args = (options: readonly string[]) => {
    const set = [...options, "IdentitiesOnly=yes", `UserKnownHostsFile=${known}`];
    const all = set.flatMap((one) => one.startsWith("-") ? [one] : ["-o", one]);
    return ["-F", "none", "-p", String(port), "-i", alice.file, ...all, `${user}@127.0.0.1`];
  };
  await listening(port);
  const client = await openClient("sshd", folder, args, ["true"]);
  return {
    ...client,
    name: "OpenSSH's sshd",
    sshd: { port, user, keyFile: alice.file, args },
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      child.kill();
      await child.status;
    },
  };
}

async function listening(port: number): Promise<void> {
  for (let turn = 0; turn < 500; turn++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((go) => setTimeout(go, 10));
    }
  }
}
