/**
 * `trace`: what became of messages, hop by hop.
 *
 * @module
 */

import type { Hop, Story } from "../boxes/mod.ts";
import type { JsonRecord } from "../model/control.ts";
import { PeriError } from "../model/errors.ts";
import { formatPodRef } from "../model/words.ts";
import type { Operation } from "../ports/session.ts";
import { clean, type Letterbox, MIN_PREFIX, podsOf, tooShort } from "./outbox/letters.ts";
import { actorOf, optionalTextOf } from "./wishes.ts";

/** Messages listed without a token. */
const MAX_LISTED = 20;

/**
 * `{token?}`, its beginning → one record a hop: `{hop, atMs, detail, vouched?, tries?, nextMs?}`;
 * without it one a message, the latest first: `{postedMs, from, to, function, state, token}`.
 */
export function traceMessages(home: Letterbox): Operation {
  return async (args, session) => {
    const pods = podsOf(home, actorOf(session));
    const wanted = optionalTextOf(args, "token");
    const { history } = home.boxes;
    if (wanted === undefined) {
      const all = (await Promise.all(pods.map((pod) => history.latest(pod, MAX_LISTED)))).flat();
      all.sort((a, b) => lastMs(b) - lastMs(a));
      for (const story of all.slice(0, MAX_LISTED)) session.item(recordOf(story));
      return 0;
    }
    if (wanted.length < MIN_PREFIX) throw tooShort("trace a message", wanted);
    const found = (await Promise.all(pods.map((pod) => history.find(pod, wanted)))).flat();
    for (const hop of only(found, wanted).hops) session.item(hopRecord(hop));
    return 0;
  };
}

function only(found: readonly Story[], wanted: string): Story {
  if (found.length === 1) return found[0]!;
  const op = "trace a message";
  const name = JSON.stringify(wanted);
  if (found.length === 0) {
    const subject = `no message of yours has a token like ${name}, or it is older than 30 days`;
    throw new PeriError("not-found", { op, subject, hint: "peri trace lists the latest" });
  }
  const few = found.slice(0, 3).map(({ token }) => token).join(", ");
  const subject = `${name} is ${found.length} messages: ${few}`;
  throw new PeriError("conflict", { op, subject, hint: "type more of the token" });
}

function recordOf({ token, from, to, what, postedMs, state }: Story): JsonRecord {
  const names = { from: from.pod, to: formatPodRef(to), function: what };
  return { ...(postedMs > 0 ? { postedMs } : {}), ...names, state, token };
}

function hopRecord({ hop, atMs, detail, vouched, tries, nextMs }: Hop): JsonRecord {
  return clean({ hop, atMs, detail, vouched, tries, nextMs });
}

function lastMs({ hops }: Story): number {
  return hops.at(-1)?.atMs ?? 0;
}
