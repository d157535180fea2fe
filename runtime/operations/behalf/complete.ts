/**
 * Has the behalfs of several pods signed at once and carries them out one by one.
 *
 * @module
 */

import type { Behalf } from "../../identity/behalf.ts";
import type { Bytes } from "../../model/bytes.ts";
import type { JsonRecord } from "../../model/control.ts";
import { PeriError, toPeriError } from "../../model/errors.ts";
import type { Session } from "../../ports/session.ts";
import type { Draft } from "../../supervisor/mod.ts";
import { type Home, knownOf } from "../home.ts";

/**
 * Asks for all signatures, then carries out each draft, tells friends and says so in a record. One
 * that fails keeps the others from nothing: it is a record `{pod, done: "failed", why}`.
 *
 * @returns the exit code
 * @throws {PeriError} what signing is refused with, before anything has changed; of the first failure
 * when all is done, with how many there were.
 */
export async function completeAll(
  home: Pick<Home, "supervisor" | "directory">,
  session: Session,
  drafts: readonly Draft[],
  recordOf: (behalf: Behalf) => JsonRecord,
): Promise<number> {
  const [first] = drafts;
  if (first === undefined) return 0;
  const documents = drafts.map(({ document }) => document);
  const signatures = await session.signAll(first.ref.person, documents);
  const failures: PeriError[] = [];
  for (const [index, draft] of drafts.entries()) {
    const { pod } = draft.ref;
    try {
      if (session.interrupted.aborted) throw interrupted();
      session.item(recordOf(await completeOne(home, draft, signatures[index]!)));
      if (drafts.length > 1) session.note(`${index + 1} of ${drafts.length}`);
    } catch (thrown) {
      const error = toPeriError(thrown, `sign for ${pod}`);
      failures.push(error);
      if (drafts.length > 1) session.item({ pod, done: "failed", why: error.message });
    }
  }
  if (failures.length === 0) return 0;
  throw partial(failures, drafts.length);
}

/** On disk first, then in the book; what dies in between is made up for at the next start. */
async function completeOne(
  { supervisor: { installs, residents }, directory }: Pick<Home, "supervisor" | "directory">,
  draft: Draft,
  signature: Bytes,
): Promise<Behalf> {
  const known = residents.byRef(draft.ref) === undefined
    ? await installs.certify(draft, signature)
    : knownOf(await installs.complete(draft, signature));
  await directory.announce(known);
  return known.behalf;
}

function interrupted(): PeriError {
  return new PeriError("expired", { op: "go on", subject: "interrupted" });
}

function partial(failures: readonly PeriError[], count: number): PeriError {
  const first = failures[0]!;
  if (count === 1) return first;
  const { kind, message, hint } = first;
  const rest = "the others are done; type it again to do the rest";
  return new PeriError(kind, {
    op: "do it for all",
    subject: `${failures.length} of ${count} failed, the first: ${message}`,
    hint: hint === undefined ? rest : `${hint}; ${rest}`,
  });
}
