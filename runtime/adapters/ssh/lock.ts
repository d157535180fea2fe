/**
 * Locks a secret SSH key with a passphrase as OpenSSH does: bcrypt_pbkdf and AES-256 in CTR mode.
 * The one owner of bcrypt-pbkdf, which ssh2 brings.
 *
 * @module
 */

import { createCipheriv } from "node:crypto";
import { type Bytes, concatBytes, encodeUtf8 } from "../../model/bytes.ts";
import type { SshLock } from "../../model/ssh/secret.ts";
import { encodeString, encodeUint32 } from "../../model/ssh/wire.ts";

/** As many as ssh-keygen takes: half a second here. */
const ROUNDS = 16;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const IV_BYTES = 16;

/** Derives a key from a passphrase; resolves to 0 when it could. */
type Derive = (
  passphrase: Uint8Array,
  passphraseBytes: number,
  salt: Uint8Array,
  saltBytes: number,
  key: Uint8Array,
  keyBytes: number,
  rounds: number,
) => number;

/** The lock of a passphrase that is not empty. */
export async function openSshLock(passphrase: string): Promise<SshLock> {
  const { default: { pbkdf } } = await import("bcrypt-pbkdf") as { default: { pbkdf: Derive } };
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const secret = encodeUtf8(passphrase);
  const derived = new Uint8Array(KEY_BYTES + IV_BYTES);
  const failed = pbkdf(secret, secret.length, salt, salt.length, derived, derived.length, ROUNDS);
  if (failed) throw new Error("bcrypt_pbkdf has failed");
  const [key, iv] = [derived.subarray(0, KEY_BYTES), derived.subarray(KEY_BYTES)];
  return {
    cipher: "aes256-ctr",
    kdf: "bcrypt",
    options: concatBytes([encodeString(salt), encodeUint32(ROUNDS)]),
    blockBytes: 16,
    encrypt(content): Bytes {
      const cipher = createCipheriv("aes-256-ctr", key, iv);
      return concatBytes([cipher.update(content), cipher.final()]);
    },
  };
}
