/**
 * Drafts: a behalf that waits for its person's signature. They live in memory only, so a process
 * that dies in between leaves nothing, and a pod key that was never certified is gone with it.
 *
 * @module
 */

import { type Behalf, draftBehalf, formatBehalf, type Known } from "../../identity/behalf.ts";
import { checkIntroduction } from "../../identity/introduction.ts";
import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { BEHALF_LIFE_MS, MAX_BEHALF_LIFE_MS } from "../../model/limits.ts";
import type { Manifest } from "../../model/pod.ts";
import type { Fingerprint, PodRef, ServerUrl } from "../../model/words.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RevocationReason } from "../../ports/keysmith.ts";
import type { NewKey, Pgp } from "../../ports/pgp.ts";
import type { Store } from "../../ports/store.ts";
import type { ResidentPod } from "../resident.ts";
import type { ResidentMap } from "../residents.ts";
import { serialKey } from "../rows.ts";

/** What a person is to sign, and what it allows. */
export interface Draft {
  readonly kind: "install" | "upgrade" | "rollback" | "renew" | "revoke" | "claim" | "succeed";
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
  /** It is to be the last word on the pod, and why. */
  readonly revoked?: RevocationReason;
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

  /**
   * Drafts a behalf with the next serial.
   *
   * @throws {PeriError} `denied` for another's certificate, and for a pod whose key somebody else
   * may have: it is of no use any more.
   */
  async draft(asked: DraftWish): Promise<Draft> {
    const { pgp } = this.ports;
    const wish = withEnd(asked);
    const { kind, ref, certificate, endpoint, manifest, before } = wish;
    await checkOwner(pgp, certificate, ref.person);
    const isLost = before?.revoked?.reason === "compromised";
    if (isLost && wish.revoked === undefined) throw compromised(ref);
    const key = before === undefined
      ? await pgp.makePodKey(`${ref.pod} of ${ref.person}`)
      : await keyOf(pgp, before);
    const behalf = draftBehalf({
      person: ref.person,
      pod: ref.pod,
      endpoint,
      capabilities: wish.revoked === undefined ? offersOf(manifest) : [],
      podKey: key.fingerprint,
      podCertificate: key.certificate,
      serial: await this.#nextSerial(ref),
      ...this.#timesOf(wish),
      ...(wish.revoked === undefined ? {} : { revoked: wish.revoked }),
    });
    const { serial, expiresMs } = behalf;
    const document = formatBehalf(behalf);
    const known = before?.component === undefined ? {} : { before: before.manifest };
    const draft = { kind, ref, document, serial, expiresMs, manifest, ...known };
    this.#secrets.set(draft, { wish, key });
    return draft;
  }

  /** Drafts the last word on a pod that does not live here, of which only its behalf is known. */
  async draftEnd(
    { behalf, introduction: { certificate } }: Known,
    revoked: RevocationReason,
  ): Promise<Draft> {
    const { person, pod, endpoint, podKey: fingerprint, podCertificate } = behalf;
    const ref = { person, pod };
    const manifest = { name: pod, version: "", about: "", offers: [], needs: [] };
    const wish = { kind: "revoke", ref, certificate, endpoint, manifest, revoked } as const;
    const serial = await this.#nextSerial(ref);
    const times = this.#timesOf(wish);
    const over = draftBehalf({ ...behalf, capabilities: [], serial, ...times, revoked });
    const draft = {
      kind: "revoke",
      ref,
      document: formatBehalf(over),
      serial,
      expiresMs: over.expiresMs,
      manifest,
    } as const;
    const secretKey = new Uint8Array(0);
    const key = { fingerprint, certificate: podCertificate, secretKey };
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
    const known = await checkIntroduction(pgp, introduction, clock.nowMs()).catch(explain);
    this.#secrets.delete(draft);
    return { secret, known };
  }

  /** A revocation outlives whatever behalf was signed before it. */
  #timesOf({ revoked, lifeMs = BEHALF_LIFE_MS }: DraftWish) {
    const issuedMs = this.ports.clock.nowMs();
    const endsMs = issuedMs + (revoked === undefined ? lifeMs : MAX_BEHALF_LIFE_MS);
    return { issuedMs, expiresMs: endsMs };
  }

  async #nextSerial(ref: PodRef): Promise<number> {
    const { store, residents, knownSerial } = this.ports;
    const drafted = (await store.get<number>(serialKey(ref)))?.value ?? 0;
    const seen = await knownSerial?.(ref) ?? 0;
    return Math.max(drafted, seen, residents.byRef(ref)?.serial ?? 0) + 1;
  }
}

/** A key that has other parts by now signs with them, and this server may not have heard of it. */
function explain(error: unknown): never {
  if (!(error instanceof PeriError) || error.kind !== "denied" || error.hint !== undefined) {
    throw error;
  }
  const { op, subject } = error;
  const hint = "if your key has changed, tell your server first: peri key publish";
  throw new PeriError("denied", { op, subject, hint, cause: error });
}

/** What is revoked stays so when its person gets another key. */
function withEnd(wish: DraftWish): DraftWish {
  const { kind, before } = wish;
  const isOver = kind === "succeed" && before?.revoked !== undefined;
  return isOver ? { ...wish, revoked: before.revoked.reason } : wish;
}

function offersOf({ offers }: Manifest): Behalf["capabilities"] {
  return offers.map(({ interface: name, capability, supersedes }) => ({
    interface: name,
    capability,
    ...(supersedes === undefined ? {} : { supersedes }),
  }));
}

function compromised({ pod }: PodRef): PeriError {
  return new PeriError("denied", {
    op: "draft a behalf",
    subject: `${pod} was revoked because somebody else may have its key`,
    hint: `peri pod remove ${pod}, then install it: it gets a key of its own again`,
  });
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
