/**
 * Open: an envelope that came in is read (PROTOCOL.md, "What a recipient checks", 1 to 4).
 *
 * @module
 */

import type { Directory } from "../directory/directory.ts";
import type { Envelope } from "../model/envelope.ts";
import { PeriError } from "../model/errors.ts";
import { MAX_BUNDLE_BYTES, MAX_ENVELOPE_BYTES } from "../model/limits.ts";
import { formatPodRef } from "../model/words.ts";
import type { Resident, Residents } from "../ports/mailbox.ts";
import type { Pgp, Unsealed } from "../ports/pgp.ts";
import { type Bundle, decodeBundle } from "./bundle.ts";

declare const opened: unique symbol;

/** A bundle for a pod that lives here; nothing in it is believed yet. Only {@link openEnvelope} makes one. */
export interface Opened {
  readonly [opened]: true;
  readonly to: Resident;
  readonly bundle: Bundle;
  readonly unsealed: Unsealed;
}

/**
 * Reads an envelope.
 *
 * @throws {PeriError} `not-found` when its pod does not live here, `damaged` when it cannot be
 * read, `too-large`, `denied` when it was passed on by someone it was not for.
 */
export async function openEnvelope(
  { to, sealed }: Envelope,
  residents: Residents,
  pgp: Pgp,
  directory: Pick<Directory, "current">,
): Promise<Opened> {
  if (sealed.length > MAX_ENVELOPE_BYTES) {
    throw refusal("too-large", `${sealed.length} bytes, ${MAX_ENVELOPE_BYTES} allowed`);
  }
  const resident = residents.byKey(to);
  if (!resident) throw refusal("not-found", `no pod here has the key ${to}`);
  const unsealed = await pgp.open(resident.secretKey, sealed, MAX_BUNDLE_BYTES);
  const written = decodeBundle(unsealed.content);
  const { ref } = resident;
  // Written to the key before this one: the lane is the same, with its marks.
  const isMeant = formatPodRef(written.to) === formatPodRef(ref) ||
    formatPodRef(await directory.current(written.to)) === formatPodRef(ref);
  if (!isMeant) throw refusal("denied", `it was not written to ${formatPodRef(ref)}`);
  return { to: resident, bundle: { ...written, to: ref }, unsealed } as Opened;
}

function refusal(kind: PeriError["kind"], subject: string): PeriError {
  return new PeriError(kind, { op: "open an envelope", subject });
}
