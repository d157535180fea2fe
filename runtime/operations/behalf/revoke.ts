/**
 * `behalf.revoke`: pods may not act any more, and whoever asks is told so.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import { type Fingerprint, parsePodName, type PodName } from "../../model/words.ts";
import { REVOCATION_REASONS, type RevocationReason } from "../../ports/keysmith.ts";
import type { Operation } from "../../ports/session.ts";
import type { Draft } from "../../supervisor/mod.ts";
import type { Home } from "../home.ts";
import { actorOf, textOf, wordsOf } from "../wishes.ts";
import { completeAll } from "./complete.ts";

const OP = "revoke a behalf";

/**
 * `{pods: [name …], reason}` → a record for each pod `{pod, done: "revoked", serial, reason}`, or
 * `{pod, done: "failed", why}`. Asks for signatures, together. A pod that lives here stops at once and
 * stays stopped until its behalf is renewed. One that lives elsewhere, on a server that was lost, is
 * revoked as far as this server's word goes: friends are told.
 *
 * @throws {PeriError} `invalid` for no reason, `not-found`, `denied` for the server's own pod.
 */
export function revokeBehalfs(home: Pick<Home, "supervisor" | "directory">): Operation {
  return async (args, session) => {
    const person = actorOf(session);
    const names = [...new Set(wordsOf(args, "pods").map(parsePodName))];
    const reason = reasonOf(textOf(args, "reason"));
    const drafts: Draft[] = [];
    for (const pod of names) drafts.push(await planRevocation(home, person, pod, reason));
    return await completeAll(home, session, drafts, ({ pod, serial }) => ({
      pod,
      done: "revoked",
      serial,
      reason,
    }));
  };
}

async function planRevocation(
  { supervisor, directory }: Pick<Home, "supervisor" | "directory">,
  person: Fingerprint,
  pod: PodName,
  reason: RevocationReason,
): Promise<Draft> {
  const ref = { person, pod };
  const elsewhere = supervisor.residents.byRef(ref) === undefined
    ? await directory.book.entry(ref)
    : undefined;
  return elsewhere === undefined
    ? await supervisor.installs.planRevoke(ref, reason)
    : await supervisor.installs.planRevokeElsewhere(elsewhere, reason);
}

function reasonOf(word: string): RevocationReason {
  const reason = REVOCATION_REASONS.find((known) => known === word);
  if (reason !== undefined) return reason;
  const subject = `${JSON.stringify(word)} is no reason`;
  throw new PeriError("invalid", { op: OP, subject, hint: REVOCATION_REASONS.join(", ") });
}
