/**
 * `outbox.retry`: dead letters are driven again, and what waits is tried at once.
 *
 * @module
 */

import type { OutboxEntry } from "../../boxes/mod.ts";
import type { JsonRecord } from "../../model/control.ts";
import { PeriError } from "../../model/errors.ts";
import type { Fingerprint } from "../../model/words.ts";
import { formatPodRef } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { actorOf, optionalTextOf, switchOf } from "../wishes.ts";
import { addresseeOf, lettersOf, lettersTo, pickLetter } from "./letters.ts";

type RetryHome = Pick<Home, "supervisor" | "boxes" | "directory">;

/**
 * `{letter?, all?, to?}`, one of them → one record a message that was dead, and one for each lane in
 * which something waited: `{token, to, function, outcome}`, outcome `again`,
 * `over`, `gone`, `tried` or `waits`.
 */
export function retryLetters(home: RetryHome): Operation {
  return async (args, session) => {
    const person = actorOf(session);
    const letters = await chosen(home, person, args);
    const lanes = new Set<string>();
    for await (const entry of letters) {
      const lane = `${entry.from.pod} ${formatPodRef(entry.to)}`;
      const outcome = await again(home, entry, lanes.has(lane));
      lanes.add(lane);
      if (outcome === undefined) continue;
      const { token, to, what } = entry;
      session.item({ token, to: formatPodRef(to), function: what, outcome });
    }
    return 0;
  };
}

/** What became of it; nothing when it went along with another one of its lane. */
async function again(
  { boxes }: RetryHome,
  entry: OutboxEntry,
  isKnown: boolean,
): Promise<string | undefined> {
  if (entry.state === "dead") {
    const outcome = await boxes.counter.revive(entry);
    if (outcome === "again") boxes.counter.hurry(entry);
    return outcome;
  }
  if (isKnown) return undefined;
  return boxes.counter.hurry(entry) ? "tried" : "waits";
}

async function chosen(
  home: RetryHome,
  person: Fingerprint,
  args: JsonRecord,
): Promise<AsyncIterable<OutboxEntry> | OutboxEntry[]> {
  const letter = optionalTextOf(args, "letter");
  const to = optionalTextOf(args, "to");
  const ways = [letter, to, switchOf(args, "all") || undefined].filter((way) => way !== undefined);
  if (ways.length !== 1) {
    const subject = "say which: one message, --all, or all --to somebody";
    throw new PeriError("invalid", { op: "retry messages", subject, hint: "peri outbox list" });
  }
  if (letter !== undefined) return [await pickLetter(home, person, letter)];
  // Read to the end first: what is driven again comes to wait, and would be met once more.
  const found = to === undefined
    ? lettersOf(home, person)
    : lettersTo(home, person, await addresseeOf(home, person, to));
  return await Array.fromAsync(found);
}
