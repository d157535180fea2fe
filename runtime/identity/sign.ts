/**
 * Signing a behalf with the person's own key, wherever its secret is.
 *
 * @module
 */

import { type Bytes, encodeUtf8 } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { Fingerprint } from "../model/words.ts";
import { type Behalf, parseBehalf } from "./behalf.ts";
import { certificateOf, type KeyTools, type PersonKey, showPerson } from "./person.ts";
import { unlockAsked } from "./unlock.ts";

const SIGN = "sign";

/**
 * A detached binary signature over a behalf of this person. Nothing else is signed: the document
 * comes from a server, which may be somebody else's.
 *
 * @throws {PeriError} `damaged` when the document is no behalf, `denied` when it speaks for another
 * person or the passphrase is wrong, `not-found` when the secret is not on this computer.
 */
export async function signBehalf(
  tools: KeyTools,
  person: Fingerprint,
  document: string,
): Promise<Bytes> {
  const behalf = parseBehalf(document);
  if (behalf.person !== person) {
    const subject = `the behalf speaks for ${behalf.person}, not for ${person}`;
    throw new PeriError("denied", { op: SIGN, subject });
  }
  const key = await showPerson(tools, person);
  const content = encodeUtf8(document);
  const signature = await makeSignature(tools, key, behalf, content);
  // A card, an agent and a file may disagree on what a key is; others will check just this.
  const certificate = await certificateOf(tools, person);
  await tools.pgp.verify(certificate, content, signature, tools.clock.nowMs());
  return signature;
}

async function makeSignature(
  tools: KeyTools,
  key: PersonKey,
  behalf: Behalf,
  content: Bytes,
): Promise<Bytes> {
  if (key.custody === "gpg") return await tools.gpg.sign(key.fingerprint, content);
  if (key.custody === "absent") {
    throw new PeriError("not-found", {
      op: SIGN,
      subject: `only the certificate of ${key.fingerprint} is here`,
      hint: `peri key import FILE with the secret key, or peri key import --gpg ${key.fingerprint}`,
    });
  }
  const secretKey = await tools.pgp.dearmor(await tools.keyring.secretKey(key.fingerprint));
  const purpose = `Unlock the key of ${key.userIds[0] ?? key.fingerprint} to sign for ` +
    `the pod ${behalf.pod} at ${behalf.endpoint}`;
  const request = { person: key.fingerprint, purpose };
  return await tools.pgp.sign(await unlockAsked(tools, secretKey, request), content);
}
