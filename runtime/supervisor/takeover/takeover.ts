/**
 * All pods of a person go to their successor's key: the new behalfs are written beside the pods, then
 * one commit says that it is to be, and the next start does it, before anything runs. A crash leaves
 * the pods where they were, or is made up for by that start.
 *
 * Rows: `["pod", person, pod, "heir", n]` the record that a pod will have, and
 * `["takeover", person]` that it is decided.
 *
 * @module
 */

import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { Queue } from "../../model/queue.ts";
import { type Fingerprint, parsePodName, type PodName, type PodRef } from "../../model/words.ts";
import { type Change, type Key, mergeChanges, type Store } from "../../ports/store.ts";
import { guestKey, type GuestRow, planHeir, planOutcast } from "../guests/guests.ts";
import { planRecordRows, type ResidentPod } from "../resident.ts";
import {
  INDEX_PREFIX,
  indexKey,
  type IndexRow,
  looseKey,
  OWNER_KEY,
  type OwnerRow,
  partitionKey,
  serialKey,
} from "../rows.ts";
import { aliasKey, partitionOf } from "./aliases.ts";

/** The value of `["takeover", person]`. */
interface TakeoverRow {
  readonly to: Fingerprint;
  /** The successor's certificate. */
  readonly certificate: Bytes;
  /** In whose place they are: the key that goes, or one whose successor it was for a while. */
  readonly of?: Fingerprint;
  readonly pods: readonly { readonly pod: PodName; readonly serial: number }[];
}

/** A pod as it is, and as it will be under its person's new key. */
export interface Heirloom {
  readonly before: ResidentPod;
  readonly after: ResidentPod;
}

const PREFIX: Key = ["takeover"];
/** People who change their keys between two starts. */
const MAX_TAKEOVERS = 1_000;
/** Rows of one record, as `resident.ts` bounds them, and more. */
const MAX_ROWS = 100;

/**
 * Writes down that these pods, all in the place of one person, go to one other key at the next start. To be run
 * within the queue of all that changes pods, which is closed by it: a change after it would be undone.
 * When it rejects with the queue closed, only the next start knows whether it was decided.
 *
 * @throws {PeriError} as the store, `too-large` for a record that fits no commit.
 */
export async function decideTakeover(
  store: Store,
  queue: Pick<Queue, "close">,
  of: Fingerprint,
  pods: readonly Heirloom[],
): Promise<void> {
  for (const { before, after } of pods) {
    await store.commit(planRecordRows(after, heirPrefix(before.ref)));
  }
  queue.close(beginsAnew);
  const people = Map.groupBy(pods, ({ before }) => before.ref.person);
  const puts = [...people].map(([person, own]) => ({
    key: [...PREFIX, person],
    value: {
      to: own[0]!.after.ref.person,
      certificate: own[0]!.after.introduction.certificate,
      of,
      pods: own.map(({ after: { ref, serial } }) => ({ pod: ref.pod, serial })),
    } satisfies TakeoverRow,
  }));
  await store.commit({ puts });
}

/**
 * Carries out what was decided; for the start, before anything else reads the store.
 *
 * @param store as it is, without aliases
 */
export async function finishTakeovers(store: Store, nowMs: number): Promise<void> {
  const rows = await store.list<TakeoverRow>({ prefix: PREFIX, limit: MAX_TAKEOVERS });
  for (const { key, value } of rows) {
    const { to, pods } = value;
    const from = key[1] as Fingerprint;
    for (const { pod, serial } of pods) {
      await takeOver(store, { person: from, pod: parsePodName(pod) }, to, serial);
    }
    const owner = await store.get<OwnerRow>(OWNER_KEY);
    const isOwner = owner?.value.person === from;
    const puts = isOwner ? [{ key: OWNER_KEY, value: { person: to } satisfies OwnerRow }] : [];
    const place = await planPlace(store, from, value, nowMs);
    await store.commit(mergeChanges([{ puts, deletes: [key] }, place]));
  }
}

/** One pod, in one commit; nothing when it has gone over already. */
async function takeOver(
  store: Store,
  from: PodRef,
  person: Fingerprint,
  serial: number,
): Promise<void> {
  const index = await store.get<IndexRow>(indexKey(from));
  if (index === undefined) return;
  const to: PodRef = { person, pod: from.pod };
  const partition = await partitionOf(store, from);
  const home: PodRef = { person: partition, pod: from.pod };
  const record = await store.list({ prefix: heirPrefix(home), limit: MAX_ROWS });
  if (record.length === 0) throw missing(from);
  const old = await store.list({ prefix: partitionKey(home, "resident"), limit: MAX_ROWS });
  const isLoose = await store.get(looseKey(from)) !== undefined;
  const change: Change = {
    checks: [{ key: index.key, version: index.version }],
    puts: [
      { key: aliasKey(to), value: partition },
      { key: indexKey(to), value: index.value },
      { key: serialKey(to), value: serial },
      ...record.map(({ key, value }) => ({
        key: partitionKey(home, "resident", key.at(-1)!),
        value,
      })),
      ...(isLoose ? [{ key: looseKey(to), value: true }] : []),
    ],
    deletes: [
      index.key,
      looseKey(from),
      ...record.map(({ key }) => key),
      ...old.slice(record.length).map(({ key }) => key),
    ],
  };
  if (await store.commit(change)) return;
  throw new PeriError("busy", { op: "take a pod over", subject: `${from.pod} was changed` });
}

/**
 * Somebody who lives here by an invitation goes on doing so. Pods that a key got while it stood in
 * another's place are nobody's then, and those of somebody who has left.
 */
async function planPlace(
  store: Store,
  from: Fingerprint,
  { to, certificate, of = from }: TakeoverRow,
  nowMs: number,
): Promise<Change> {
  const found = await store.get<GuestRow>(guestKey(from));
  const rest = await store.list({ prefix: [...INDEX_PREFIX, from], limit: 1 });
  const leftMs = rest.length === 0 ? undefined : nowMs;
  if (found !== undefined && (from === of || found.value.former === of)) {
    return planHeir({ ...found.value, person: from }, to, certificate, leftMs).change;
  }
  if (found !== undefined || leftMs === undefined) return {};
  return planOutcast(from, leftMs);
}

function heirPrefix(ref: PodRef): Key {
  return partitionKey(ref, "heir");
}

function missing({ pod }: PodRef): PeriError {
  const subject = `the record that ${pod} was to have is not there`;
  return new PeriError("damaged", { op: "take a pod over", subject });
}

function beginsAnew(): PeriError {
  const subject = "the server is about to begin anew, for somebody here has another key";
  return new PeriError("busy", { op: "change a pod", subject, hint: "try again in a moment" });
}
