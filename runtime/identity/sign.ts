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
 * A detached binary signature over a behalf of this person; as {@link signBehalfs}.
 *
 * @throws {PeriError} as there.
 */
export async function signBehalf(
  tools: KeyTools,
  person: Fingerprint,
  document: string,
): Promise<Bytes> {
  const [signature] = await signBehalfs(tools, person, [document]);
  return signature!;
}

/**
 * Detached binary signatures over behalfs of this person, in their order; the key is unlocked once.
 * Nothing else is signed: the documents come from a server, which may be somebody else's.
 *
 * @throws {PeriError} `damaged` when a document is no behalf, `denied` when it speaks for another
 * person or the passphrase is wrong, `not-found` when the secret is not on this computer.
 */
export async function signBehalfs(
  tools: KeyTools,
  person: Fingerprint,
  documents: readonly string[],
): Promise<Bytes[]> {
  const behalfs = documents.map((document) => ownBehalf(person, document));
  const key = await showPerson(tools, person);
  // A card, an agent and a file may disagree on what a key is; others will check just this.
  const certificate = await certificateOf(tools, person);
  const sign = await openSigning(tools, key, { what: `sign for ${whatFor(behalfs)}`, certificate });
  const signatures: Bytes[] = [];
  for (const document of documents) {
    const content = encodeUtf8(document);
    const signature = await sign(content);
    await tools.pgp.verify(certificate, content, signature, tools.clock.nowMs());
    signatures.push(signature);
  }
  return signatures;
}

function ownBehalf(person: Fingerprint, document: string): Behalf {
  const behalf = parseBehalf(document);
  if (behalf.person === person) return behalf;
  const subject = `the behalf speaks for ${behalf.person}, not for ${person}`;
  throw new PeriError("denied", { op: SIGN, subject });
}

/**
 * What signs with a key of the keyring, opened when its secret is here. What is signed with it the
 * caller has made or checked.
 *
 * @param wish `what` for, as `sign for the pod hey`; `certificate`: what the keyring says of the key
 * @throws {PeriError} `denied` for a wrong passphrase, `not-found` when the secret is not here.
 */
export async function openSigning(
  tools: KeyTools,
  key: PersonKey,
  { what, certificate }: { readonly what: string; readonly certificate: Bytes },
): Promise<(content: Bytes) => Promise<Bytes>> {
  if (key.custody === "gpg") return (content) => tools.gpg.sign(key.fingerprint, content);
  if (key.custody === "absent") {
    throw new PeriError("not-found", {
      op: SIGN,
      subject: `only the certificate of ${key.fingerprint} is here`,
      hint: `peri key import FILE with the secret key, or peri key import --gpg ${key.fingerprint}`,
    });
  }
  const kept = await tools.pgp.dearmor(await tools.keyring.secretKey(key.fingerprint));
  const secretKey = await tools.smith.adopt(kept, certificate);
  const purpose = `Unlock the key of ${key.userIds[0] ?? key.fingerprint} to ${what}`;
  const opened = await unlockAsked(tools, secretKey, { person: key.fingerprint, purpose });
  return (content) => tools.pgp.sign(opened, content);
}

function whatFor(behalfs: readonly Behalf[]): string {
  const [first] = behalfs;
  return behalfs.length === 1
    ? `the pod ${first?.pod} at ${first?.endpoint}`
    : `${behalfs.length} pods at ${first?.endpoint}`;
}
