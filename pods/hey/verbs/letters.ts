/**
 * The verbs for letters.
 *
 * @module
 */

import { readFlags, Refusal, type Run } from "../../sdk/mod.ts";
import type { Letters, Received, Sent } from "../letters.ts";
import { formatLetter, formatList, recordOf, type View } from "../listing.ts";
import { checkText, type Mail, MAX_TEXT_BYTES } from "../mail.ts";
import type { People } from "../people.ts";
import { checkNoMore, refuseUsage } from "./usage.ts";

/** Letters in a list without `--all`. */
const LIST_LETTERS = 20;

const USAGE = {
  leave: "peri hey leave-message <who> <text…>",
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
    private readonly mail: Mail,
  ) {}

  /** `leave-message <who> <text…>` */
  async leave([who, ...words]: readonly string[]): Promise<void> {
    const op = "leave a message";
    if (who === undefined) throw refuseUsage(op, "for whom is not said", USAGE.leave);
    const { person, shown } = await this.people.find(op, who);
    const text = await this.#readText(op, words, USAGE.leave);
    await this.mail.send(person, text);
    this.#printLeft(shown);
  }

  /** `answer <n> <text…>` */
  async answer([n, ...words]: readonly string[]): Promise<void> {
    const op = "answer a letter";
    if (n === undefined) throw refuseUsage(op, "which one is not said", USAGE.answer);
    await this.#findReceived(op, n);
    const text = await this.#readText(op, words, USAGE.answer);
    // While standard input was awaited the letter may have been forgotten.
    const found = await this.#findReceived(op, n);
    await this.mail.send(found.person, text, found);
    this.letters.markRead(found);
    this.#printLeft(await this.people.show(found.person));
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
    if (given.has("json")) this.run.printJson({ ...recordOf(letter, nameOf), text });
    else this.run.print(formatLetter(letter, text, nameOf).join("\n"));
    this.letters.markRead(letter);
  }

  /** `forget <n>` */
  async forget([n, ...rest]: readonly string[]): Promise<void> {
    const op = "forget a letter";
    if (n === undefined) throw refuseUsage(op, "which one is not said", USAGE.forget);
    checkNoMore(op, rest, USAGE.forget);
    const letter = await this.letters.find(op, n);
    this.letters.forget(letter);
    const way = "fate" in letter ? "to" : "from";
    this.run.print(`forgot letter ${letter.n} ${way} ${await this.people.show(letter.person)}`);
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

  #printLeft(shown: string): void {
    this.run.print(`left for ${shown} (waits until ${shown}'s server takes it)`);
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
