/**
 * What the parts of a key are for, until when, and where their secrets are.
 *
 * @module
 */

import type { AnySecretKeyPacket, Key, PublicKeyPacket, SignaturePacket } from "openpgp";
import { parseFingerprint } from "../../model/words.ts";
import type { KeyPart, KeyUse } from "../../ports/pgp.ts";
import { type Component, readComponents, termsOf } from "./components.ts";
import { judgingTime, readAnyKey } from "./read.ts";
import { sshKeyOf } from "./ssh.ts";

/** Key flags (RFC 9580 section 5.2.3.29). */
const USES: readonly (readonly [number, KeyUse])[] = [
  [0x01, "certify"],
  [0x02, "sign"],
  [0x0c, "encrypt"],
  [0x20, "authenticate"],
];

/** See {@link import("../../ports/pgp.ts").Pgp.parts}. */
export async function partsOf(bytes: Uint8Array, nowMs: number): Promise<KeyPart[]> {
  const key = await readAnyKey(bytes, "look at the parts of a key");
  const [primary, ...rest] = await readComponents(key, nowMs);
  const expires = await key.getExpirationTime();
  const first: KeyPart = {
    ...describe(primary!, await primaryTerms(key, nowMs)),
    ...(expires instanceof Date ? { expiresMs: expires.getTime() } : {}),
    revoked: await key.isRevoked(undefined, undefined, judgingTime(key, nowMs)),
  };
  const subkeys = rest.filter(({ kind, own }) => kind === "subkey" && own.length > 0);
  return [first, ...subkeys.map((part) => ({ ...describe(part, termsOf(part)), ...endOf(part) }))];
}

/** A v4 key says what its primary part may do in the signature over its user id. */
async function primaryTerms(key: Key, nowMs: number): Promise<SignaturePacket | undefined> {
  const at = judgingTime(key, nowMs);
  return await key.getPrimaryUser(at).then(
    (user) => user.selfCertification,
    () => undefined,
  );
}

function describe(
  part: Component,
  terms: SignaturePacket | undefined,
): Omit<KeyPart, "expiresMs"> {
  const packet = part.packet as PublicKeyPacket;
  const flags = (terms?.keyFlags ?? termsOf(part)?.keyFlags)?.[0] ?? 0;
  const ssh = sshKeyOf(packet);
  return {
    fingerprint: parseFingerprint(packet.getFingerprint()),
    createdMs: packet.getCreationTime().getTime(),
    revoked: part.revocations.length > 0,
    uses: USES.filter(([bits]) => (flags & bits) !== 0).map(([, use]) => use),
    secret: secretOf(part),
    ...(ssh && { ssh }),
  };
}

function endOf(part: Component): { readonly expiresMs?: number } {
  const { keyExpirationTime } = termsOf(part)!;
  if (!keyExpirationTime) return {};
  const packet = part.packet as PublicKeyPacket;
  return { expiresMs: packet.getCreationTime().getTime() + keyExpirationTime * 1_000 };
}

function secretOf({ packet }: Component): KeyPart["secret"] {
  if (!("isMissingSecretKeyMaterial" in packet)) return "elsewhere";
  const secret = packet as AnySecretKeyPacket;
  if (secret.isMissingSecretKeyMaterial()) return "elsewhere";
  return secret.isDecrypted() ? "open" : "locked";
}
