/**
 * The verbs for people who are blocked.
 *
 * @module
 */

import { Commands, formatColumns, type Pod, Refusal, type Shown, shown } from "../../sdk/mod.ts";
import type { Admission } from "../admission.ts";
import type { Blocked } from "../blocked.ts";
import type { IntroductionBook } from "../introduced.ts";
import type { Pending } from "../pending.ts";
import type { People } from "../people.ts";
import { formatFingerprint, formatIso } from "../show.ts";

/** A person who is blocked, as a record. */
export interface BlockRecord {
  person: string;
  name: string | null;
  since: string;
}

/** Their methods. */
export class BlockVerbs extends Commands {
  constructor(
    pod: Pod,
    private readonly parts: {
      readonly blocking: Blocked;
      readonly admission: Admission;
      readonly pending: Pending;
      readonly introduced: IntroductionBook;
      readonly people: People;
    },
  ) {
    super(pod);
  }

  /**
   * Takes nothing more from somebody, for any pod of yours; they are not told.
   * @param who a name, a fingerprint or the beginning of one who waits, a user id
   * @complete who known
   */
  async block(who: string): Promise<string> {
    const op = "block a person";
    const { admission, blocking, pending, introduced } = this.parts;
    const person = await admission.find(op, who);
    if (person === await this.run.owner()) {
      throw new Refusal("invalid", { op, subject: "that is you" });
    }
    await blocking.add(person, this.run.nowMs);
    await pending.take(person);
    await introduced.forget(person);
    await introduced.forgetBy(person);
    return `${formatFingerprint(person)} is blocked; letters that have come stay`;
  }

  /**
   * Lets somebody be as others are.
   * @complete who blockedPeople
   */
  async unblock(who: string): Promise<string> {
    const op = "unblock a person";
    const person = await this.parts.admission.find(op, who);
    if (!await this.parts.blocking.remove(person)) {
      const subject = `${formatFingerprint(person)} is not blocked`;
      throw new Refusal("not-found", { op, subject, hint: "peri hey blocked shows who is" });
    }
    return `${formatFingerprint(person)} is no longer blocked`;
  }

  /** Shows who is blocked. */
  async blocked(): Promise<Shown<BlockRecord[]>> {
    const nameOf = await this.parts.people.openNames();
    const records = (await this.parts.blocking.list()).map(([person, { sinceMs }]) => ({
      person,
      name: nameOf(person) ?? null,
      since: formatIso(sinceMs),
    }));
    return shown(records, () => {
      if (records.length === 0) return ["nobody is blocked"];
      return formatColumns(records.map(({ person, name, since }) => [
        formatFingerprint(person),
        since.slice(0, 10),
        name ?? "",
      ]));
    });
  }

  /** Everybody who can be blocked. */
  protected async known(): Promise<string[]> {
    const waiting = (await this.parts.pending.list()).map(({ person }) => person.slice(0, 8));
    return [...await this.parts.people.words(), ...waiting];
  }

  /** Everybody who is. */
  protected async blockedPeople(): Promise<string[]> {
    const nameOf = await this.parts.people.openNames();
    return (await this.parts.blocking.list()).map(([person]) =>
      nameOf(person) ?? person.slice(0, 8)
    );
  }
}
