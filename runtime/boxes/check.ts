/**
 * Check: who sent a bundle, and when (PROTOCOL.md, "What a recipient checks", 5 to 7).
 *
 * @module
 */

import type { Directory } from "../directory/directory.ts";
import { type Behalf, parseBehalf } from "../identity/behalf.ts";
import { Over } from "../identity/ended.ts";
import { type ErrorRecord, PeriError } from "../model/errors.ts";
import { MAX_CLOCK_SKEW_MS } from "../model/limits.ts";
import { formatPodRef, type PodRef } from "../model/words.ts";
import type { Bundle } from "./bundle.ts";
import type { Opened } from "./open.ts";
import type { Receipt } from "./receipt.ts";

declare const checked: unique symbol;

/** A bundle whose sender is who it says. Only {@link checkSender} makes one. */
export interface Checked {
  readonly [checked]: true;
  readonly bundle: Bundle;
  /** The sender's behalf. */
  readonly behalf: Behalf;
}

/** What a sender is held against. */
export interface Checks {
  readonly directory: Directory;
  /** Why nothing of a sender is taken who has signed the bundle. */
  refusal(): Promise<ErrorRecord | undefined>;
}

/**
 * The bundle, once its sender is known and has signed it; or what to answer the sender instead.
 *
 * @param maxAgeMs how long ago it may have been sent
 * @throws {PeriError} what to hint at, when even the sender cannot be told more: `denied` when a
 * signature or key does not hold, `expired` when the clocks are too far apart.
 */
export async function checkSender(
  { bundle, unsealed }: Opened,
  { directory, refusal: refusalOf }: Checks,
  nowMs: number,
  maxAgeMs = MAX_CLOCK_SKEW_MS,
): Promise<Checked | Receipt> {
  try {
    const shown = await shownBehalf(bundle, directory, nowMs);
    if (!shown) return { through: 0, introduce: true };
    await unsealed.verify(shown.behalf.podCertificate, nowMs);
    const apartMs = nowMs - bundle.sentMs;
    if (apartMs > maxAgeMs || -apartMs > MAX_CLOCK_SKEW_MS) {
      throw refusal("expired", `sent ${apartMs} ms ago by its sender's clock`);
    }
    // In whose place they stand counts at the door; only of who is known already is it kept.
    if (shown.isNew) await directory.learnLineages(bundle.lineages ?? []);
    // Only who has signed is told, or anybody could ask in the names of others.
    const refused = await refusalOf();
    if (refused !== undefined) return { through: 0, refused };
    // Kept last: who does not hold the pod's key leaves no trace in the book.
    const behalf = shown.isNew ? await keep(bundle, directory) : shown.behalf;
    return { bundle, behalf } as Checked;
  } catch (error) {
    if (!(error instanceof Unwelcome)) throw error;
    return { through: 0, refused: error.why.toRecord() };
  }
}

/** A behalf that certifies the bundle's key, and whether the book has yet to take it. */
interface Shown {
  readonly behalf: Behalf;
  readonly isNew: boolean;
}

/** The introduction has expired or was revoked, which its sender is told in a receipt. */
class Unwelcome extends Error {
  constructor(readonly why: PeriError) {
    super(why.message);
  }
}

/** The behalf in force when it certifies the bundle's key; none when the introduction is missing. */
async function shownBehalf(
  bundle: Bundle,
  directory: Directory,
  nowMs: number,
): Promise<Shown | undefined> {
  const { introduction } = bundle;
  const known = await directory.recall(bundle.from);
  const holds = known && certifies(known.behalf, bundle) && known.behalf.expiresMs > nowMs;
  // A newer behalf for the same key is learned when it comes, before the older one expires.
  if (holds && (!introduction || known.behalf.serial >= bundle.serial)) {
    return { behalf: known.behalf, isNew: false };
  }
  if (!introduction) return undefined;
  // A behalf of somebody else says nothing about this bundle.
  if (!certifies(parseBehalf(introduction.document), bundle)) {
    throw refusal("denied", "its introduction is not that of its sender");
  }
  const { behalf } = await unlessOver(directory.check(introduction));
  return { behalf, isNew: true };
}

/** Keeps the introduction of a bundle whose signature holds; the behalf in force afterwards. */
async function keep(bundle: Bundle, directory: Directory): Promise<Behalf> {
  const from = formatPodRef(bundle.from);
  const { behalf } = await unlessOver(directory.learn(bundle.introduction!, from));
  await directory.learnLineages(bundle.lineages ?? []);
  if (certifies(behalf, bundle)) return behalf;
  throw refusal("denied", `${from} has another key by now`);
}

async function unlessOver<Found>(task: Promise<Found>): Promise<Found> {
  try {
    return await task;
  } catch (error) {
    if (error instanceof Over) throw new Unwelcome(error);
    if (error instanceof PeriError && error.kind === "expired") throw new Unwelcome(error);
    throw error;
  }
}

/** Renewing a behalf keeps the key, so an envelope on its way meanwhile stays good. */
function certifies(behalf: Behalf, { from, key }: Bundle): boolean {
  const ref: PodRef = behalf;
  return behalf.podKey === key && formatPodRef(ref) === formatPodRef(from);
}

function refusal(kind: PeriError["kind"], subject: string): PeriError {
  return new PeriError(kind, { op: "check a bundle", subject });
}
