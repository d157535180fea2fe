/**
 * The verbs for spaces: one's own and those of others.
 *
 * @module
 */

import { cleanText, Commands, peer, type Pod, Refusal, type Shown, shown } from "../../sdk/mod.ts";
import { Space } from "../generated.ts";
import { type NameOf, type People, showPerson } from "../people.ts";
import { formatAge, formatIso } from "../show.ts";
import { checkMessage, MAX_MESSAGES, READ_MESSAGES, type Wall, type Written } from "../space.ts";

/** How long somebody waits at the command line for another server. */
export const ASK_MS = 20_000;

/** A message as a record. */
export interface MessageRecord {
  n: number;
  author: string;
  name: string | null;
  written: string;
  text: string;
}

/** Their methods. */
export class SpaceVerbs extends Commands {
  constructor(pod: Pod, private readonly wall: Wall, private readonly people: People) {
    super(pod);
  }

  /**
   * Shows what friends have written in your space, or somebody's.
   * @param all also what is older
   * @param who whose; yours without it
   * @complete who known
   */
  async space(all?: boolean, ...who: string[]): Promise<Shown<MessageRecord[]>> {
    const nameOf = await this.people.openNames();
    const owner = await this.run.owner();
    const person = await this.#whose("read a space", who.join(" "), owner);
    const records: MessageRecord[] = [];
    let isLast = false;
    do {
      const page = await this.#page(person === owner, person, records.at(-1)?.n);
      for (const { n, author, timeMs, text } of page) {
        const name = author === owner ? "you" : nameOf(author) ?? null;
        records.push({ n, author, name, written: formatIso(timeMs), text });
      }
      isLast = page.length < READ_MESSAGES;
      // No server is believed that never comes to its end.
    } while (all && !isLast && records.length < MAX_MESSAGES);
    const { nowMs } = this.run;
    return shown(records, () => [
      ...linesOf(records, nameOf, nowMs),
      ...isLast ? [] : ["older ones: peri hey space --all"],
    ]);
  }

  /**
   * Writes in somebody's space, for all who may read there; `me` is your own.
   * @verbatim
   * @complete who known
   */
  async writeIn(who: string, text: string): Promise<string> {
    const op = "write in a space";
    const owner = await this.run.owner();
    const person = await this.#whose(op, who, owner);
    const said = checkMessage(op, text.trimEnd());
    const n = person === owner
      ? await this.wall.add(op, { author: owner, timeMs: this.run.nowMs, text: said })
      : await this.#at(person).write(said);
    const whose = person === owner ? "your" : `${await this.#shown(person)}'s`;
    return `message ${n} stands in ${whose} space`;
  }

  /**
   * Takes a message of your space away, or one of yours in somebody's.
   * @word n
   * @param at whose space it stands in; yours without it
   * @complete at known
   */
  async erase(n: string, at?: string): Promise<string> {
    const op = "take a message away";
    const number = readNumber(op, n);
    const owner = await this.run.owner();
    const person = await this.#whose(op, at ?? "", owner);
    if (person === owner) await this.wall.erase(op, number);
    else await this.#at(person).erase(number);
    return `message ${number} is gone`;
  }

  /** All names. */
  protected async known(): Promise<string[]> {
    return ["me", ...await this.people.words()];
  }

  async #page(
    isOwn: boolean,
    person: string,
    before: number | undefined,
  ): Promise<(Written & { readonly n: number })[]> {
    const page: (Written & { readonly n: number })[] = [];
    if (isOwn) {
      for await (const [n, one] of this.wall.newest(before, READ_MESSAGES)) {
        page.push({ n, ...one });
      }
      return page;
    }
    for await (const { n, author, writtenMs, text } of this.#at(person).messages(before)) {
      page.push({ n, author, timeMs: writtenMs, text });
      if (page.length >= READ_MESSAGES) break;
    }
    return page;
  }

  #at(person: string) {
    return peer(this, Space, { of: person, deadlineMs: ASK_MS });
  }

  async #whose(op: string, who: string, owner: string): Promise<string> {
    if (who === "" || who === "me") return owner;
    return await this.people.personOf(op, who);
  }

  async #shown(person: string): Promise<string> {
    return showPerson(person, await this.people.openNames());
  }
}

function linesOf(records: readonly MessageRecord[], nameOf: NameOf, nowMs: number): string[] {
  if (records.length === 0) return ["nothing is written here; peri hey write-in <who> <text…>"];
  return records.flatMap(({ n, author, name, written, text }) => [
    `${n}  ${name ?? showPerson(author, nameOf)}, ${formatAge(Date.parse(written), nowMs)}`,
    ...cleanText(text).trimEnd().split("\n").map((line) => `   ${line}`),
  ]);
}

function readNumber(op: string, text: string): number {
  if (/^#?[1-9][0-9]{0,8}$/.test(text)) return Number(text.replace("#", ""));
  const subject = `${JSON.stringify(text.slice(0, 40))} is no number of a message`;
  throw new Refusal("invalid", { op, subject, hint: "peri hey space shows the numbers" });
}
