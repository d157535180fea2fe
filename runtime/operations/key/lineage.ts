/**
 * `key.lineage` and `key.tell`: what is known of who may name, and has named, a person's successor.
 *
 * @module
 */

import { successionOf } from "../../identity/succession/join.ts";
import type { KnownLineage } from "../../directory/open.ts";
import { formatBase64 } from "../../model/bytes.ts";
import type { JsonRecord } from "../../model/control.ts";
import { MAX_LINEAGE_BYTES } from "../../model/limits.ts";
import { parseFingerprint } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { bytesOf, textOf } from "../wishes.ts";

/** `{person}` → one record about their lineage, `{person}` alone when nothing is known of it. */
export function showLineage(home: Pick<Home, "directory">): Operation {
  return async (args, session) => {
    const person = parseFingerprint(textOf(args, "person"));
    const known = await home.directory.book.successions.of(person);
    session.item(known === undefined ? { person } : lineageRecord(known));
    return 0;
  };
}

/**
 * `{lineage: base64}` → one record about it. It proves itself, so anybody may bring one; friends are
 * told when it is about somebody who lives here.
 */
export function tellLineage(home: Pick<Home, "directory">): Operation {
  return async (args, session) => {
    const known = await home.directory.tell(bytesOf(args, "lineage", MAX_LINEAGE_BYTES));
    const friends = (await home.directory.friends.list()).length;
    session.item({ ...lineageRecord(known), friends });
    return 0;
  };
}

/** `{person, lineage: base64, recovery?: {serial, key?, need?, friends?}, succession?: {to, by, reason}, disputed?}`. */
export function lineageRecord(known: KnownLineage): JsonRecord {
  const last = known.recoveries.at(-1)?.recovery;
  const succession = successionOf(known);
  return {
    person: known.person,
    lineage: formatBase64(known.bytes),
    ...(last && {
      recovery: {
        serial: last.serial,
        ...(last.key && { key: last.key }),
        ...(last.friends && { need: last.friends.need, friends: last.friends.of }),
      },
    }),
    ...(succession && {
      succession: { to: succession.to, by: succession.by, reason: succession.reason },
    }),
    ...(known.isDisputed ? { disputed: true } : {}),
  };
}
