/**
 * Loads ssh2 when the first client comes: 60 ms and 20 MiB that a server without guests does not
 * need. The library has no types of its own; these are of what is used here. The one owner of ssh2.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { Duplex, Writable } from "node:stream";

/** The library's exports. */
export interface Library {
  readonly Server: new (
    config: object,
    onClient: (client: SshClient) => void,
  ) => { injectSocket(socket: Duplex): void };
  readonly utils: { parseKey(line: string): ParsedKey | Error };
}

/** A public key. */
export interface ParsedKey {
  readonly type: string;
  verify(content: Buffer, signature: Buffer, hash?: string): boolean | Error;
}

/** A client whose name of the protocol has come. */
export interface SshClient extends EventEmitter {
  /** What the library keeps for itself: whether both ends make sure that nothing was left out. */
  readonly _protocol: { readonly _strictMode?: boolean };
  /** The same: what it was made of. */
  readonly _sock: Socket;
  end(): void;
}

/** Algorithms that both ends agreed on. */
export interface Negotiated {
  readonly cs: { readonly cipher: string };
  readonly sc: { readonly cipher: string };
}

/** Somebody who says who they are. One at a time; each is accepted or rejected once. */
export interface AuthContext {
  readonly method: string;
  readonly username: string;
  /** For `publickey`. */
  readonly key?: { readonly algo: string; readonly data: Buffer };
  /** For `rsa-sha2-…`. */
  readonly hashAlgo?: string;
  readonly signature?: Buffer;
  readonly blob?: Buffer;
  /** For `password`; an object when it is to be changed. */
  readonly password?: unknown;
  /** For `keyboard-interactive`. An `Error` instead of answers when they try something else. */
  prompt?(
    prompts: readonly { readonly prompt: string; readonly echo: boolean }[],
    title: string,
    instructions: string,
    answered: (answers: readonly string[] | Error) => void,
  ): void;
  accept(): void;
  reject(methods: readonly string[]): void;
}

/** A session before it is known what it is for; emits `exec`, `shell`, `subsystem`, `pty`, … */
export type SshSession = EventEmitter;

/** Standard input and output of a session. */
export interface SshChannel extends Duplex {
  readonly stderr: Writable;
  exit(code: number): void;
  close(): void;
}

let loading: Promise<Library> | undefined;

/** The library, loaded on the first call. */
export function library(): Promise<Library> {
  return loading ??= import("ssh2").then((loaded) => loaded.default as unknown as Library);
}

/**
 * What is offered. Left out are what breaks (compression ends the process under Deno), what is old
 * (CBC, SHA-1, DSA), what costs more than it is worth before anybody is in (finite-field groups: 50
 * ms of ours for a packet of theirs), and modes that need a MAC of their own.
 */
export const ALGORITHMS = {
  kex: ["curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256"],
  serverHostKey: ["ssh-ed25519"],
  cipher: ["chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes128-gcm@openssh.com"],
  // Named for form's sake: all of these ciphers bring their own.
  hmac: ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"],
  compress: ["none"],
} as const;

/**
 * Whether what was agreed on holds what it promises: chacha20-poly1305 without strict key exchange
 * lets somebody in between leave out the first packets (Terrapin, CVE-2023-48795).
 */
export function isSound(client: SshClient, { cs, sc }: Negotiated): boolean {
  const isStrict = client._protocol._strictMode === true;
  return isStrict || ![cs.cipher, sc.cipher].some((cipher) => cipher.startsWith("chacha20"));
}
