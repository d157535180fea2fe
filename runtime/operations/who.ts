/**
 * `who`: what is known of a person, and from whom.
 *
 * @module
 */

import type { FoundPerson, Petnames } from "../directory/open.ts";
import type { JsonRecord } from "../model/control.ts";
import { PeriError } from "../model/errors.ts";
import { formatFingerprint } from "../model/words.ts";
import type { Operation, Session } from "../ports/session.ts";
import type { Home } from "./home.ts";
import { HeyPetnames } from "./petnames.ts";
import { actorOf, textOf } from "./wishes.ts";

type Parts = Pick<Home, "supervisor" | "directory" | "clock" | "web">;

/**
 * `{text}` → one record for each person who may be meant. For one
 * `{person, fingerprint, by, names, claims, revoked?, expired?, keyExpiresMs?, successor?, formers?,
 * disputed?, server?, friendMs?, distance, pods: [{pod, endpoint, serial, issuedMs, expiresMs, inForce, from, atMs} …]}`;
 * of several `{person, fingerprint, by, names, claims, revoked?, from?, atMs?, several: true}`. User ids
 * are claims of the person, and are called so; `from` and `atMs` say who told it and when.
 */
export function showPerson(home: Parts): Operation {
  return async (args, session) => {
    const text = textOf(args, "text");
    const names = new HeyPetnames(home.supervisor, actorOf(session));
    const { people, isAll } = await home.directory.people.search(text, await names.about(text));
    const [first] = people;
    if (first === undefined) throw nobody(text);
    if (people.length === 1) {
      const whole = await wholeOf(home, first, await names.about(first.person));
      const { distance } = await home.web.standing(actorOf(session), first.person);
      session.item({ ...whole, distance });
      return 0;
    }
    for (const found of people) await briefly(home, session, found, names);
    if (!isAll) session.note("there are more; say more of the name");
    return 0;
  };
}

async function wholeOf(home: Parts, found: FoundPerson, names: Petnames): Promise<JsonRecord> {
  const report = await home.directory.people.who(found, names);
  const { person, by, fingerprint, claims, revoked, keyExpiresMs, friend, pods } = report;
  const isOver = keyExpiresMs !== undefined && keyExpiresMs <= home.clock.nowMs();
  return {
    person,
    fingerprint,
    by,
    names: report.petnames,
    claims,
    ...(revoked ? { revoked } : {}),
    ...(isOver ? { expired: true } : {}),
    keyExpiresMs,
    ...(report.successor ? { successor: { ...report.successor } } : {}),
    ...(report.formers.length > 0 ? { formers: report.formers } : {}),
    ...(report.disputed ? { disputed: true } : {}),
    server: friend?.server,
    friendMs: friend?.addedMs,
    pods: pods.map((pod) => ({ ...pod })),
  };
}

async function briefly(
  { directory }: Parts,
  session: Session,
  { person, by }: FoundPerson,
  names: HeyPetnames,
): Promise<void> {
  const { book } = directory;
  const name = await names.nameOf(person);
  const [told] = await Array.fromAsync(book.list(person));
  session.item({
    person,
    fingerprint: formatFingerprint(person),
    by,
    names: name === undefined ? [] : [name],
    claims: (await book.person(person))?.userIds ?? [],
    ...(await book.isRevoked(person) ? { revoked: true } : {}),
    from: told?.from,
    atMs: told?.atMs,
    several: true,
  });
}

function nobody(text: string): PeriError {
  return new PeriError("not-found", {
    op: "find person",
    subject:
      `${JSON.stringify(text.trim())} is no fingerprint, none of your names, and nobody known ` +
      "claims it",
    hint: "peri friend add <server> adds somebody's server; or use their fingerprint",
  });
}
