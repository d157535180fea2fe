/**
 * Pods with behalfs in a world of keys in memory.
 *
 * @module
 */

import type { MemoryPgp } from "../../runtime/adapters/memory/pgp.ts";
import {
  type Behalf,
  draftBehalf,
  formatBehalf,
  type Introduction,
} from "../../runtime/identity/behalf.ts";
import { encodeUtf8 } from "../../runtime/model/bytes.ts";
import { parsePodName, type PodName, type ServerUrl } from "../../runtime/model/words.ts";
import type { NewKey } from "../../runtime/ports/pgp.ts";
import type { Resident } from "../../runtime/ports/mailbox.ts";

const YEAR_MS = 365 * 86_400_000;

/** A person of a world. */
export async function makePerson(pgp: MemoryPgp, name: string): Promise<NewKey> {
  return await pgp.makePersonKey({ userId: name });
}

/** What a behalf says that is not obvious. */
export interface BehalfWishes {
  readonly pod: PodName;
  readonly endpoint: ServerUrl;
  readonly nowMs: number;
  readonly serial?: number;
  readonly expiresMs?: number;
  /** Another key than a new one. */
  readonly key?: NewKey;
}

/** A pod of a person, with a behalf that they signed. */
export async function makeResident(
  pgp: MemoryPgp,
  person: NewKey,
  { pod, endpoint, nowMs, serial = 1, expiresMs = nowMs + YEAR_MS, key }: BehalfWishes,
): Promise<Resident> {
  const podKey = key ?? await pgp.makePodKey(pod);
  const behalf: Behalf = draftBehalf({
    person: person.fingerprint,
    pod,
    endpoint,
    capabilities: [],
    podKey: podKey.fingerprint,
    podCertificate: podKey.certificate,
    serial,
    issuedMs: Math.min(nowMs, expiresMs - 1000),
    expiresMs,
  });
  const document = formatBehalf(behalf);
  const signature = await pgp.sign(person.secretKey, encodeUtf8(document));
  const introduction: Introduction = { certificate: person.certificate, document, signature };
  return {
    ref: { person: person.fingerprint, pod },
    podKey: podKey.fingerprint,
    secretKey: podKey.secretKey,
    introduction,
    serial,
  };
}

/** The pod name all pods of a world have unless they need another. */
export const HEY = parsePodName("hey");
