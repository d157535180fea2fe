/**
 * The verbs for people who wait: show, accept, refuse.
 *
 * @module
 */

import { cleanText, Commands, type Pod, Refusal, type Shown, shown } from "../../sdk/mod.ts";
import type { Accepted, Admission } from "../admission.ts";
import type { Introduced, IntroductionBook } from "../introduced.ts";
import { type Pending, startOf, type Waiting } from "../pending.ts";
import { type NameOf, type People, showPerson } from "../people.ts";
import type { Distance } from "../rules/rule.ts";
import { formatAge, formatFingerprint, formatIso, formatPeople, formatTime } from "../show.ts";

/** People shown without `--all`. */
const LIST_PEOPLE = 20;
const START_CHARACTERS = 100;

/** Somebody who waits, as a record. */
export interface WaitingRecord {
  person: string;
  /** What they call themselves; nobody vouches for it. */
  claims: string | null;
  distance: string;
  since: string;
  introducedBy: { person: string; name: string | null; as: string }[];
  greetings: { received: string; text: string }[];
}

/** Their methods. */
export class PendingVerbs extends Commands {
  constructor(
    pod: Pod,
    private readonly parts: {
      readonly pending: Pending;
      readonly introduced: IntroductionBook;
      readonly admission: Admission;
      readonly people: People;
    },
  ) {
    super(pod);
  }

  /**
   * Shows who waits to be accepted, and what they wrote.
   * @param all also the later ones
   * @param who a fingerprint or its beginning, or a user id
   * @complete who waiting
   */
  async pending(all?: boolean, ...who: string[]): Promise<Shown<WaitingRecord[]>> {
    const { pending, introduced, people, admission } = this.parts;
    const nameOf = await people.openNames();
    const introductions = await introduced.list();
    const everybody = await pending.list();
    let list = everybody.slice(0, all ? Infinity : LIST_PEOPLE);
    if (who.length > 0) {
      const person = await admission.find("show who waits", who.join(" "));
      list = everybody.filter((one) => one.person === person);
      if (list.length === 0) throw doesNotWait("show who waits", person);
    }
    const records: WaitingRecord[] = [];
    for (const one of list) {
      const by = introductions.filter(({ person }) => person === one.person);
      records.push(recordOf(one, await people.claimOf(one.person), by, nameOf));
    }
    const later = everybody.length - list.length;
    const { nowMs } = this.run;
    return shown(records, function* () {
      if (records.length === 0) yield "nobody waits";
      for (const [at, one] of list.entries()) {
        yield* who.length > 0
          ? wholeLines(one, records[at]!)
          : personLines(one, records[at]!, nowMs);
      }
      if (who.length > 0) return;
      if (later > 0) yield `${later} more: peri hey pending --all`;
      if (records.length > 0) yield "peri hey accept <who> --as <name>, or refuse, or block";
    });
  }

  /**
   * Lets somebody in who waits or was introduced, under a name of yours.
   * @param who a fingerprint or its beginning, a user id, or the name somebody was introduced with
   * @param as what you call them; without it what whoever introduced them calls them
   * @complete who waiting
   */
  async accept(who: string, as?: string): Promise<Shown<Accepted>> {
    const person = await this.parts.admission.find("accept a person", who);
    const accepted = await this.parts.admission.accept(person, as);
    return shown(accepted, ({ name, letters, unknown }) => [
      `${formatFingerprint(person)} is ${name} and let in`,
      ...letters.map((n) => `letter ${n}: peri hey read ${n}, peri hey answer ${n} <text…>`),
      ...unknown === undefined ? [] : [`where ${name}'s server is could not be taken: ${unknown}`],
    ]);
  }

  /**
   * Sends somebody away who waits or was introduced, without telling them.
   * @param unknown everybody who waits and whom nobody knows
   * @param who a fingerprint or its beginning, a user id, or the name of an introduction
   * @complete who waiting
   */
  async refuse(unknown?: boolean, ...who: string[]): Promise<string> {
    const op = "refuse a person";
    const { pending, introduced, admission } = this.parts;
    if (unknown === true) {
      let gone = 0;
      for (let some; (some = await pending.clearUnknown()) > 0; gone += some) {
        // What is done has happened when it goes on, so that a run has few writes.
        await this.run.pause();
      }
      return `refused ${gone === 1 ? "1 person" : `${gone} people`} whom nobody knows`;
    }
    if (who.length === 0) {
      const hint = "peri hey refuse <who>, or peri hey refuse --unknown";
      throw new Refusal("invalid", { op, subject: "who is not said", hint });
    }
    const person = await admission.find(op, who.join(" "));
    const waited = await pending.refuse(person, this.run.nowMs);
    const forgotten = await introduced.forget(person);
    if (waited === undefined && forgotten === 0) throw doesNotWait(op, person);
    return `refused ${formatFingerprint(person)}; they are not told`;
  }

  /** Beginnings of fingerprints of those who wait, and names of those who were introduced. */
  protected async waiting(): Promise<string[]> {
    const [pending, introduced] = [this.parts.pending, this.parts.introduced];
    const people = (await pending.list()).map(({ person }) => person.slice(0, 8));
    return [...people, ...(await introduced.list()).map(({ name }) => name)];
  }
}

function doesNotWait(op: string, person: string): Refusal {
  const subject = `${formatFingerprint(person)} does not wait`;
  return new Refusal("not-found", { op, subject, hint: "peri hey pending shows who does" });
}

function recordOf(
  { person, distance, sinceMs, greetings }: Waiting,
  claims: string | undefined,
  by: readonly Introduced[],
  nameOf: NameOf,
): WaitingRecord {
  return {
    person,
    claims: claims ?? null,
    distance,
    since: formatIso(sinceMs),
    introducedBy: by.map((one) => ({
      person: one.by,
      name: nameOf(one.by) ?? null,
      as: one.name,
    })),
    greetings: greetings.map(({ timeMs, text }) => ({ received: formatIso(timeMs), text })),
  };
}

/** How somebody is known, in words. */
export function knownFrom(
  distance: Distance,
  by: WaitingRecord["introducedBy"],
): string {
  const names = by.map(({ person, name }) => name ?? showPerson(person, () => undefined));
  if (names.length > 0) return `introduced by ${formatPeople(names)}`;
  return distance === "unknown" ? "known to nobody" : `signed, ${distance} steps away`;
}

function headOf({ person, distance }: Waiting, { claims, introducedBy }: WaitingRecord): string[] {
  const says = claims === null ? "" : `, calls themselves ${JSON.stringify(claims)}`;
  return [formatFingerprint(person), `  ${knownFrom(distance, introducedBy)}${says}`];
}

function personLines(one: Waiting, record: WaitingRecord, nowMs: number): string[] {
  const [fingerprint, known] = headOf(one, record) as [string, string];
  const more = one.greetings.length > 1 ? ` (and ${one.greetings.length - 1} more)` : "";
  return [
    fingerprint,
    `${known}, ${formatAge(one.sinceMs, nowMs)}`,
    `  ${startOf(one, START_CHARACTERS)}${more}`,
  ];
}

function* wholeLines(one: Waiting, record: WaitingRecord): Generator<string> {
  yield* headOf(one, record);
  for (const { timeMs, text } of one.greetings) {
    yield "";
    yield `${formatTime(timeMs)} UTC`;
    yield cleanText(text).trimEnd();
  }
}
