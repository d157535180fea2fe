/**
 * `outbox.drop`: messages are taken back, dead letters removed.
 *
 * @module
 */

import type { OutboxEntry } from "../../boxes/mod.ts";
import type { JsonRecord } from "../../model/control.ts";
import { PeriError } from "../../model/errors.ts";
import { type Fingerprint, formatPodRef } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import { actorOf, optionalTextOf, switchOf } from "../wishes.ts";
import { type Letterbox, lettersOf, pickLetter } from "./letters.ts";

/**
 * `{letter?, all?, dead?}`, one of them → one record a message:
 * `{token, to, function, outcome}`, outcome `dropped` or `gone`. Asks for consent. Whoever posted a
 * message that waited is answered with the error `denied`.
 */
export function dropLetters(home: Letterbox): Operation {
  return async (args, session) => {
    const letters = await chosen(home, actorOf(session), args);
    if (letters.length === 0) return 0;
    if (!await session.confirm(questionFor(letters), detailsOf(letters))) {
      throw new PeriError("denied", { op: "drop messages", subject: "you said no" });
    }
    for (const entry of letters) {
      const { token, to, what } = entry;
      const outcome = await drop(home, entry) ? "dropped" : "gone";
      session.item({ token, to: formatPodRef(to), function: what, outcome });
    }
    return 0;
  };
}

async function drop({ boxes: { counter } }: Letterbox, entry: OutboxEntry): Promise<boolean> {
  if (entry.state === "waiting") return await counter.withdraw(entry);
  await counter.bury(entry);
  return true;
}

async function chosen(
  home: Letterbox,
  person: Fingerprint,
  args: JsonRecord,
): Promise<OutboxEntry[]> {
  const letter = optionalTextOf(args, "letter");
  const [all, dead] = [switchOf(args, "all"), switchOf(args, "dead")];
  if ([letter !== undefined, all, dead].filter(Boolean).length !== 1) {
    const subject = "say which: one message, --all, or --dead";
    throw new PeriError("invalid", { op: "drop messages", subject, hint: "peri outbox list" });
  }
  if (letter !== undefined) return [await pickLetter(home, person, letter)];
  const found = await Array.fromAsync(lettersOf(home, person));
  return dead ? found.filter(({ state }) => state === "dead") : found;
}

function questionFor(letters: readonly OutboxEntry[]): string {
  const { length } = letters;
  return `Drop ${length === 1 ? "this message" : `these ${length} messages`} for good?`;
}

function detailsOf(letters: readonly OutboxEntry[]): string[] {
  const waiting = letters.filter(({ state }) => state === "waiting").length;
  const few = letters.slice(0, 5).map(({ to, what, state }) =>
    `${what} to ${formatPodRef(to)} (${state})`
  );
  const rest = letters.length > few.length ? [`and ${letters.length - few.length} more`] : [];
  const told = waiting > 0 ? [`${waiting} still wait; their posters are told`] : [];
  return [...few, ...rest, ...told];
}
