/**
 * The behalfs that a person's pods get from the key that takes the place of theirs.
 *
 * @module
 */

import { DEFAULT_BUDGET } from "../../model/budget.ts";
import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { Fingerprint, ServerUrl } from "../../model/words.ts";
import type { ResidentPod } from "../resident.ts";
import { type Draft, type DraftPorts, Drafts } from "../version/draft.ts";
import { recordOf } from "../version/record.ts";
import { changed } from "../version/versions.ts";
import type { Heirloom } from "./takeover.ts";

/** Who takes over, and where. */
export interface Heir {
  readonly person: Fingerprint;
  /** The successor's certificate. */
  readonly certificate: Bytes;
  readonly endpoint: ServerUrl;
}

/** Certifies pods for a new key. Nothing is kept by it. */
export class Certifier {
  readonly #drafts: Drafts;

  constructor(private readonly ports: DraftPorts) {
    this.#drafts = new Drafts(ports);
  }

  /**
   * Drafts the behalf of a pod as it is, under the new key.
   *
   * @throws {PeriError} `exists` when the new key has a pod of this name here.
   */
  async plan(before: ResidentPod, { person, certificate, endpoint }: Heir): Promise<Draft> {
    const { manifest } = before;
    const ref = { person, pod: before.ref.pod };
    if (this.ports.residents.byRef(ref) !== undefined) throw taken(before);
    return await this.#drafts.draft(
      { kind: "succeed", ref, certificate, endpoint, manifest, before },
    );
  }

  /**
   * The record of a pod under the new key.
   *
   * @throws {PeriError} `denied` when the signature does not hold, `conflict` when the pod was
   * changed meanwhile.
   */
  async complete(draft: Draft, signature: Bytes): Promise<Heirloom> {
    const { secret, known } = await this.#drafts.accept(draft, signature);
    const { clock, residents } = this.ports;
    const before = secret.wish.before!;
    if (residents.byRef(before.ref) !== before) throw changed(before.ref);
    const after = recordOf(draft, secret, known.introduction, clock.nowMs(), DEFAULT_BUDGET);
    return { before, after };
  }
}

function taken({ ref: { pod } }: ResidentPod): PeriError {
  return new PeriError("exists", {
    op: "succeed",
    subject: `the new key has a pod ${pod} of its own on this server`,
    hint: `remove it, and what it keeps, first: peri pod remove ${pod}`,
  });
}
