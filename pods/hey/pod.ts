/**
 * hey: letters between people, and the names a person gives to people.
 *
 * @module
 */

import { type Completer, Pod, type Run } from "../sdk/mod.ts";
import { mail, petnames, type Receipt } from "./generated.ts";
import { Letters } from "./letters.ts";
import { Mail, type Note } from "./mail.ts";
import { Names } from "./names.ts";
import { People } from "./people.ts";
import { LetterVerbs } from "./verbs/letters.ts";
import { NameVerbs } from "./verbs/names.ts";

/** The pod: what it offers, and which part of it answers. */
export default class Hey extends Pod {
  readonly #names = new Names(this.table("names"), this.table("persons"));
  readonly #people = new People(this.run, this.#names);
  readonly #letters = new Letters({
    received: this.table("received"),
    sent: this.table("sent"),
    texts: this.table("texts"),
    ids: this.table("ids"),
    counters: this.table("counters"),
  });
  readonly #told = this.continuation<Note, Receipt>(
    "told",
    (note, answer) => this.#mail.takeAnswer(note, answer),
  );
  readonly #mail: Mail = new Mail(this.run, this.#letters, this.#told);

  constructor(run: Run) {
    super(run);
    this.offer(mail, { leave: (letter) => this.#mail.take(letter) });
    this.offer(petnames, {
      personOf: async (name) => await this.#names.personOf(name) ?? null,
      nameOf: async (person) => await this.#names.nameOf(person) ?? null,
      setName: async (name, person) => void await this.#names.set(name, person),
    });
    const names = new NameVerbs(run, this.#names, this.#people);
    this.#declareLetters(new LetterVerbs(run, this.#letters, this.#people, this.#mail), names);
    this.#declareNames(names);
  }

  #declareLetters(letters: LetterVerbs, names: NameVerbs): void {
    const who: Completer = (words) => words.length === 1 ? names.words() : [];
    const number: Completer = (words) => words.length === 1 ? letters.numbers() : [];
    this.verb(
      "leave-message",
      "<who> <text…>",
      "Leaves a letter; the text - reads standard input.",
      (words) => letters.leave(words),
      who,
    );
    this.verb(
      "list",
      "[--all] [--sent] [--json]",
      "Shows the newest letters; * is unread, ! failed.",
      (words) => letters.list(words),
      () => ["--all", "--sent", "--json"],
    );
    this.verb("read", "<n> [--json]", "Shows a letter.", (words) => letters.read(words), number);
    this.verb(
      "answer",
      "<n> <text…>",
      "Answers a letter; the text - reads standard input.",
      (words) => letters.answer(words),
      number,
    );
    this.verb("forget", "<n>", "Deletes a letter.", (words) => letters.forget(words), number);
  }

  #declareNames(names: NameVerbs): void {
    const name: Completer = (words) => words.length === 1 ? names.words() : [];
    this.verb(
      "name",
      "<petname> <person>",
      "Gives a person a name of yours.",
      (words) => names.name(words),
      name,
    );
    this.verb("names", "[--json]", "Shows the names you gave.", (words) => names.list(words));
    this.verb("unname", "<petname>", "Takes a name back.", (words) => names.unname(words), name);
  }
}
