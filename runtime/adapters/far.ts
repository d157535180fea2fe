/**
 * Servers elsewhere, through the system's `ssh`: it knows the person's agents, jump hosts and
 * settings, and peri itself needs no network. The list of servers is in the home.
 *
 * @module
 */

import { resolve } from "node:path";
import { PeriError } from "../model/errors.ts";
import {
  formatKnownHosts,
  formatServers,
  hostKeyOf,
  type KnownServer,
  MAX_SERVERS_BYTES,
  parseServers,
  type Servers,
  type SshAddress,
} from "../model/ssh/servers.ts";
import { hasFile, readFile } from "./files.ts";
import { mountFiles, unmountFiles } from "./mount.ts";
import { runProgram } from "./programs.ts";

/** By what a person comes in. */
export type Way =
  /** The line of a key that an agent holds. */
  | { readonly kind: "agent"; readonly identity: string }
  /** A token, or the code of a server that belongs to nobody yet. */
  | { readonly kind: "token"; readonly token: string };

/**
 * Answers one question of ssh: that of the server itself, whose name ssh puts before it (OpenSSH 8.5
 * and later). A host on the way may ask the same, and would come in with the token. The environment
 * is for the same person alone.
 */
const ASKPASS = `#!/bin/sh
case "$1" in
  "$PERI_SSH_ASKS" | "Token: ") printf '%s\\n' "$PERI_SSH_TOKEN" ;;
  *) exit 1 ;;
esac
`;
/** The user name that names no pod. */
const NOBODY = "peri";
/** What ssh complains of and is shown, in bytes. */
const MAX_COMPLAINT = 4 * 1024;
/** Exit code of ssh when it could not do its own part. */
const SSH_FAILED = 255;
/** Standing over whatever the person has set for other servers. */
const SETTINGS = [
  "ControlMaster=no",
  "ControlPath=none",
  "ClearAllForwardings=yes",
  "ForwardAgent=no",
  "ForwardX11=no",
  "PermitLocalCommand=no",
  "ConnectTimeout=15",
  "ServerAliveInterval=15",
  "GlobalKnownHostsFile=/dev/null",
  "UpdateHostKeys=no",
  "HostKeyAlgorithms=ssh-ed25519",
];

/** Behind the name of a server, the file that ssh reads its host key from. */
const KNOWN_HOSTS = ".known_hosts";

/** Servers elsewhere, of one home. @param home the home folder, absolute */
export function openFar(home: string) {
  const folder = `${home}/ssh`;
  const ssh = (server: KnownServer, way: Way) => argumentsOf(folder, server, way);
  return {
    /** The list; empty when there is none. @throws {PeriError} `damaged`. */
    async read(): Promise<Servers> {
      const path = `${home}/servers.json`;
      if (!await hasFile(path)) return { known: [] };
      return parseServers(new TextDecoder().decode(await readFile(path, MAX_SERVERS_BYTES)));
    },
    /** Keeps the list, whole or not at all. */
    async write(servers: Servers): Promise<void> {
      await prepare(folder, servers);
      await replace(`${home}/servers.json`, formatServers(servers));
      await forgetOthers(folder, servers);
    },
    /** Whether an agent of the person holds a key. */
    async agentHolds(identity: string): Promise<boolean> {
      const { stdout } = await output("ssh-add", ["-L"], {}).catch(() => ({ stdout: "" }));
      const [, key] = identity.split(" ");
      return stdout.split("\n").some((line) => line.split(" ")[1] === key);
    },
    /** Unpredictable bytes, for a token. */
    chance: (size: number): Uint8Array => crypto.getRandomValues(new Uint8Array(size)),
    /**
     * The host key of whoever answers there. Nobody is let in.
     *
     * @throws {PeriError} `unreachable` when nobody does.
     */
    scan: (address: SshAddress): Promise<string> => scan(folder, address),
    /** A line for one control session. What keeps ssh from it is thrown by reading from it. */
    async dial(server: KnownServer, way: Way) {
      await prepare(folder, { known: [server] }, way);
      const session = ["-l", NOBODY, "-T", "-s", "--", server.host, "peri-control"];
      const args = [...ssh(server, way), ...session];
      const env = environmentOf(folder, server, way, NOBODY);
      return openLine(server, args, env, way.kind === "token" && way.token.startsWith("claim-"));
    },
    /** Runs ssh with the standard streams of this process. Its exit code. */
    async run(
      server: KnownServer,
      way: Way,
      user: string,
      flags: readonly string[],
      words: readonly string[],
    ): Promise<number> {
      await prepare(folder, { known: [server] }, way);
      const colours = ["-o", "SendEnv=COLORTERM", "-o", "SendEnv=NO_COLOR"];
      const before = [...ssh(server, way), "-l", user, ...colours, ...flags];
      const args = [...before, "--", server.host, ...words];
      return await runProgram("ssh", args, environmentOf(folder, server, way, user));
    },
    /** Shows the files of a pod in a folder, by sshfs. @throws {PeriError} as {@link mountFiles}. */
    async mount(server: KnownServer, way: Way, pod: string, at: string): Promise<void> {
      await prepare(folder, { known: [server] }, way);
      await mountFiles({ user: pod, host: server.host }, resolve(at), {
        ssh: ssh(server, way),
        environment: environmentOf(folder, server, way, pod),
        // A token is good once.
        canReturn: way.kind === "agent",
      });
    },
    /** Takes it off. @throws {PeriError} as {@link unmountFiles}. */
    unmount: (at: string): Promise<void> => unmountFiles(resolve(at)),
  };
}

/** Files that ssh is told of. Others of the same person may be at it at the same time. */
async function prepare(folder: string, servers: Servers, way?: Way): Promise<void> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  for (const server of servers.known) {
    await replace(`${folder}/${server.name}${KNOWN_HOSTS}`, formatKnownHosts({ known: [server] }));
  }
  if (way?.kind === "agent") await replace(`${folder}/identity.pub`, `${way.identity}\n`);
  if (way?.kind === "token") await replace(`${folder}/askpass`, ASKPASS, 0o700);
}

/** Removes the host keys of servers that are not known any more. */
async function forgetOthers(folder: string, { known }: Servers): Promise<void> {
  const kept = new Set(known.map(({ name }) => `${name}${KNOWN_HOSTS}`));
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(KNOWN_HOSTS) || kept.has(name)) continue;
    // Another process may have been faster.
    await Deno.remove(`${folder}/${name}`).catch(() => undefined);
  }
}

async function replace(path: string, text: string, mode = 0o600): Promise<void> {
  const passing = `${path}.${crypto.randomUUID()}`;
  try {
    await Deno.writeTextFile(passing, text, { createNew: true, mode });
    await Deno.rename(passing, path);
  } catch (cause) {
    await Deno.remove(passing).catch(() => undefined);
    const subject = `${path}: ${cause instanceof Error ? cause.message : cause}`;
    throw new PeriError("denied", { op: "write file", subject, cause });
  }
}

function argumentsOf(folder: string, { name, port }: KnownServer, way: Way): string[] {
  const who = way.kind === "agent"
    ? ["PreferredAuthentications=publickey", `IdentityFile=${folder}/identity.pub`, "BatchMode=yes"]
    : [
      "PreferredAuthentications=keyboard-interactive",
      "NumberOfPasswordPrompts=1",
      "PubkeyAuthentication=no",
    ];
  const all = [
    ...SETTINGS,
    ...who,
    "IdentitiesOnly=yes",
    "StrictHostKeyChecking=yes",
    `HostKeyAlias=${name}`,
    `UserKnownHostsFile=${folder}/${name}${KNOWN_HOSTS}`,
    "LogLevel=ERROR",
  ];
  return ["-p", String(port), ...all.flatMap((one) => ["-o", one])];
}

function environmentOf(
  folder: string,
  { name }: KnownServer,
  way: Way,
  user: string,
): Record<string, string> {
  if (way.kind === "agent") return {};
  return {
    PERI_SSH_TOKEN: way.token,
    PERI_SSH_ASKS: `(${user}@${name}) Token: `,
    SSH_ASKPASS: `${folder}/askpass`,
    SSH_ASKPASS_REQUIRE: "force",
  };
}

async function scan(folder: string, { host, port }: SshAddress): Promise<string> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const path = `${folder}/scan.${crypto.randomUUID()}`;
  const all = [
    ...SETTINGS,
    "BatchMode=yes",
    "PreferredAuthentications=none",
    "StrictHostKeyChecking=accept-new",
    "HashKnownHosts=no",
    "HostKeyAlias=scan",
    `UserKnownHostsFile=${path}`,
    "LogLevel=ERROR",
  ];
  const args = ["-p", String(port), ...all.flatMap((one) => ["-o", one]), "-T", "--", host, "true"];
  try {
    const { stderr } = await output("ssh", args, {});
    if (!await hasFile(path)) throw failure({ name: host, host, port }, stderr);
    return hostKeyOf(await Deno.readTextFile(path));
  } finally {
    await Deno.remove(path).catch(() => undefined);
  }
}

async function output(program: string, args: string[], env: Record<string, string>) {
  const { stdout, stderr, code } = await command(program, args, env, "null").output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { stdout: text(stdout), stderr: text(stderr), code };
}

function command(
  program: string,
  args: string[],
  env: Record<string, string>,
  stdin: "null" | "piped",
) {
  return new Deno.Command(program, { args, env, stdin, stdout: "piped", stderr: "piped" });
}

function openLine(
  server: KnownServer,
  args: string[],
  env: Record<string, string>,
  isClaim: boolean,
) {
  const child = command("ssh", args, env, "piped").spawn();
  const writer = child.stdin.getWriter();
  const complaint = complaintOf(child.stderr);
  return {
    incoming: incomingOf(child, complaint, server, isClaim),
    send: (piece: Uint8Array): Promise<void> => writer.write(piece.slice()),
    async close(): Promise<void> {
      await writer.close().catch(() => undefined);
      try {
        child.kill();
      } catch {
        // it has ended
      }
      await child.status;
    },
  };
}

async function* incomingOf(
  child: Deno.ChildProcess,
  complaint: Promise<string>,
  server: KnownServer,
  isClaim: boolean,
): AsyncGenerator<Uint8Array> {
  let hasCome = false;
  for await (const piece of child.stdout) {
    hasCome = true;
    yield piece;
  }
  const { code } = await child.status;
  if (!hasCome && code === SSH_FAILED) throw failure(server, await complaint, isClaim);
}

async function complaintOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of stream) {
    if (text.length < MAX_COMPLAINT) text += decoder.decode(piece, { stream: true });
  }
  return text.slice(0, MAX_COMPLAINT);
}

/** Why ssh could not do its own part. */
function failure(
  { name, host, port }: Omit<KnownServer, "hostKey">,
  complaint: string,
  isClaim = false,
): PeriError {
  const op = `reach ${name}`;
  if (/IDENTIFICATION HAS CHANGED|Host key verification failed/.test(complaint)) {
    return new PeriError("denied", {
      op,
      subject:
        `another server answers at ${host}:${port}: its host key is not the one you have met`,
      hint: `if you know why: peri server remove ${name}, and meet it again`,
    });
  }
  if (/Permission denied/.test(complaint) && isClaim) {
    return new PeriError("denied", {
      op,
      subject: "it does not take this claim code, or belongs to somebody",
      hint: "peri status on that server shows its code, as long as it belongs to nobody",
    });
  }
  if (/Permission denied/.test(complaint)) {
    return new PeriError("denied", {
      op,
      subject: "it does not let you in: you do not live there, or a clock is wrong",
      hint: `peri ssh ${name} shows more; a new server is claimed: peri server claim ${name}; ` +
        `with a new key of yours: peri server remove ${name}, and meet it again`,
    });
  }
  const line = complaint.trim().split("\n").at(-1)?.trim();
  return new PeriError("unreachable", {
    op,
    subject: line || `nobody answers at ${host}:${port}`,
    hint:
      "peri status on that server shows its SSH address; peri serve --ssh [::]:2222 gives it one",
  });
}
