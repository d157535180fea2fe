/**
 * The messages in the outboxes of one person, and how they name one of them.
 *
 * @module
 */

import type { OutboxEntry } from "../../boxes/mod.ts";
import type { JsonRecord } from "../../model/control.ts";
import { PeriError } from "../../model/errors.ts";
import { type Fingerprint, formatPodRef, parsePodRef, type PodRef } from "../../model/words.ts";
import type { Home } from "../home.ts";
import { HeyPetnames } from "../petnames.ts";

/** Where messages are looked for. */
export type Letterbox = Pick<Home, "supervisor" | "boxes">;

/** Shortest part of a token that names it. */
export const MIN_PREFIX = 4;

/** Pods of a person, the server's own among them. */
export function podsOf({ supervisor }: Pick<Home, "supervisor">, person: Fingerprint): PodRef[] {
  return supervisor.list().map(({ ref }) => ref).filter((ref) => ref.person === person);
}

/** All messages in the outboxes of a person, pod after pod, those that wait before the dead. */
export async function* lettersOf(
  home: Letterbox,
  person: Fingerprint,
): AsyncGenerator<OutboxEntry> {
  for (const ref of podsOf(home, person)) yield* home.boxes.counter.outbox(ref);
}

/** Those of them that are for a pod, or for any pod of a person. */
export async function* lettersTo(
  home: Letterbox,
  person: Fingerprint,
  to: Addressee,
): AsyncGenerator<OutboxEntry> {
  for await (const entry of lettersOf(home, person)) if (isFor(entry.to, to)) yield entry;
}

/** A person, or one pod of theirs. */
export interface Addressee {
  readonly person: Fingerprint;
  readonly pod?: PodRef["pod"];
}

/** Whether a pod is meant. */
export function isFor(ref: PodRef, { person, pod = ref.pod }: Addressee): boolean {
  return ref.person === person && ref.pod === pod;
}

/** Who is meant: a name, a fingerprint or a pod's address. @throws {PeriError} as `people.find`. */
export async function addresseeOf(
  home: Pick<Home, "supervisor" | "directory">,
  person: Fingerprint,
  text: string,
): Promise<Addressee> {
  if (text.includes("/")) return parsePodRef(text);
  const names = new HeyPetnames(home.supervisor, person);
  return { person: (await home.directory.people.find(text, await names.about(text))).person };
}

/**
 * The message with this number in its lane, or whose token begins so.
 *
 * @throws {PeriError} `not-found`; `conflict` when it could be several; `invalid` for a token that
 * is too short.
 */
export async function pickLetter(
  home: Letterbox,
  person: Fingerprint,
  wanted: string,
): Promise<OutboxEntry> {
  const op = "find a message";
  const isNumber = /^\d{1,15}$/.test(wanted);
  if (!isNumber && wanted.length < MIN_PREFIX) throw tooShort(op, wanted);
  const found: OutboxEntry[] = [];
  for await (const entry of lettersOf(home, person)) {
    const fits = isNumber ? entry.sequence === Number(wanted) : entry.token.startsWith(wanted);
    if (fits) found.push(entry);
  }
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    const subject = `nothing in the outbox is called ${JSON.stringify(wanted)}`;
    throw new PeriError("not-found", { op, subject, hint: "peri outbox list; peri trace" });
  }
  const few = found.slice(0, 3).map(({ token, to }) => `${token} to ${formatPodRef(to)}`);
  const subject = `${JSON.stringify(wanted)} is ${found.length} messages: ${few.join(", ")}`;
  throw new PeriError("conflict", { op, subject, hint: "name it by more of its token" });
}

/** The refusal of a part of a token that says too little. */
export function tooShort(op: string, wanted: string): PeriError {
  const subject = `${JSON.stringify(wanted)} is too short for a token`;
  return new PeriError("invalid", { op, subject, hint: `type ${MIN_PREFIX} characters or more` });
}

/** A message as a record. */
export function recordOf(entry: OutboxEntry): JsonRecord {
  const { from, to, sequence, token, what, createdMs, expiresMs, state } = entry;
  const { reason, hint, server, tries, nextMs, deadMs } = entry;
  return {
    from: from.pod,
    to: formatPodRef(to),
    sequence,
    token,
    function: what,
    createdMs,
    expiresMs,
    state,
    ...clean({ reason, hint, server, tries, nextMs, deadMs }),
  };
}

/** A record without what is undefined. */
export function clean(
  record: Readonly<Record<string, JsonRecord[string] | undefined>>,
): JsonRecord {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined),
  ) as JsonRecord;
}
