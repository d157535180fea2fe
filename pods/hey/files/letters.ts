/**
 * The letters from and to one person as files.
 *
 * @module
 */

import {
  type Content,
  type Folder,
  type Listed,
  type Node,
  textLeaf,
  textOf,
} from "../../sdk/files/mod.ts";
import { cleanLine, cleanText, Refusal } from "../../sdk/mod.ts";
import type { Received, Sent } from "../letters.ts";
import { checkText } from "../mail.ts";
import type { Petname } from "../names.ts";
import { formatFingerprint, formatTime } from "../show.ts";
import type { FileParts } from "./parts.ts";

/** Of all letters only the newest are looked through for those of one person. */
const MAX_LETTERS = 2_000;
/** `12-received.txt` */
const LETTER = /^(?<n>[1-9][0-9]{0,9})-(?<way>received|sent)\.txt$/;
/** `12-re.txt`, `12-reply`: answers letter 12. */
const ANSWER = /^(?<n>[1-9][0-9]{0,9})[-_. ]re/i;
/** Does not change. */
const FINGERPRINT = "fingerprint.txt";

type Letter = Received | Sent;

/** The folder of one person. */
export class Correspondence implements Folder {
  constructor(
    private readonly parts: Omit<FileParts, "profile" | "names">,
    private readonly friend: Petname,
  ) {}

  async look(name: string): Promise<Node | undefined> {
    if (name === FINGERPRINT) return this.#fingerprint();
    const { letters, filed } = this.parts;
    const { n } = LETTER.exec(name)?.groups ?? {};
    const number = n === undefined ? await filed.get(this.#keyOf(name)) : Number(n);
    const letter = number === undefined ? undefined : await letters.byNumber(number);
    if (letter === undefined || letter.person !== this.friend.person) return undefined;
    if (n !== undefined && nameOf(letter) !== name) return undefined;
    const text = await letters.textOf(letter);
    return n === undefined ? this.#filed(name, letter, text) : this.#leaf(letter, text);
  }

  async list(after: string | undefined, limit: number): Promise<readonly Listed[]> {
    const named = new Map<string, Letter | number | undefined>([[FINGERPRINT, undefined]]);
    const { letters, filed } = this.parts;
    for await (const page of letters.received(MAX_LETTERS)) this.#name(page, named);
    for await (const page of letters.sent(MAX_LETTERS)) this.#name(page, named);
    const prefix = this.#keyOf("");
    for (const [key, n] of await filed.list({ prefix, limit: MAX_LETTERS })) {
      named.set(key.slice(prefix.length), n);
    }
    const names = [...named.keys()].filter((name) => after === undefined || name > after);
    const shown = names.sort().slice(0, limit);
    const ready = new Map<string, Node>();
    const plain = shown.map((name) => named.get(name)).filter((one) => typeof one === "object");
    const texts = await letters.textsOf(plain);
    plain.forEach((letter, at) => ready.set(nameOf(letter), this.#leaf(letter, texts[at]!)));
    const nodes = await Promise.all(shown.map((name) => ready.get(name) ?? this.look(name)));
    return shown.flatMap((name, at) => nodes[at] === undefined ? [] : [[name, nodes[at]] as const]);
  }

  /** Sends what was saved, unless it was before. */
  async save(name: string, content: Content): Promise<void> {
    const op = "leave a letter";
    const text = checkText(op, textOf(content).trimEnd());
    if (name === FINGERPRINT || LETTER.test(name)) {
      const subject = `${name} is not yours to write`;
      throw new Refusal("denied", { op, subject, hint: "save a new file, under any other name" });
    }
    const { letters, outgoing, filed } = this.parts;
    const key = this.#keyOf(name);
    const before = await filed.get(key);
    const sent = before === undefined ? undefined : await letters.byNumber(before);
    if (sent !== undefined) {
      if (await letters.textOf(sent) === text) return;
      const subject = `${cleanLine(name, 60)} has been sent`;
      throw new Refusal("denied", { op, subject, hint: "save it under another name" });
    }
    const answered = await this.#answered(op, name);
    filed.put(key, await outgoing.send([this.friend.person], text, answered));
  }

  /** Forgets a letter. */
  async remove({ name }: Node): Promise<void> {
    const { letters, filed } = this.parts;
    const key = this.#keyOf(name);
    const n = await filed.get(key) ?? Number(LETTER.exec(name)?.groups?.n);
    const letter = await letters.byNumber(n);
    if (letter === undefined) {
      throw new Refusal("denied", { op: "forget a letter", subject: `${name} is none` });
    }
    filed.delete(key);
    await letters.forget(letter);
  }

  async #answered(op: string, name: string): Promise<Received | undefined> {
    const { n } = ANSWER.exec(name)?.groups ?? {};
    if (n === undefined) return undefined;
    const letter = await this.parts.letters.byNumber(Number(n));
    if (letter !== undefined && "unread" in letter && letter.person === this.friend.person) {
      return letter;
    }
    const subject = `there is no letter ${n} from ${this.friend.name}`;
    throw new Refusal("not-found", { op, subject, hint: "a file of another name is no answer" });
  }

  /** Those of this person. */
  #name(page: readonly Letter[], named: Map<string, Letter | number | undefined>): void {
    for (const letter of page) {
      if (letter.person === this.friend.person) named.set(nameOf(letter), letter);
    }
  }

  #leaf(letter: Letter, text: string): Node {
    const head = "fate" in letter ? `To: ${this.friend.name}` : `From: ${this.friend.name}`;
    const answers = letter.answers === undefined ? [] : [`Answers: ${letter.answers}`];
    const lines = [head, `Date: ${formatTime(letter.timeMs)} UTC`, ...answers, "", cleanText(text)];
    const leaf = textLeaf(nameOf(letter), `${lines.join("\n")}\n`, { modifiedMs: letter.timeMs });
    const read = async () => {
      await this.parts.letters.markRead(letter);
      return leaf.read();
    };
    return { ...leaf, read };
  }

  /** What was saved, as it was saved. */
  #filed(name: string, { timeMs }: Letter, text: string): Node {
    return textLeaf(name, `${text}\n`, { modifiedMs: timeMs });
  }

  #fingerprint(): Node {
    return textLeaf(FINGERPRINT, `${formatFingerprint(this.friend.person)}\n`);
  }

  #keyOf(name: string): string {
    return `${this.friend.person}/${name}`;
  }
}

function nameOf(letter: Letter): string {
  return `${letter.n}-${"fate" in letter ? "sent" : "received"}.txt`;
}
