/**
 * Signing the text of a join with the person's own key, wherever its secret is.
 *
 * @module
 */

import { type Bytes, encodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { Fingerprint } from "../../model/words.ts";
import { certificateOf, type KeyTools, showPerson } from "../person.ts";
import { unlockAsked } from "../unlock.ts";
import { parseJoin } from "./text.ts";

const OP = "sign";

/**
 * A detached binary signature over a join of this person. Nothing else is signed.
 *
 * @throws {PeriError} `damaged` when the text is no join, `denied` when it speaks for another person
 * or the passphrase is wrong, `not-found` when the secret is not on this computer.
 */
export async function signJoin(
  tools: KeyTools,
  person: Fingerprint,
  document: string,
): Promise<Bytes> {
  const join = parseJoin(document);
  if (join.person !== person) {
    const subject = `the text speaks for ${join.person}, not for ${person}`;
    throw new PeriError("denied", { op: OP, subject });
  }
  const content = encodeUtf8(document);
  const signature = await makeSignature(tools, person, content, join.server);
  const certificate = await certificateOf(tools, person);
  await tools.pgp.verify(certificate, content, signature, tools.clock.nowMs());
  return signature;
}

async function makeSignature(
  tools: KeyTools,
  person: Fingerprint,
  content: Bytes,
  server: string,
): Promise<Bytes> {
  const key = await showPerson(tools, person);
  if (key.custody === "gpg") return await tools.gpg.sign(person, content);
  if (key.custody === "absent") {
    throw new PeriError("not-found", {
      op: OP,
      subject: `only the certificate of ${person} is here`,
      hint: `peri key import FILE with the secret key, or peri key import --gpg ${person}`,
    });
  }
  const secretKey = await tools.pgp.dearmor(await tools.keyring.secretKey(person));
  const purpose = `Unlock the key of ${key.userIds[0] ?? person} to join ${server}`;
  const request = { person, purpose };
  return await tools.pgp.sign(await unlockAsked(tools, secretKey, request), content);
}
