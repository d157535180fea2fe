/**
 * Servers elsewhere that a person manages from here: where each is, and its host key, pinned at the
 * first contact.
 *
 * @module
 */

import { PeriError } from "../errors.ts";
import { formatSshKey, knownHostName, parseSshKey } from "./key.ts";

/** Where peri listens for SSH unless an address says otherwise. */
export const SSH_PORT = 2222;
/** Longest list of servers. */
export const MAX_SERVERS_BYTES = 256 * 1024;

/** Where an SSH port is. */
export interface SshAddress {
  readonly host: string;
  readonly port: number;
}

/** A server that was met. */
export interface KnownServer extends SshAddress {
  /** What its person calls it: letters, digits, `.`, `-` and `_`. */
  readonly name: string;
  /** A line: type and base64 of the host key. */
  readonly hostKey: string;
}

/** All of them. */
export interface Servers {
  readonly known: readonly KnownServer[];
  /** The one that commands are for unless they say otherwise; absent: the one on this computer. */
  readonly use?: string;
  /** The line of the person's SSH key, which an agent may hold. */
  readonly identity?: string;
}

/**
 * `host`, `host:port`, `[v6]:port`.
 *
 * @throws {PeriError} `invalid` for anything else.
 */
export function parseSshAddress(text: string): SshAddress {
  const fits =
    /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})))(?::(\d{1,5}))?$/
      .exec(text);
  const host = fits?.[1] ?? fits?.[2];
  const port = Number(fits?.[3] ?? SSH_PORT);
  if (host !== undefined && port > 0 && port < 65_536) return { host, port };
  throw new PeriError("invalid", {
    op: "find a server",
    subject: `${JSON.stringify(text.slice(0, 80))} is neither a server of yours nor host:port`,
    hint: "peri server list shows yours; peri server add HOST:PORT meets another",
  });
}

/** A name of a server. @throws {PeriError} `invalid` when it is none. */
export function parseServerName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text) && text !== "local") return text;
  throw new PeriError("invalid", {
    op: "name a server",
    subject: `${JSON.stringify(text.slice(0, 80))} is no name of up to 64 letters, digits, . - _` +
      " (local is this computer)",
    hint: "--name cloud",
  });
}

/** The server of a name, or of an address. */
export function findServer({ known }: Servers, text: string): KnownServer | undefined {
  const named = known.find(({ name }) => name === text);
  if (named !== undefined) return named;
  try {
    const { host, port } = parseSshAddress(text);
    return known.find((server) => server.host === host && server.port === port);
  } catch {
    return undefined;
  }
}

/** The lines of `known_hosts`: each server by its own name alone. */
export function formatKnownHosts({ known }: Servers): string {
  return known.map(({ name, hostKey }) => `${name} ${hostKey}\n`).join("");
}

/** The host key of a line of `known_hosts`. @throws {PeriError} `damaged` when there is none. */
export function hostKeyOf(knownHosts: string): string {
  const line = knownHosts.split("\n").find((one) => / ssh-ed25519 /.test(one)) ?? "";
  return formatSshKey(parseSshKey(line.replace(/^\S+ /, "")), "");
}

/** A server's address for people. */
export function formatSshAddress({ host, port }: SshAddress): string {
  return port === 22 ? `${host}:22` : knownHostName(host, port).replace(/^\[([^:]+)\]/, "$1");
}

/** The list as it is kept. */
export function formatServers(servers: Servers): string {
  return `${JSON.stringify({ v: 1, ...servers }, undefined, 2)}\n`;
}

/** @throws {PeriError} `damaged` when the text is no such list. */
export function parseServers(text: string): Servers {
  try {
    const { v, known, use, identity } = JSON.parse(text);
    if (v !== 1 || !Array.isArray(known)) throw new Error("of another version");
    return {
      known: known.map(({ name, host, port, hostKey }) => ({
        name: parseServerName(name),
        ...parseSshAddress(`${String(host).includes(":") ? `[${host}]` : host}:${port}`),
        hostKey: formatSshKey(parseSshKey(hostKey), ""),
      })),
      ...(typeof use === "string" && { use }),
      ...(typeof identity === "string" && { identity: formatSshKey(parseSshKey(identity), "") }),
    };
  } catch (cause) {
    const subject = `the list of your servers cannot be read: ${
      cause instanceof Error ? cause.message : cause
    }`;
    const hint = "remove servers.json in your home, and meet your servers again";
    throw new PeriError("damaged", { op: "find a server", subject, hint, cause });
  }
}
