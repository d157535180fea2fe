/**
 * hey: letters between people, and the names a person gives to people.
 *
 * @module
 */

import { type Completer, Pod, type Run } from "../sdk/mod.ts";
import { Audiences } from "./audience.ts";
import { Fates } from "./fates.ts";
import { mail, petnames, type Receipt } from "./generated.ts";
import { Groups } from "./groups.ts";
import { Letters } from "./letters.ts";
import { Mail, type Note } from "./mail.ts";
import { Names } from "./names.ts";
import { People } from "./people.ts";
import { Strangers } from "./strangers.ts";
import { GroupVerbs } from "./verbs/groups.ts";
import { LetterVerbs } from "./verbs/letters.ts";
import { NameVerbs } from "./verbs/names.ts";

/** The pod: what it offers, and which part of it answers. */
export default class Hey extends Pod {
  readonly #names = new Names(this.table("names"), this.table("persons"));
  readonly #people = new People(this.run, this.#names);
  readonly #groups = new Groups(this.table("groups"));
  readonly #letters = new Letters({
    received: this.table("received"),
    sent: this.table("sent"),
    texts: this.table("texts"),
    fates: new Fates(this.table("fates")),
    ids: this.table("ids"),
    counters: this.table("counters"),
  }, new Strangers(this.table("strangers"), this.#names));
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
    const groups = new GroupVerbs(run, this.#groups, this.#people);
    const audiences = new Audiences(this.#people, this.#groups);
    const letters = new LetterVerbs(run, this.#letters, this.#people, audiences, this.#mail);
    const known = async () => [...await names.words(), ...await groups.words()];
    this.#declareLetters(letters, known);
    this.#declareNames(names);
    this.#declareGroups(groups, known);
  }

  #declareLetters(letters: LetterVerbs, known: () => Promise<string[]>): void {
    const who: Completer = async (words) => {
      const given = words.filter((word) => !word.startsWith("--"));
      return given.length === 1 ? completeList(given[0]!, await known()) : [];
    };
    const number: Completer = (words) => words.length === 1 ? letters.numbers() : [];
    this.verb(
      "leave-message",
      "[--skip-unknown] [--json] <who,…> <text…>",
      "Leaves a letter for people and @groups; the text - reads standard input.",
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

  #declareGroups(groups: GroupVerbs, known: () => Promise<string[]>): void {
    const bare = async () => (await groups.words()).map((word) => word.slice(1));
    this.verb(
      "group",
      "<name> [add|remove <who…>] [--json]",
      "Shows or changes a group; @name means it where people are meant.",
      (words) => groups.group(words),
      async (words) => {
        if (words.length === 1) return await bare();
        return words.length === 2 ? ["add", "remove"] : await known();
      },
    );
    this.verb("groups", "[--json]", "Shows your groups.", (words) => groups.list(words));
    this.verb(
      "ungroup",
      "<name>",
      "Deletes a group; its people stay.",
      (words) => groups.ungroup(words),
      (words) => words.length === 1 ? bare() : [],
    );
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

/** Completions of the last name in a list such as `bob,ca`. */
function completeList(list: string, known: readonly string[]): string[] {
  const before = list.slice(0, list.lastIndexOf(",") + 1);
  return known.map((word) => before + word);
}
