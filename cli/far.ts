/**
 * Servers elsewhere: which one is meant, how the person comes in there, and the first contact.
 *
 * @module
 */

import { PeriError } from "../runtime/model/errors.ts";
import { parseSshKey, type SshFingerprint, sshFingerprint } from "../runtime/model/ssh/key.ts";
import {
  findServer,
  formatSshAddress,
  type KnownServer,
  parseServerName,
  parseSshAddress,
  type Servers,
} from "../runtime/model/ssh/servers.ts";
import type { Fingerprint } from "../runtime/model/words.ts";
import type { Context, Far, Way } from "./context.ts";
import { printable, printLine } from "./output.ts";
import { askYes } from "./prompt.ts";

/** The server on this computer, where a server is named. */
export const LOCAL = "local";

/**
 * The server that commands are for: what `--on` says, else `PERI_ON`, else the one that
 * `peri server use` named.
 *
 * @returns undefined: the one on this computer
 * @throws {PeriError} `not-found` when it was never met.
 */
export async function serverMeant(
  context: Context,
  wanted: string | undefined,
): Promise<KnownServer | undefined> {
  const said = wanted ?? (context.env("PERI_ON") || undefined);
  if (said === LOCAL) return undefined;
  const servers = await (await context.far()).read();
  const name = said ?? servers.use;
  if (name === undefined || name === LOCAL) return undefined;
  const server = findServer(servers, name);
  if (server !== undefined) return server;
  throw new PeriError("not-found", {
    op: "find a server",
    subject: `${JSON.stringify(name.slice(0, 80))} was never met`,
    hint: "peri server add HOST:PORT --name NAME; peri server list shows those that were",
  });
}

/** The same context with its periphery elsewhere. */
export function contextAt(context: Context, server: KnownServer): Context {
  const dial = async (person?: Fingerprint) =>
    (await context.far()).dial(server, await wayTo(context, server, person));
  return Object.create(context, { dial: { value: dial }, at: { value: server } });
}

/** The fingerprint of a server's host key. */
export function fingerprintOf({ hostKey }: Pick<KnownServer, "hostKey">): SshFingerprint {
  return sshFingerprint(parseSshKey(hostKey));
}

/**
 * By the key that an agent holds, else by a token, for which the person's key signs.
 *
 * @param person whose key it is to be, if it is here; else the default key
 */
export async function wayTo(
  context: Context,
  server: KnownServer,
  person?: Fingerprint,
): Promise<Way> {
  const far = await context.far();
  const { identity } = await far.read();
  const own = person === undefined ? undefined : await otherKey(context, person);
  const mayUse = identity !== undefined && own === undefined;
  const hasAgent = mayUse && Boolean(context.env("SSH_AUTH_SOCK"));
  if (hasAgent && await far.agentHolds(identity)) return { kind: "agent", identity };
  return { kind: "token", token: await tokenFor(context, server, own) };
}

/** A key that is here and is not the default one. */
async function otherKey(context: Context, person: Fingerprint): Promise<Fingerprint | undefined> {
  const { keyring } = await context.keys();
  const own = (await keyring.list()).map(({ fingerprint }) => fingerprint);
  const preferred = await keyring.defaultKey() ?? (own.length === 1 ? own[0] : undefined);
  return person !== preferred && own.includes(person) ? person : undefined;
}

/** A fresh token for a server. @throws {PeriError} as `signToken`. */
export async function tokenFor(
  context: Context,
  server: Pick<KnownServer, "hostKey">,
  person?: Fingerprint,
): Promise<string> {
  const { choosePerson, signToken, TOKEN_ID_BYTES } = await import("../runtime/mod.ts");
  const tools = await context.keys();
  const { fingerprint } = await choosePerson(tools, person);
  const id = (await context.far()).chance(TOKEN_ID_BYTES);
  return await signToken(tools, fingerprint, fingerprintOf(server), id);
}

/** What is known before the first contact. */
export interface Introduction {
  readonly name?: string | undefined;
  /** What the host key must be; absent: the person is shown it and asked. */
  readonly fingerprint?: SshFingerprint | undefined;
  readonly yes: boolean;
}

/**
 * Meets a server: its host key is shown, and pinned when the person says so.
 *
 * @throws {PeriError} `exists` when the name is taken, `denied` when the host key is another one or
 * the person says no, `unreachable`.
 */
export async function meet(
  context: Context,
  address: string,
  { name, fingerprint, yes }: Introduction,
): Promise<KnownServer> {
  const far = await context.far();
  const servers = await far.read();
  const { host, port } = parseSshAddress(address);
  const called = parseServerName(name ?? formatSshAddress({ host, port }).replace(/[^\w.-]/g, "_"));
  if (servers.known.some((known) => known.name === called)) throw taken(called);
  const hostKey = await far.scan({ host, port });
  const server = { name: called, host, port, hostKey };
  await agree(context, server, fingerprint, yes);
  // The key that was theirs at the first server may be theirs no more.
  const identity = await identityOf(context) ?? servers.identity;
  await far.write({
    ...servers,
    known: [...servers.known, server],
    ...(identity && { identity }),
  });
  return server;
}

async function agree(
  context: Context,
  server: KnownServer,
  expected: SshFingerprint | undefined,
  yes: boolean,
): Promise<void> {
  const { stderr } = context.streams;
  const found = fingerprintOf(server);
  const where = formatSshAddress(server);
  if (expected !== undefined && expected !== found) {
    throw new PeriError("denied", {
      op: `meet ${where}`,
      subject: `its host key is ${found}, not ${expected}: another server answers there`,
    });
  }
  if (expected !== undefined) return;
  await printLine(stderr, `The host key of ${printable(where)} is`);
  await printLine(stderr, `    ${found}`);
  await printLine(stderr, "peri status on that server shows the same, or it is another one.");
  if (yes || await askYes(context, "Is it the same?")) return;
  throw new PeriError("denied", { op: `meet ${where}`, subject: "you said no" });
}

/** The line of the person's SSH key; undefined without a key that authenticates. */
async function identityOf(context: Context): Promise<string | undefined> {
  const { choosePerson, exportSshKey } = await import("../runtime/mod.ts");
  try {
    const tools = await context.keys();
    const { fingerprint } = await choosePerson(tools);
    return await exportSshKey(tools, fingerprint);
  } catch (thrown) {
    if (thrown instanceof PeriError && thrown.kind !== "internal") return undefined;
    throw thrown;
  }
}

function taken(name: string): PeriError {
  return new PeriError("exists", {
    op: "meet a server",
    subject: `you call another one ${name}`,
    hint: `--name calls this one otherwise; peri server remove ${name} forgets that one`,
  });
}

/** The key that servers are offered when an agent holds it is another one from now on. */
export async function changeIdentity(context: Context): Promise<void> {
  const far = await context.far();
  const { identity: _former, ...servers } = await far.read();
  const identity = await identityOf(context);
  await far.write({ ...servers, ...(identity && { identity }) });
}

/** The list without a server. @throws {PeriError} `not-found`. */
export async function forget(far: Far, name: string): Promise<Servers> {
  const servers = await far.read();
  const server = findServer(servers, name);
  if (server === undefined) {
    const subject = `none of your servers is called ${JSON.stringify(name.slice(0, 80))}`;
    const hint = "peri server list shows them";
    throw new PeriError("not-found", { op: "forget a server", subject, hint });
  }
  const known = servers.known.filter((one) => one !== server);
  const { use, ...rest } = servers;
  return { ...rest, known, ...(use !== undefined && use !== server.name && { use }) };
}
