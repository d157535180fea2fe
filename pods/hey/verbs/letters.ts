/**
 * The verbs for letters.
 *
 * @module
 */

import { cleanLine, Commands, type Pod, Refusal, type Shown, shown } from "../../sdk/mod.ts";
import { type Audience, Audiences, refuseUnknown } from "../audience.ts";
import type { Recipient } from "../fates.ts";
import type { Letters, Received, Sent } from "../letters.ts";
import {
  formatLetter,
  formatList,
  type LetterRecord,
  recipientCells,
  recipientRecord,
  recordOf,
} from "../listing.ts";
import { checkText, type Outgoing } from "../mail.ts";
import { type NameOf, type People, showPerson } from "../people.ts";
import { formatPeople } from "../show.ts";

/** Recipients that are named when a letter is left. */
const SHOWN = 3;
/** Letters in a list without `--all`. */
const LIST_LETTERS = 20;

/** A letter that was left, as a record. */
export interface LeftRecord {
  n: number;
  to: { person: string; name: string | null }[];
  skipped: { text: string; why: string }[];
}

/** Their methods. */
export class LetterVerbs extends Commands {
  constructor(
    pod: Pod,
    private readonly letters: Letters,
    private readonly people: People,
    private readonly audiences: Audiences,
    private readonly outgoing: Outgoing,
  ) {
    super(pod);
  }

  /**
   * Leaves a letter for people and groups.
   * @verbatim
   * @param who names, fingerprints and groups (`@name`), with commas
   * @param skipUnknown leaves it for the others when somebody is not known
   * @complete who knownOf
   */
  async leaveMessage(who: string, text: string, skipUnknown?: boolean): Promise<Shown<LeftRecord>> {
    const audience = await this.#findAudience(who, skipUnknown === true);
    const n = await this.outgoing.send(
      audience.people,
      checkText("leave a message", text.trimEnd()),
    );
    const nameOf = await this.people.openNames();
    const record = {
      n,
      to: audience.people.map((person) => ({ person, name: nameOf(person) ?? null })),
      skipped: audience.unknown.map(({ text, why }) => ({ text, why: why.subject })),
    };
    return shown(record, () => {
      for (const { text, why } of record.skipped) {
        this.run.printError(`skipped ${cleanLine(text, 80)}: ${why}`);
      }
      return [leftLine(audience, (person) => showPerson(person, nameOf))];
    });
  }

  /**
   * Shows the newest letters, unread (*) and failed (!) ones.
   * @param all also the older ones
   * @param sent those you wrote
   */
  async list(all?: boolean, sent?: boolean): Promise<Shown<AsyncIterable<LetterRecord>>> {
    const view = { nameOf: await this.people.openNames(), nowMs: this.run.nowMs };
    const limit = all ? Infinity : LIST_LETTERS;
    // One more than is shown tells whether there are older ones.
    const pages = sent ? this.letters.sent(limit + 1) : this.letters.received(limit + 1);
    return shown(listRecords(pages, limit, view.nameOf), async function* () {
      let count = 0;
      for await (const page of pages) {
        yield* formatList(page.slice(0, limit), view);
        count += page.length;
      }
      if (count === 0) yield "no letters";
      if (count > limit) yield `older ones: peri hey list ${sent ? "--sent " : ""}--all`;
    });
  }

  /**
   * Shows a letter.
   * @word n
   * @complete n numbers
   */
  async read(n: string): Promise<Shown<LetterRecord>> {
    const letter = await this.letters.find("read a letter", n);
    const text = await this.letters.textOf(letter);
    const nameOf = await this.people.openNames();
    const to: Recipient[] = [];
    for await (const page of this.letters.recipientsOf(letter)) to.push(...page);
    await this.letters.markRead(letter);
    const fates = to.map((one) => recipientRecord(one, nameOf));
    const record = { ...recordOf(letter, nameOf), ..."fate" in letter && { fates }, text };
    return shown(record, () => {
      const cells = "fate" in letter ? recipientCells(to, letter, nameOf) : [];
      return formatLetter(letter, cells, text, nameOf);
    });
  }

  /**
   * Answers a letter.
   * @verbatim
   * @complete n numbers
   */
  async answer(n: string, text: string): Promise<string> {
    const op = "answer a letter";
    const found = await this.letters.find(op, n);
    if ("fate" in found) {
      const hint = "peri hey list shows the letters that came";
      throw new Refusal("invalid", { op, subject: `letter ${found.n} is one you wrote`, hint });
    }
    await this.outgoing.send([found.person], checkText(op, text.trimEnd()), found);
    await this.letters.markRead(found);
    const nameOf = await this.people.openNames();
    const audience = { people: [found.person], unknown: [] };
    return leftLine(audience, (person) => showPerson(person, nameOf));
  }

  /**
   * Deletes a letter.
   * @word n
   * @complete n numbers
   */
  async forget(n: string): Promise<string> {
    const letter = await this.letters.find("forget a letter", n);
    await this.letters.forget(letter);
    const isSent = "fate" in letter;
    const { all, people } = isSent && letter.tally || { all: 1, people: [letter.person] };
    const nameOf = await this.people.openNames();
    const who = formatPeople(people.map((one) => showPerson(one, nameOf)), all);
    return `forgot letter ${letter.n} ${isSent ? "to" : "from"} ${who}`;
  }

  /** Numbers of the newest letters. */
  protected async numbers(): Promise<string[]> {
    const { value: letters } = await this.letters.received(LIST_LETTERS).next();
    return letters?.map(({ n }: Received) => `${n}`) ?? [];
  }

  /** Words for the last name of a list such as `bob,ca`. */
  protected async knownOf(words: readonly string[]): Promise<string[]> {
    const list = words.at(-1) ?? "";
    const before = list.slice(0, list.lastIndexOf(",") + 1);
    return (await this.audiences.words()).map((word) => before + word);
  }

  /** @throws {Refusal} when somebody is not known and may not be skipped, or nobody is left. */
  async #findAudience(who: string, skipsUnknown: boolean): Promise<Audience> {
    const op = "leave a message";
    const audience = await this.audiences.find(op, who);
    const { people, unknown } = audience;
    const isOne = Audiences.parts(who).length === 1;
    if (people.length === 0 && unknown.length === 0) {
      const hint = "peri hey leave-message <who,…> <text…>";
      throw new Refusal("invalid", { op, subject: "for whom is not said", hint });
    }
    if (unknown.length > 0 && isOne) throw unknown[0]!.why;
    if (unknown.length > 0 && people.length === 0) {
      throw refuseUnknown(op, unknown, "nobody is left; peri hey names shows the names you gave");
    }
    if (unknown.length > 0 && !skipsUnknown) {
      const hint = "nothing was sent; leave-message --skip-unknown sends it to the others";
      throw refuseUnknown(op, unknown, hint);
    }
    return audience;
  }
}

async function* listRecords(
  pages: AsyncIterable<readonly (Received | Sent)[]>,
  limit: number,
  nameOf: NameOf,
): AsyncGenerator<LetterRecord> {
  for await (const page of pages) {
    for (const letter of page.slice(0, limit)) yield recordOf(letter, nameOf);
  }
}

function leftLine({ people, shown }: Audience, show: (person: string) => string): string {
  if (people.length > 1) {
    const all = formatPeople(people.slice(0, SHOWN).map(show), people.length);
    return `left for ${all} (waits until their servers take it)`;
  }
  const one = shown ?? show(people[0]!);
  return `left for ${one} (waits until ${one}'s server takes it)`;
}
