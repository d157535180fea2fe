/**
 * `outbox.show`: all that is known of one message in the outbox.
 *
 * @module
 */

import type { Operation } from "../../ports/session.ts";
import { actorOf, textOf } from "../wishes.ts";
import { type Letterbox, pickLetter, recordOf } from "./letters.ts";

/** `{letter}`, a number or the beginning of a token → one record as of `outbox.list`, and its size. */
export function showLetter(home: Letterbox): Operation {
  return async (args, session) => {
    const entry = await pickLetter(home, actorOf(session), textOf(args, "letter"));
    const { kind, sizeBytes } = entry;
    session.item({ ...recordOf(entry), kind, sizeBytes });
    return 0;
  };
}
