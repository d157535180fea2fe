/**
 * What is true in a simulation of people: who has signed what for which server, and whose key is
 * revoked or in other hands. No server reads it; what servers say is held against it.
 *
 * @module
 */

import type { MemoryPgp } from "../../../runtime/adapters/memory/pgp.ts";
import {
  type Behalf,
  draftBehalf,
  formatBehalf,
  type Introduction,
  type Known,
} from "../../../runtime/identity/behalf.ts";
import { type Bytes, encodeUtf8 } from "../../../runtime/model/bytes.ts";
import {
  formatPodRef,
  parsePodName,
  type PodName,
  type PodRef,
  type ServerUrl,
} from "../../../runtime/model/words.ts";
import type { NewKey } from "../../../runtime/ports/pgp.ts";

export const HEY = parsePodName("hey");
const YEAR_MS = 365 * 86_400_000;

/** Somebody, with what their servers and they themselves know of them. */
export interface Somebody {
  readonly name: string;
  readonly key: NewKey;
  /** Their certificate as it is now. */
  certificate: Bytes;
  isRevoked: boolean;
  /** Somebody else has a copy of their key. */
  isStolen: boolean;
}

/** A behalf that was signed with its person's key. */
export interface Issued extends Known {
  readonly secretKey: Bytes;
  readonly byThief: boolean;
}

/** What a behalf is to say. */
export interface Wishes {
  readonly pod?: PodName;
  readonly endpoint: ServerUrl;
  readonly nowMs: number;
  readonly expiresMs?: number;
  readonly serial?: number;
  readonly byThief?: boolean;
}

/** See the module. */
export class Truth {
  readonly people: Somebody[] = [];
  readonly #issued = new Map<string, Issued[]>();
  readonly #documents = new Map<string, Issued>();
  readonly #podKeys = new Map<string, NewKey>();

  constructor(readonly pgp: MemoryPgp) {}

  /** A person with a key of their own; names are no secret, so others may have the same. */
  async person(name: string): Promise<Somebody> {
    const key = await this.pgp.makePersonKey({ userId: `${name} <${name}@example.org>` });
    const somebody = {
      name,
      key,
      certificate: key.certificate,
      isRevoked: false,
      isStolen: false,
    };
    this.people.push(somebody);
    return somebody;
  }

  /** Signs a behalf, of the next serial unless another is wished. */
  async issue(somebody: Somebody, wishes: Wishes): Promise<Issued> {
    const { pod = HEY, endpoint, nowMs, byThief = false } = wishes;
    const ref = { person: somebody.key.fingerprint, pod };
    const before = this.issued(ref);
    const serial = wishes.serial ?? (before.at(-1)?.behalf.serial ?? 0) + 1;
    const podKey = await this.#podKey(ref, byThief);
    const behalf: Behalf = draftBehalf({
      ...ref,
      endpoint,
      capabilities: [],
      podKey: podKey.fingerprint,
      podCertificate: podKey.certificate,
      serial,
      issuedMs: nowMs,
      expiresMs: wishes.expiresMs ?? nowMs + YEAR_MS,
    });
    const document = formatBehalf(behalf);
    const signature = await this.pgp.sign(somebody.key.secretKey, encodeUtf8(document));
    const introduction: Introduction = { certificate: somebody.certificate, document, signature };
    const issued = { behalf, introduction, secretKey: podKey.secretKey, byThief };
    // What a thief signs is no behalf of theirs, though nobody can see that.
    if (!byThief || somebody.isStolen) this.#documents.set(document, issued);
    if (!byThief) this.#issued.set(formatPodRef(ref), [...before, issued]);
    return issued;
  }

  /** All behalfs of a pod that its person has signed, oldest first. */
  issued(ref: PodRef): readonly Issued[] {
    return this.#issued.get(formatPodRef(ref)) ?? [];
  }

  /** The behalf of a pod that counts. */
  newest(ref: PodRef): Issued | undefined {
    return this.issued(ref).at(-1);
  }

  /** Who signed a document with the key of the person it names; nobody signed any other. */
  signed(document: string): Issued | undefined {
    return this.#documents.get(document);
  }

  async #podKey(ref: PodRef, byThief: boolean): Promise<NewKey> {
    const name = `${formatPodRef(ref)}${byThief ? " thief" : ""}`;
    const known = this.#podKeys.get(name) ?? await this.pgp.makePodKey(name);
    this.#podKeys.set(name, known);
    return known;
  }
}
