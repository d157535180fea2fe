/**
 * The key by which clients know this server: made once and kept in the home, for its owner alone.
 *
 * @module
 */

import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { ed25519Key } from "../../model/ssh/key.ts";
import { formatSecretKey, parseSecretKey } from "../../model/ssh/secret.ts";
import { hasFile, readFile, writeSecretFile } from "../files.ts";

const MAX_FILE_BYTES = 16 * 1024;
/** Wraps the seed of an Ed25519 key in PKCS #8 (RFC 8410 section 7). */
const PKCS8_HEAD_BYTES = 16;

/** A host key. */
export interface HostKey {
  /** The public key as SSH carries it. */
  readonly key: Bytes;
  /** A file of OpenSSH, without a passphrase. */
  readonly secret: string;
}

/**
 * The host key of a home, made when there is none. The caller holds the home's lock.
 *
 * @throws {PeriError} `denied` when others can read it, `damaged` when it is none: a new one would
 * look to every client like another server.
 */
export async function openHostKey(home: string): Promise<HostKey> {
  const path = `${home}/ssh_host_ed25519_key`;
  if (!await hasFile(path)) await writeSecretFile(path, [new TextEncoder().encode(await make())]);
  const { mode } = await Deno.stat(path);
  if (((mode ?? 0) & 0o077) !== 0) {
    throw new PeriError("denied", {
      op: "read the host key",
      subject: `others may read ${path}`,
      hint: `chmod 600 ${path}`,
    });
  }
  const secret = new TextDecoder().decode(await readFile(path, MAX_FILE_BYTES));
  try {
    return { key: ed25519Key(parseSecretKey(secret).point), secret };
  } catch (cause) {
    const subject = `${path} is no host key any more`;
    const hint = "restore it from a backup; without it every client is warned of another server";
    throw new PeriError("damaged", { op: "read the host key", subject, hint, cause });
  }
}

async function make(): Promise<string> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey("Ed25519", true, [
    "sign",
    "verify",
  ]) as CryptoKeyPair;
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  const pair = {
    seed: pkcs8.subarray(PKCS8_HEAD_BYTES, PKCS8_HEAD_BYTES + 32),
    point: new Uint8Array(await crypto.subtle.exportKey("raw", publicKey)),
  };
  return formatSecretKey(pair, "peri", crypto.getRandomValues(new Uint8Array(4)));
}
