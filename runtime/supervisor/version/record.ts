/**
 * What a draft makes of a pod once it is signed.
 *
 * @module
 */

import type { Budget } from "../../model/budget.ts";
import { formatHex, sha256 } from "../../model/bytes.ts";
import { KEEP_VERSION_MS } from "../../model/limits.ts";
import type { BlobId } from "../../model/words.ts";
import type { Draft, DraftSecret } from "./draft.ts";
import type { ResidentPod } from "../resident.ts";

/**
 * The record of a pod as a draft will have it.
 *
 * @param budget of a pod that comes
 */
export function recordOf(
  draft: Draft,
  { wish, key }: DraftSecret,
  introduction: ResidentPod["introduction"],
  nowMs: number,
  budget: Budget,
): ResidentPod {
  const { before, component, kept, isDraft = false } = wish;
  const id = component === undefined ? (kept ?? before)?.component : blobIdOf(component);
  return {
    ref: draft.ref,
    podKey: key.fingerprint,
    secretKey: key.secretKey,
    introduction,
    serial: draft.serial,
    endpoint: wish.endpoint,
    installedMs: before?.installedMs ?? nowMs,
    expiresMs: draft.expiresMs,
    budget: before?.budget ?? budget,
    limits: before?.limits ?? {},
    manifest: draft.manifest,
    ...(id === undefined ? {} : { component: id }),
    ...versionOf(draft.kind, before, isDraft, nowMs),
    ...(wish.revoked === undefined ? {} : { revoked: { reason: wish.revoked, sinceMs: nowMs } }),
  };
}

type Version = Pick<ResidentPod, "generation" | "previous" | "isDraft" | "hasGoneBack">;

/** What a version has of the one before it. */
function versionOf(
  kind: Draft["kind"],
  before: ResidentPod | undefined,
  isDraft: boolean,
  nowMs: number,
): Version {
  if (before?.component === undefined) return { generation: 0, ...(isDraft ? { isDraft } : {}) };
  if (kind === "renew" || kind === "revoke" || kind === "succeed") return sameVersion(before);
  const { generation, component, manifest: { version }, previous } = before;
  const own = { version, generation, component, sinceMs: nowMs, untilMs: nowMs + KEEP_VERSION_MS };
  const isBack = kind === "rollback";
  const kept = isBack || !before.isDraft ? own : previous;
  return {
    generation: Math.max(generation, previous?.generation ?? 0) + 1,
    ...(kept === undefined ? {} : { previous: kept }),
    ...(isDraft ? { isDraft } : {}),
    ...(isBack || before.hasGoneBack ? { hasGoneBack: true } : {}),
  };
}

function sameVersion({ generation, previous, isDraft, hasGoneBack }: ResidentPod): Version {
  return {
    generation,
    ...(previous === undefined ? {} : { previous }),
    ...(isDraft ? { isDraft } : {}),
    ...(hasGoneBack ? { hasGoneBack } : {}),
  };
}

function blobIdOf(component: Uint8Array): BlobId {
  return formatHex(sha256(component)) as BlobId;
}
