/**
 * OpenPGP by OpenPGP.js, which is loaded when the first operation needs it. `openpgp/` holds the
 * parts; nothing outside may import the library.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import type { Clock } from "../ports/clock.ts";
import type { Pgp } from "../ports/pgp.ts";
import { listCertifiers, readCertifications } from "./openpgp/certifications.ts";
import { inspectCertificate, makePersonKey, makePodKey, unlockKey } from "./openpgp/keys.ts";
import { library } from "./openpgp/library.ts";
import { mergeCertificates } from "./openpgp/merge.ts";
import { openMessage, sealMessage } from "./openpgp/messages.ts";
import { partsOf } from "./openpgp/parts.ts";
import { attachCertifications, dearmorRing } from "./openpgp/ring.ts";
import { dearmorKey, readAnyKey, readSecretKey } from "./openpgp/read.ts";
import { signDetached, verifyDetached, verifyDetachedThen } from "./openpgp/signatures.ts";

export { openKeysmith } from "./openpgp/smith.ts";

/** OpenPGP with keys and signatures dated by the clock; chance comes from the platform. */
export function openPgp(clock: Clock): Pgp {
  return {
    makePersonKey: (options) => makePersonKey(options, clock.nowMs()),
    makePodKey: (userId) => makePodKey(userId, clock.nowMs()),
    inspect: (certificate) => inspectCertificate(certificate, clock.nowMs()),
    parts: (key) => partsOf(key, clock.nowMs()),
    merge: (known, offered) => mergeCertificates(known, offered, clock.nowMs()),
    dearmor: (text) => dearmorKey(text, "read armor"),
    async publicPart(secretKey) {
      const key = await readSecretKey(secretKey, "take the public part of a key");
      return key.toPublic().write() as Bytes;
    },
    async armor(key) {
      return (await readAnyKey(key, "armor a key")).armor();
    },
    unlock: unlockKey,
    sign: (secretKey, content) => signDetached(secretKey, content, clock.nowMs()),
    verify: verifyDetached,
    certifiers: listCertifiers,
    certifications: (keyring, known) => readCertifications(keyring, known, clock.nowMs()),
    attach: attachCertifications,
    dearmorRing: (keyring) => dearmorRing(keyring, "read armor"),
    async armorRing(keyring) {
      const { armor, enums } = await library();
      // GnuPG 2.2 reads no armor without a checksum at its end.
      const { publicKey } = enums.armor;
      return armor(publicKey, keyring, undefined, undefined, undefined, true) as unknown as string;
    },
    verifyThen: verifyDetachedThen,
    seal: (signer, recipient, content) => sealMessage(signer, recipient, content, clock.nowMs()),
    open: (secretKey, sealed, maxBytes) => openMessage(secretKey, sealed, maxBytes, clock.nowMs()),
  };
}
