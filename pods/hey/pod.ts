/**
 * hey: letters between people, and the names a person gives to people.
 *
 * @module
 */

import { type Answer, cleanLine, Pod, readFlags, Refusal, type Run, sizeUtf8 } from "../sdk/mod.ts";
import { type Letter, mail, petnames, type Receipt } from "./generated.ts";
import { Letters, MAX_TEXT_BYTES, type Received, type Sent } from "./letters.ts";
import {
  formatLetter,
  formatReceivedList,
  formatSentList,
  type NameOf,
  recordOf,
} from "./listing.ts";
import { Names, readFingerprint } from "./names.ts";
import { formatColumns, formatFingerprint, formatShort } from "./show.ts";

/** Letters in a list without `--all`. */
const LIST_LETTERS = 20;
/** Longest id of a letter that is taken, in UTF-16 units. */
const MAX_ID = 100;

/** Given back with the answer to a letter. */
type Note = { readonly n: number };

/** The pod. */
export default class Hey extends Pod {
  readonly #letters = new Letters({
    received: this.table("received"),
    sent: this.table("sent"),
    texts: this.table("texts"),
    ids: this.table("ids"),
    counters: this.table("counters"),
  });
  readonly #names = new Names(this.table("names"), this.table("persons"));
  readonly #told = this.continuation<Note, Receipt>("told", (note, answer) => {
    return this.#takeAnswer(note, answer);
  });

  constructor(run: Run) {
    super(run);
    this.offer(mail, { leave: (letter) => this.#takeLetter(letter) });
    this.offer(petnames, {
      personOf: async (name) => await this.#names.personOf(name) ?? null,
      nameOf: async (person) => await this.#names.nameOf(person) ?? null,
      setName: async (name, person) => void await this.#names.set(name, person),
    });
    this.#declareLetterVerbs();
    this.#declareNameVerbs();
  }

  #declareLetterVerbs(): void {
    const names = async (words: string[]) => words.length === 1 ? await this.#nameWords() : [];
    const numbers = (words: string[]) => words.length === 1 ? this.#numberWords() : [];
    this.verb(
      "leave-message",
      "<who> <text…>",
      "Leaves a letter; text - reads standard input.",
      ([who, ...words]) => this.#leave(who, words),
      names,
    );
    this.verb(
      "list",
      "[--all] [--sent] [--json]",
      "Shows the newest letters; * marks the unread.",
      (words) => this.#list(words),
      (words) => words.at(-1)?.startsWith("-") ? ["--all", "--sent", "--json"] : [],
    );
    this.verb("read", "<n> [--json]", "Shows a letter.", (words) => this.#read(words), numbers);
    this.verb(
      "answer",
      "<n> <text…>",
      "Answers a letter; text - reads standard input.",
      ([n, ...words]) => this.#answer(n, words),
      numbers,
    );
    this.verb("forget", "<n>", "Deletes a letter.", ([n]) => this.#forget(n), numbers);
  }

  #declareNameVerbs(): void {
    const names = async (words: string[]) => words.length === 1 ? await this.#nameWords() : [];
    this.verb(
      "name",
      "<petname> <person>",
      "Gives a person a name of yours.",
      ([name, ...who]) => this.#name(name, who.join(" ")),
      names,
    );
    this.verb("names", "[--json]", "Shows the names you gave.", (words) => this.#listNames(words));
    this.verb("unname", "<petname>", "Takes a name back.", ([name]) => this.#unname(name), names);
  }

  // What other pods ask.

  async #takeLetter({ id, text, "in-reply-to": reply }: Letter): Promise<Receipt> {
    const op = "leave a letter";
    checkText(op, text);
    if (id.length === 0 || id.length > MAX_ID) {
      throw new Refusal("invalid", { op, subject: `its id is not 1 to ${MAX_ID} characters` });
    }
    const { caller: { person }, nowMs } = this.run;
    const answers = reply === null ? undefined : await this.#letters.numberOf(reply, person);
    const letter = { person, id, timeMs: nowMs, ...answers !== undefined && { answers } };
    await this.#letters.addReceived(letter, text);
    return { "received-ms": nowMs };
  }

  async #takeAnswer({ n }: Note, answer: Answer<Receipt>): Promise<void> {
    if ("ok" in answer) {
      return await this.#letters.setFate(n, {
        state: "delivered",
        timeMs: answer.ok["received-ms"],
      });
    }
    const { kind, subject } = answer.error;
    await this.#letters.setFate(n, { state: "failed", why: `${subject} (${kind})` });
  }

  // Letters on the command line.

  async #leave(who: string | undefined, words: readonly string[]): Promise<void> {
    const op = "leave a message";
    const usage = "peri hey leave-message <who> <text…>";
    if (who === undefined) throw missing(op, "for whom is not said", usage);
    const { person, shown } = await this.#findPerson(op, who);
    const text = await this.#readText(op, words, usage);
    await this.#send(person, text);
    this.run.print(`left for ${shown} (waits until ${shown}'s server takes it)`);
  }

  async #answer(n: string | undefined, words: readonly string[]): Promise<void> {
    const op = "answer a letter";
    const usage = "peri hey answer <n> <text…>";
    if (n === undefined) throw missing(op, "which one is not said", usage);
    const found = await this.#letters.find(op, n);
    if (!("received" in found)) {
      const hint = "peri hey list shows the letters that came";
      throw new Refusal("invalid", { op, subject: `letter ${n} is one you wrote`, hint });
    }
    const { received } = found;
    const text = await this.#readText(op, words, usage);
    await this.#send(received.person, text, received);
    this.#letters.markRead(received);
    const shown = await this.#show(received.person);
    this.run.print(`left for ${shown} (waits until ${shown}'s server takes it)`);
  }

  /** Keeps a letter and posts it. */
  async #send(person: string, text: string, answered?: Received): Promise<void> {
    const { nowMs } = this.run;
    const id = this.#newId();
    const letter = { person, id, timeMs: nowMs, ...answered && { answers: answered.n } };
    const { n } = await this.#letters.addSent(letter, text);
    const wire: Letter = { id, text, "in-reply-to": answered?.id ?? null };
    const options = { then: this.#told, note: { n } };
    this.run.post(mail.leave, { person, pod: this.run.about.name }, [wire], options);
  }

  /** Says nothing about how many letters there are, unlike a number. */
  #newId(): string {
    const part = () => Math.floor(this.run.random() * 0x1_0000_0000).toString(36).padStart(7, "0");
    return `${this.run.nowMs.toString(36)}-${part()}${part()}`;
  }

  async #list(words: readonly string[]): Promise<void> {
    const op = "list letters";
    const { given, words: rest } = readFlags(op, words, ["all", "sent", "json"]);
    if (rest.length > 0) {
      throw missing(op, `${JSON.stringify(cleanLine(rest[0]!, 40))} is too much`, usageOfList);
    }
    const limit = given.has("all") ? Infinity : LIST_LETTERS;
    const nameOf = await this.#openNames();
    const { letters, more } = given.has("sent")
      ? await this.#letters.newestSent(limit)
      : await this.#letters.newestReceived(limit);
    if (given.has("json")) {
      for (const letter of letters) this.run.printJson(recordOf(letter, nameOf));
      return;
    }
    if (letters.length === 0) return this.run.print("no letters");
    const lines = given.has("sent")
      ? formatSentList(letters as Sent[], nameOf)
      : formatReceivedList(letters as Received[], nameOf);
    for (const line of lines) this.run.print(line);
    if (more) this.run.print(`older ones: peri hey ${["list", ...words, "--all"].join(" ")}`);
  }

  async #read(words: readonly string[]): Promise<void> {
    const op = "read a letter";
    const { given, words: [n] } = readFlags(op, words, ["json"]);
    if (n === undefined) throw missing(op, "which one is not said", "peri hey read <n>");
    const found = await this.#letters.find(op, n);
    const letter = "received" in found ? found.received : found.sent;
    const text = await this.#letters.textOf(letter);
    const nameOf = await this.#openNames();
    if (given.has("json")) this.run.printJson({ ...recordOf(letter, nameOf), text });
    else this.run.print(formatLetter(letter, text, nameOf).join("\n"));
    if ("received" in found) this.#letters.markRead(found.received);
  }

  async #forget(n: string | undefined): Promise<void> {
    const op = "forget a letter";
    if (n === undefined) throw missing(op, "which one is not said", "peri hey forget <n>");
    const found = await this.#letters.find(op, n);
    const letter = "received" in found ? found.received : found.sent;
    this.#letters.forget(letter);
    const way = "received" in found ? "from" : "to";
    this.run.print(`forgot letter ${letter.n} ${way} ${await this.#show(letter.person)}`);
  }

  // Names on the command line.

  async #name(name: string | undefined, who: string): Promise<void> {
    const op = "give a name";
    const usage = "peri hey name <petname> <person>";
    if (name === undefined || who === "") throw missing(op, "who gets which is not said", usage);
    const { person } = await this.#findPerson(op, who);
    const former = await this.#names.nameOf(person);
    const before = await this.#names.set(name, person);
    const known = former === undefined || former === name ? "" : ` and no longer ${former}`;
    this.run.print(`${formatShort(person)} is ${name}${known}`);
    if (before !== undefined) this.run.print(`${formatShort(before)} has no name now`);
  }

  async #unname(name: string | undefined): Promise<void> {
    const op = "take a name back";
    if (name === undefined) throw missing(op, "which is not said", "peri hey unname <petname>");
    const { name: taken, person } = await this.#names.remove(name);
    this.run.print(`${formatFingerprint(person)} is no longer ${taken}`);
  }

  async #listNames(words: readonly string[]): Promise<void> {
    const { given } = readFlags("list names", words, ["json"]);
    const names = await this.#names.list();
    if (given.has("json")) {
      for (const { name, person } of names) this.run.printJson({ name, person });
      return;
    }
    if (names.length === 0) {
      return this.run.print("no names; peri hey name <petname> <person> gives one");
    }
    const rows = names.map(({ name, person }) => [name, formatFingerprint(person)]);
    for (const line of formatColumns(rows)) this.run.print(line);
  }

  // Persons and texts.

  /** A petname, a fingerprint, or what the periphery finds. */
  async #findPerson(op: string, who: string): Promise<{ person: string; shown: string }> {
    const named = await this.#names.personOf(who);
    if (named !== undefined) return { person: named, shown: await this.#show(named) };
    const fingerprint = readFingerprint(who);
    if (fingerprint !== undefined) {
      return { person: fingerprint, shown: await this.#show(fingerprint) };
    }
    try {
      const { person, name } = await this.run.findPerson(who);
      const called = await this.#names.nameOf(person) ?? (name && cleanLine(name, 60));
      return { person, shown: called ?? formatShort(person) };
    } catch (error) {
      if (error instanceof Refusal && error.kind === "not-found") {
        throw await this.#names.unknown(op, who);
      }
      throw error;
    }
  }

  async #show(person: string): Promise<string> {
    return await this.#names.nameOf(person) ?? formatShort(person);
  }

  /** All names at once, for lists. */
  async #openNames(): Promise<NameOf> {
    const names = new Map((await this.#names.list()).map(({ name, person }) => [person, name]));
    return (person) => names.get(person);
  }

  async #nameWords(): Promise<string[]> {
    return (await this.#names.list()).map(({ name }) => name);
  }

  async #numberWords(): Promise<string[]> {
    const { letters } = await this.#letters.newestReceived(LIST_LETTERS);
    return letters.map(({ n }) => `${n}`);
  }

  /** The text among the words, or standard input for `-`. */
  async #readText(op: string, words: readonly string[], usage: string): Promise<string> {
    if (words.length === 0) {
      throw missing(op, "there is no text", `${usage}; - reads standard input`);
    }
    const isInput = words.length === 1 && words[0] === "-";
    const text = isInput ? await this.run.readAll(4 * MAX_TEXT_BYTES) : words.join(" ");
    const trimmed = text.replace(/\s+$/, "");
    checkText(op, trimmed);
    return trimmed;
  }
}

const usageOfList = "peri hey list [--all] [--sent] [--json]";

function missing(op: string, subject: string, hint: string): Refusal {
  return new Refusal("invalid", { op, subject, hint });
}

function checkText(op: string, text: string): void {
  if (text.trim() === "") throw new Refusal("invalid", { op, subject: "the text is empty" });
  const bytes = sizeUtf8(text);
  if (bytes <= MAX_TEXT_BYTES) return;
  const subject = `the text has ${bytes} bytes, ${MAX_TEXT_BYTES} allowed`;
  throw new Refusal("too-large", { op, subject, hint: "send it in parts" });
}
