/**
 * `trust.show`: who is certified to a person, and by which ways.
 *
 * @module
 */

import type { PathStep, UserTrust } from "../../identity/trust/paths.ts";
import type { JsonRecord } from "../../model/control.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { Operation, Session } from "../../ports/session.ts";
import { HeyPetnames } from "../petnames.ts";
import { actorOf, optionalTextOf } from "../wishes.ts";
import type { FindHome } from "./person.ts";

/** People listed at once. */
const MAX_LISTED = 1_000;
/** Of these, people whose names are asked for. */
const MAX_NAMED = 100;

/**
 * `{text?}` → for one person `{person, name?, distance, users: [{userId, amount, paths: [{amount,
 * steps: [{person, name?, userId, depth, amount, regex?, expiresMs?} …]} …], more} …]}`; without a
 * text one record `{person, name?, distance, userId}` for everybody who is certified.
 */
export function showTrust(home: FindHome): Operation {
  return async (args, session) => {
    const text = optionalTextOf(args, "text");
    const names = new HeyPetnames(home.supervisor, actorOf(session));
    if (text === undefined) await listCertified(home, session, names);
    else await showPaths(home, session, names, text);
    return 0;
  };
}

async function listCertified(
  { web }: FindHome,
  session: Session,
  names: HeyPetnames,
): Promise<void> {
  const actor = actorOf(session);
  let shown = 0;
  for (const { person, distance } of (await web.certified(actor)).slice(0, MAX_LISTED)) {
    const name = shown++ < MAX_NAMED ? await names.nameOf(person) : undefined;
    const [best] = await web.paths(actor, person);
    session.item({
      person,
      ...(name === undefined ? {} : { name }),
      userId: best?.userId ?? null,
      distance,
    });
  }
}

async function showPaths(
  { web, directory }: FindHome,
  session: Session,
  names: HeyPetnames,
  text: string,
): Promise<void> {
  const actor = actorOf(session);
  const { person } = await directory.people.find(text, await names.about(text));
  const users = await web.paths(actor, person);
  const people = new Set(
    users.flatMap(({ paths }) => paths.flatMap(({ steps }) => steps.map((step) => step.person))),
  );
  const called = new Map<Fingerprint, string>();
  for (const each of [person, ...people].slice(0, MAX_NAMED)) {
    const name = await names.nameOf(each);
    if (name !== undefined) called.set(each, name);
  }
  const { distance } = await web.standing(actor, person);
  session.item({
    person,
    ...nameOf(called, person),
    distance,
    users: users.map((user) => userRecord(user, called)),
  });
}

type Names = ReadonlyMap<Fingerprint, string>;

function userRecord({ userId, amount, paths, more }: UserTrust, called: Names): JsonRecord {
  return {
    userId,
    amount,
    paths: paths.map((path) => ({
      amount: path.amount,
      steps: path.steps.map((step) => stepRecord(step, called)),
    })),
    more,
  };
}

function stepRecord(step: PathStep, called: Names): JsonRecord {
  const { person, userId, depth, amount, regex, expiresMs } = step;
  return {
    person,
    ...nameOf(called, person),
    userId,
    depth,
    amount,
    ...(regex === undefined ? {} : { regex }),
    ...(expiresMs === undefined ? {} : { expiresMs }),
  };
}

function nameOf(called: Names, person: Fingerprint): JsonRecord {
  const name = called.get(person);
  return name === undefined ? {} : { name };
}
