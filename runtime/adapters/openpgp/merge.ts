/**
 * Two copies of one certificate made into one that says all that either says: the newest terms of
 * every part, and every revocation for good.
 *
 * @module
 */

import type { SignaturePacket } from "openpgp";
import { type Bytes, equalBytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_CERTIFICATE_BYTES } from "../../model/limits.ts";
import {
  bytesOf,
  type Component,
  isSamePart,
  joinComponents,
  readComponents,
} from "./components.ts";
import { library } from "./library.ts";
import { readCertificate } from "./read.ts";

const MERGE = "bring a certificate up to date";

/**
 * See {@link import("../../ports/pgp.ts").Pgp.merge}.
 *
 * @param keepsOthers whether what others have signed is kept, as in a person's own keyring
 */
export async function mergeCertificates(
  known: Uint8Array,
  offered: Uint8Array,
  nowMs: number,
  keepsOthers = false,
): Promise<Bytes> {
  const [before, after] = [
    await readCertificate(known, MERGE),
    await readCertificate(offered, MERGE),
  ];
  if (before.getFingerprint() !== after.getFingerprint()) {
    const subject = `${after.getFingerprint().toUpperCase()} is another key than ` +
      before.getFingerprint().toUpperCase();
    throw new PeriError("denied", { op: MERGE, subject });
  }
  const parts = await readComponents(before, nowMs);
  for (const part of await readComponents(after, nowMs)) {
    const at = parts.findIndex((one) => isSamePart(one, part));
    if (at < 0) parts.push(part);
    else parts[at] = joinPart(parts[at]!, part);
  }
  const kinds = ["primary", "user", "subkey"];
  const least = await Promise.all(parts.filter(isBound).map(leastOf));
  const kept = keepsOthers ? least : least.map((part) => ({ ...part, others: [] }));
  kept.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
  const merged = await joinComponents(kept);
  if (merged.length <= MAX_CERTIFICATE_BYTES) return merged;
  const subject = `${merged.length} bytes together, ${MAX_CERTIFICATE_BYTES} allowed`;
  throw new PeriError("too-large", { op: MERGE, subject });
}

/** A user id or subkey without a signature of the primary key is nobody's. */
function isBound({ kind, own }: Component): boolean {
  return kind === "primary" || own.length > 0;
}

function joinPart(a: Component, b: Component): Component {
  return {
    ...a,
    own: [...a.own, ...b.own].sort((x, y) => dateOf(x) - dateOf(y)),
    revocations: [...a.revocations, ...b.revocations].sort((x, y) => dateOf(x) - dateOf(y)),
    others: [...a.others, ...b.others.filter((one) => !a.others.some((two) => isSame(one, two)))],
  };
}

/** A part with its newest terms only, and one revocation, so that a certificate does not grow. */
export async function leastOf(part: Component): Promise<Component> {
  const { reasonForRevocation } = (await library()).enums;
  const { keyRetired, keySuperseded, userIDInvalid } = reasonForRevocation;
  const softly: readonly (number | null)[] = [keyRetired, keySuperseded, userIDInvalid];
  // One that takes everything back stands over one that only ends it.
  const hard = part.revocations.find((each) => !softly.includes(each.reasonForRevocationFlag));
  const revocation = hard ?? part.revocations[0];
  return {
    ...part,
    own: part.own.slice(-1),
    revocations: revocation === undefined ? [] : [revocation],
  };
}

function isSame(a: SignaturePacket, b: SignaturePacket): boolean {
  return equalBytes(bytesOf(a), bytesOf(b));
}

function dateOf({ created }: SignaturePacket): number {
  return created?.getTime() ?? 0;
}
