/**
 * Drafts: a behalf that waits for its person's signature. They live in memory only, so a process
 * that dies in between leaves nothing, and a pod key that was never certified is gone with it.
 *
 * @module
 */

import { draftBehalf, formatBehalf, type Known } from "../../identity/behalf.ts";
import { checkIntroduction } from "../../identity/introduction.ts";
import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { BEHALF_LIFE_MS } from "../../model/limits.ts";
import type { Manifest } from "../../model/pod.ts";
import type { Fingerprint, PodRef, ServerUrl } from "../../model/words.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NewKey, Pgp } from "../../ports/pgp.ts";
import type { Store } from "../../ports/store.ts";
import type { ResidentPod } from "../resident.ts";
import type { ResidentMap } from "../residents.ts";
import { serialKey } from "../rows.ts";

/** What a person is to sign, and what it allows. */
export interface Draft {
  readonly kind: "install" | "upgrade" | "rollback" | "renew" | "claim" | "succeed";
  readonly ref: PodRef;
  /** The behalf, to be signed byte for byte. */
  readonly document: string;
  readonly serial: number;
  readonly expiresMs: number;
  readonly manifest: Manifest;
  /** The manifest of the version in whose place it is put. */
  readonly before?: Manifest;
}

/** What is drafted. */
export interface DraftWish {
  readonly kind: Draft["kind"];
  readonly ref: PodRef;
  /** The person's certificate. */
  readonly certificate: Bytes;
  readonly endpoint: ServerUrl;
  readonly manifest: Manifest;
  /** The pod's record, when it keeps its key. */
  readonly before?: ResidentPod;
  readonly component?: Uint8Array;
  /** The version that it goes back to. */
  readonly kept?: ResidentPod;
  /** No version before it is kept for its sake. */
  readonly isDraft?: boolean;
  readonly lifeMs?: number;
}

/** A draft's other half, which never leaves this process. */
export interface DraftSecret {
  readonly wish: DraftWish;
  readonly key: Pick<NewKey, "fingerprint" | "certificate" | "secretKey">;
}

/** What drafts are made with. */
export interface DraftPorts {
  readonly store: Store;
  readonly pgp: Pgp;
  readonly clock: Clock;
  readonly residents: ResidentMap;
  /**
   * The highest serial anybody is known to have seen of a pod, 0 when none: a pod that lived
   * elsewhere before must not fall behind.
   */
  knownSerial?(ref: PodRef): Promise<number>;
}

/** Drafts that wait for a signature. */
export class Drafts {
  readonly #secrets = new WeakMap<Draft, DraftSecret>();

  constructor(readonly ports: DraftPorts) {}

  /** Drafts a behalf with the next serial. @throws {PeriError} `denied` for another's certificate. */
  async draft(wish: DraftWish): Promise<Draft> {
    const { clock, pgp } = this.ports;
    const { kind, ref, certificate, endpoint, manifest, before } = wish;
    await checkOwner(pgp, certificate, ref.person);
    const key = before === undefined
      ? await pgp.makePodKey(`${ref.pod} of ${ref.person}`)
      : await keyOf(pgp, before);
    const nowMs = clock.nowMs();
    const behalf = draftBehalf({
      person: ref.person,
      pod: ref.pod,
      endpoint,
      capabilities: manifest.offers.map((offer) => ({
        interface: offer.interface,
        capability: offer.capability,
        ...(offer.supersedes === undefined ? {} : { supersedes: offer.supersedes }),
      })),
      podKey: key.fingerprint,
      podCertificate: key.certificate,
      serial: await this.#nextSerial(ref),
      issuedMs: nowMs,
      expiresMs: nowMs + (wish.lifeMs ?? BEHALF_LIFE_MS),
    });
    const { serial, expiresMs } = behalf;
    const document = formatBehalf(behalf);
    const known = before?.component === undefined ? {} : { before: before.manifest };
    const draft = { kind, ref, document, serial, expiresMs, manifest, ...known };
    this.#secrets.set(draft, { wish, key });
    return draft;
  }

  /**
   * A draft's other half and the behalf with its signature, checked. A draft is good for one
   * signature that holds.
   *
   * @throws {PeriError} `invalid` for a draft that is not from here or was used, `denied` when the
   * signature does not hold.
   */
  async accept(
    draft: Draft,
    signature: Bytes,
  ): Promise<{ readonly secret: DraftSecret; readonly known: Known }> {
    const secret = this.#secrets.get(draft);
    if (secret === undefined) {
      const subject = `the draft for ${draft.ref.pod} was used before`;
      throw new PeriError("invalid", { op: "take a signature", subject, hint: "begin again" });
    }
    const { certificate } = secret.wish;
    const introduction = { certificate, document: draft.document, signature };
    const { pgp, clock } = this.ports;
    const known = await checkIntroduction(pgp, introduction, clock.nowMs());
    this.#secrets.delete(draft);
    return { secret, known };
  }

  async #nextSerial(ref: PodRef): Promise<number> {
    const { store, residents, knownSerial } = this.ports;
    const drafted = (await store.get<number>(serialKey(ref)))?.value ?? 0;
    const seen = await knownSerial?.(ref) ?? 0;
    return Math.max(drafted, seen, residents.byRef(ref)?.serial ?? 0) + 1;
  }
}

async function checkOwner(pgp: Pgp, certificate: Bytes, person: Fingerprint): Promise<void> {
  const { fingerprint } = await pgp.inspect(certificate);
  if (fingerprint === person) return;
  const subject = `the certificate is that of ${fingerprint}, not of ${person}`;
  throw new PeriError("denied", { op: "draft a behalf", subject });
}

async function keyOf(pgp: Pgp, pod: ResidentPod): Promise<DraftSecret["key"]> {
  const { podKey, secretKey } = pod;
  return { fingerprint: podKey, secretKey, certificate: await pgp.publicPart(secretKey) };
}
