/**
 * `inbox.import`: envelopes in a file arrive.
 *
 * @module
 */

import { encodeUtf8 } from "../../model/bytes.ts";
import {
  type CarriedReply,
  decodeCarried,
  encodeCarriedReply,
  envelopeId,
  REPLIES_LINE,
} from "../../model/carried.ts";
import type { JsonRecord } from "../../model/control.ts";
import type { Envelope, EnvelopeReply } from "../../model/envelope.ts";
import { MAX_CARRIED_BYTES } from "../../model/limits.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { actorOf, readInput } from "../wishes.ts";

type ImportHome = Pick<Home, "supervisor" | "boxes">;

/** Envelopes opened at once: the threads for OpenPGP are few. */
const AT_ONCE = 16;

/**
 * The file as input → the file of replies on standard output, and one record an envelope:
 * `{envelope, pod?, outcome, reason?}`, outcome `taken` or, of those that could not be taken now or
 * ever, `waits` or `refused`.
 */
export function importLetters(home: ImportHome): Operation {
  return async (_args, session) => {
    const person = actorOf(session);
    const file = await readInput(session, MAX_CARRIED_BYTES, "read a file of envelopes");
    const envelopes = decodeCarried(file);
    session.write(1, encodeUtf8(REPLIES_LINE));
    for (let at = 0; at < envelopes.length; at += AT_ONCE) {
      const some = envelopes.slice(at, at + AT_ONCE);
      const replies = await home.boxes.import(some);
      some.forEach((envelope, index) => {
        const carried: CarriedReply = { envelope: envelopeId(envelope), reply: replies[index]! };
        session.write(1, encodeCarriedReply(carried));
        session.item(recordOf(home, person, envelope, carried));
      });
    }
    return 0;
  };
}

function recordOf(
  home: ImportHome,
  person: Fingerprint,
  { to }: Envelope,
  { envelope, reply }: CarriedReply,
): JsonRecord {
  return { envelope, ...podOfKey(home, person, to), ...outcomeOf(home, reply) };
}

/** Whoever carries a file for another person of this server is not told for which of their pods. */
function podOfKey({ supervisor }: ImportHome, person: Fingerprint, key: Fingerprint): JsonRecord {
  const ref = supervisor.residents.byKey(key)?.ref;
  return ref?.person === person ? { pod: ref.pod } : {};
}

function outcomeOf({ boxes }: ImportHome, reply: EnvelopeReply): JsonRecord {
  if ("hint" in reply) return { outcome: "refused", reason: REASONS[reply.hint] ?? reply.hint };
  const { refused, retryAfterMs, introduce } = boxes.readReceipt(reply);
  if (refused) return { outcome: "refused", reason: refused.subject };
  if (retryAfterMs !== undefined) {
    return { outcome: "waits", reason: "the inbox is full: import it again later" };
  }
  return introduce
    ? { outcome: "refused", reason: "its sender is not known" }
    : { outcome: "taken" };
}

/** What hints mean to who holds the file. */
const REASONS: Readonly<Record<string, string>> = {
  "not-found": "it is for no pod that lives here",
  damaged: "it cannot be opened or read",
  denied: "its signature does not hold",
  expired: "it is too old, or a clock is wrong",
  busy: "this periphery cannot take it now: import it again later",
};
