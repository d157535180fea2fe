/**
 * OpenPGP keys as SSH keys: the same numbers in another dress, as `gpg --export-ssh-key` has them.
 *
 * @module
 */

import type { AnyKeyPacket, AnySecretKeyPacket } from "openpgp";
import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { ecdsaKey, ed25519Key, rsaKey } from "../../model/ssh/key.ts";
import { formatSecretKey, type SshKeyPair } from "../../model/ssh/secret.ts";
import type { Fingerprint } from "../../model/words.ts";
import { openSshLock } from "../ssh/lock.ts";
import { readSecretKey } from "./read.ts";

const OP = "make an SSH key";

/** Numbers of a key; which there are follows from its algorithm (RFC 9580 section 5.5.5). */
interface Numbers {
  readonly A?: Uint8Array;
  readonly Q?: Uint8Array;
  readonly n?: Uint8Array;
  readonly e?: Uint8Array;
  readonly oid?: { getName(): string };
}

const CURVES = { nistP256: "nistp256", nistP384: "nistp384", nistP521: "nistp521" } as const;
/** Leads a point in the older form of Ed25519. */
const NATIVE_POINT = 0x40;

/** The public key of a packet as SSH carries it; undefined when SSH has no such algorithm. */
export function sshKeyOf(packet: AnyKeyPacket): Bytes | undefined {
  const { algorithm } = packet.getAlgorithmInfo();
  const { A, Q, n, e, oid } = (packet as unknown as { publicParams: Numbers }).publicParams;
  if (algorithm === "ed25519" && A !== undefined) return ed25519Key(A);
  if (algorithm === "eddsaLegacy" && Q?.[0] === NATIVE_POINT) return ed25519Key(Q.subarray(1));
  if (algorithm.startsWith("rsa") && n !== undefined && e !== undefined) return rsaKey(e, n);
  const name = oid?.getName() as keyof typeof CURVES | undefined;
  const curve = algorithm === "ecdsa" && name ? CURVES[name] : undefined;
  return curve && Q && ecdsaKey(curve, Q);
}

/** See {@link import("../../ports/keysmith.ts").Keysmith.sshSecret}. */
export async function writeSshSecret(
  secretKey: Uint8Array,
  part: Fingerprint,
  passphrase: string,
  comment: string,
): Promise<string> {
  const key = await readSecretKey(secretKey, OP);
  const found = key.getKeys().find(({ keyPacket }) =>
    keyPacket.getFingerprint().toUpperCase() === part
  );
  const pair = numbersOf(found?.keyPacket as AnySecretKeyPacket | undefined);
  const check = crypto.getRandomValues(new Uint8Array(4));
  const lock = passphrase === "" ? undefined : await openSshLock(passphrase);
  return formatSecretKey(pair, comment, check, lock);
}

function numbersOf(packet: AnySecretKeyPacket | undefined): SshKeyPair {
  const { publicParams, privateParams } = (packet ?? { publicParams: {} }) as unknown as {
    readonly publicParams: Numbers;
    readonly privateParams?: { readonly seed?: Uint8Array } | null;
  };
  const point = publicParams.A ?? publicParams.Q?.subarray(1);
  const seed = privateParams?.seed;
  if (seed?.length === 32 && point?.length === 32) return { seed, point };
  throw new PeriError("invalid", {
    op: OP,
    subject: "the part that authenticates is no Ed25519 key whose secret is here",
    hint: "gpg-agent (enable-ssh-support) uses keys of other kinds",
  });
}
