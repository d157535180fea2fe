/**
 * What a guest signs to show which key is theirs.
 *
 * @module
 */

import { type Bytes, encodeUtf8 } from "../../model/bytes.ts";
import type { Fingerprint } from "../../model/words.ts";
import { openSecret } from "../change.ts";
import { certificateOf, type KeyTools, showPerson } from "../person.ts";
import { formatMeeting, type InvitationLink, invitationOf, proveInvitation } from "./invitation.ts";

/** All that a guest shows to the server that invites. */
export interface Shown {
  readonly document: string;
  readonly signature: Bytes;
  readonly proof: Bytes;
  readonly certificate: Bytes;
}

/**
 * Signs with one's own key that one comes by an invitation.
 *
 * @throws {PeriError} `not-found` without the secret here, `denied` for a wrong passphrase, `invalid`
 * when the key cannot sign.
 */
export async function signMeeting(
  tools: KeyTools,
  guest: Fingerprint,
  { inviter, seed }: InvitationLink,
): Promise<Shown> {
  const signedMs = Math.floor(tools.clock.nowMs() / 1000) * 1000;
  const invitation = await invitationOf(seed);
  const document = formatMeeting({ inviter, guest, invitation, signedMs });
  const content = encodeUtf8(document);
  const key = await showPerson(tools, guest);
  const signature = key.custody === "gpg"
    ? await tools.gpg.sign(guest, content)
    : await tools.pgp.sign(await openSecret(tools, key, "accept an invitation", ""), content);
  const certificate = await certificateOf(tools, guest);
  await tools.pgp.verify(certificate, content, signature, tools.clock.nowMs());
  return { document, signature, proof: await proveInvitation(seed, document), certificate };
}
