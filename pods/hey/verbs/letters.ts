/**
 * The verbs for letters.
 *
 * @module
 */

import { cleanLine, type Json, readFlags, Refusal, type Run } from "../../sdk/mod.ts";
import { type Audience, Audiences, refuseUnknown } from "../audience.ts";
import type { Letters, Received, Sent } from "../letters.ts";
import {
  formatLetter,
  formatList,
  recipientCells,
  recipientRecord,
  recordOf,
  type View,
} from "../listing.ts";
import { checkText, type Mail, MAX_TEXT_BYTES } from "../mail.ts";
import type { People } from "../people.ts";
import { formatPeople } from "../show.ts";
import { checkNoMore, refuseUsage } from "./usage.ts";

/** Recipients that are named when a letter is left. */
const SHOWN = 3;
/** Letters in a list without `--all`. */
const LIST_LETTERS = 20;

const USAGE = {
  leave: "peri hey leave-message [--skip-unknown] [--json] <who,…> <text…>",
  answer: "peri hey answer <n> <text…>",
  list: "peri hey list [--all] [--sent] [--json]",
  read: "peri hey read <n> [--json]",
  forget: "peri hey forget <n>",
};

/** Handlers of the verbs for letters; each takes the words after its verb. */
export class LetterVerbs {
  constructor(
    private readonly run: Run,
    private readonly letters: Letters,
    private readonly people: People,
    private readonly audiences: Audiences,
    private readonly mail: Mail,
  ) {}

  /** `leave-message [--skip-unknown] [--json] <who,…> <text…>` */
  async leave(argv: readonly string[]): Promise<void> {
    const op = "leave a message";
    const { flags, words: [who, ...words] } = leadingFlags(argv);
    if (who === undefined || Audiences.parts(who).length === 0) {
      throw refuseUsage(op, "for whom is not said", USAGE.leave);
    }
    const { given } = readFlags(op, flags, ["skip-unknown", "json"]);
    const before = await this.#findAudience(op, who, given.has("skip-unknown"));
    const text = await this.#readText(op, words, USAGE.leave);
    // While standard input was awaited names may have changed; it goes to those who were found.
    const n = await this.mail.send(before.people, text);
    if (given.has("json")) await this.#printLeftJson(n, before);
    else await this.#printLeft(before);
  }

  /** `answer <n> <text…>` */
  async answer([n, ...words]: readonly string[]): Promise<void> {
    const op = "answer a letter";
    if (n === undefined) throw refuseUsage(op, "which one is not said", USAGE.answer);
    await this.#findReceived(op, n);
    const text = await this.#readText(op, words, USAGE.answer);
    // While standard input was awaited the letter may have been forgotten.
    const found = await this.#findReceived(op, n);
    await this.mail.send([found.person], text, found);
    await this.letters.markRead(found);
    await this.#printLeft({ people: [found.person], unknown: [] });
  }

  /** `list [--all] [--sent] [--json]` */
  async list(words: readonly string[]): Promise<void> {
    const op = "list letters";
    const { given, words: rest } = readFlags(op, words, ["all", "sent", "json"]);
    checkNoMore(op, rest, USAGE.list);
    const view = { nameOf: await this.people.openNames(), nowMs: this.run.nowMs };
    // One more than is shown tells whether there are older ones.
    const limit = given.has("all") ? Infinity : LIST_LETTERS;
    const pages = given.has("sent")
      ? this.letters.sent(limit + 1)
      : this.letters.received(limit + 1);
    let shown = 0;
    for await (const page of pages) {
      this.#printList(page.slice(0, limit), view, given.has("json"));
      shown += page.length;
    }
    if (given.has("json")) return;
    if (shown === 0) this.run.print("no letters");
    if (shown > limit) {
      this.run.print(`older ones: peri hey ${["list", ...words, "--all"].join(" ")}`);
    }
  }

  /** `read <n> [--json]` */
  async read(words: readonly string[]): Promise<void> {
    const op = "read a letter";
    const { given, words: [n, ...rest] } = readFlags(op, words, ["json"]);
    if (n === undefined) throw refuseUsage(op, "which one is not said", USAGE.read);
    checkNoMore(op, rest, USAGE.read);
    const letter = await this.letters.find(op, n);
    const text = await this.letters.textOf(letter);
    const nameOf = await this.people.openNames();
    const to: string[][] = [];
    const fates: Json[] = [];
    for await (const page of "fate" in letter ? this.letters.recipientsOf(letter) : []) {
      if (given.has("json")) fates.push(...page.map((one) => recipientRecord(one, nameOf)));
      else to.push(...recipientCells(page, letter as Sent, nameOf));
    }
    if (given.has("json")) {
      const record = { ...recordOf(letter, nameOf), ..."fate" in letter && { fates }, text };
      this.run.printJson(record);
    } else this.run.print(formatLetter(letter, to, text, nameOf).join("\n"));
    await this.letters.markRead(letter);
  }

  /** `forget <n>` */
  async forget([n, ...rest]: readonly string[]): Promise<void> {
    const op = "forget a letter";
    if (n === undefined) throw refuseUsage(op, "which one is not said", USAGE.forget);
    checkNoMore(op, rest, USAGE.forget);
    const letter = await this.letters.find(op, n);
    await this.letters.forget(letter);
    const isSent = "fate" in letter;
    const { all, people } = isSent && letter.tally || { all: 1, people: [letter.person] };
    const who = formatPeople(await this.#show(people), all);
    this.run.print(`forgot letter ${letter.n} ${isSent ? "to" : "from"} ${who}`);
  }

  /** Numbers of the newest letters, for completion. */
  async numbers(): Promise<string[]> {
    const { value: letters } = await this.letters.received(LIST_LETTERS).next();
    return letters?.map(({ n }: Received) => `${n}`) ?? [];
  }

  async #findReceived(op: string, n: string): Promise<Received> {
    const found = await this.letters.find(op, n);
    if (!("fate" in found)) return found;
    const hint = "peri hey list shows the letters that came";
    throw new Refusal("invalid", { op, subject: `letter ${found.n} is one you wrote`, hint });
  }

  #printList(letters: readonly (Received | Sent)[], view: View, isJson: boolean): void {
    if (isJson) { for (const letter of letters) this.run.printJson(recordOf(letter, view.nameOf)); }
    else for (const line of formatList(letters, view)) this.run.print(line);
  }

  /** @throws {Refusal} when somebody is not known and may not be skipped, or nobody is left. */
  async #findAudience(op: string, who: string, skipsUnknown: boolean): Promise<Audience> {
    const audience = await this.audiences.find(op, who);
    const { people, unknown } = audience;
    if (unknown.length > 0 && Audiences.parts(who).length === 1) throw unknown[0]!.why;
    if (unknown.length > 0 && people.length === 0) {
      throw refuseUnknown(op, unknown, "nobody is left; peri hey names shows the names you gave");
    }
    if (unknown.length > 0 && !skipsUnknown) {
      const hint = "nothing was sent; leave-message --skip-unknown sends it to the others";
      throw refuseUnknown(op, unknown, hint);
    }
    return audience;
  }

  async #printLeft({ people, unknown, shown }: Audience): Promise<void> {
    const [first] = people;
    if (people.length === 1) {
      const one = shown ?? await this.people.show(first!);
      this.run.print(`left for ${one} (waits until ${one}'s server takes it)`);
    } else {
      const some = await this.#show(people.slice(0, SHOWN));
      const all = formatPeople(some, people.length);
      this.run.print(`left for ${all} (waits until their servers take it)`);
    }
    for (const { text, why } of unknown) {
      this.run.printError(`skipped ${cleanLine(text, 80)}: ${why.subject}`);
    }
  }

  async #printLeftJson(n: number, { people, unknown }: Audience): Promise<void> {
    const nameOf = await this.people.openNames();
    this.run.printJson({
      n,
      to: people.map((person) => ({ person, name: nameOf(person) ?? null })),
      skipped: unknown.map(({ text, why }) => ({ text, why: why.subject })),
    });
  }

  async #show(people: readonly string[]): Promise<string[]> {
    return await Promise.all(people.map((person) => this.people.show(person)));
  }

  /** The text among the words, or standard input for `-`. */
  async #readText(op: string, words: readonly string[], usage: string): Promise<string> {
    if (words.length === 0) {
      throw refuseUsage(op, "there is no text", `${usage}; the text - reads standard input`);
    }
    const isInput = words.length === 1 && words[0] === "-";
    const text = isInput ? await this.run.readAll(4 * MAX_TEXT_BYTES) : words.join(" ");
    const trimmed = text.trimEnd();
    checkText(op, trimmed);
    return trimmed;
  }
}

/** Flags stand before the first word, so that a text may begin with dashes. */
function leadingFlags(argv: readonly string[]) {
  const at = argv.findIndex((word) => !word.startsWith("--"));
  const count = at < 0 ? argv.length : at;
  return { flags: argv.slice(0, count), words: argv.slice(count) };
}
