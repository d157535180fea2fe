/**
 * hey: letters between people, and the names a person gives to people.
 *
 * @module
 */

import { Pod } from "../sdk/mod.ts";
import { Audiences } from "./audience.ts";
import { Fates } from "./fates.ts";
import { Groups } from "./groups.ts";
import { Letters } from "./letters.ts";
import { Outgoing, TakenMail } from "./mail.ts";
import { GivenNames, Names, ToldNames } from "./names.ts";
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
  readonly #audiences = new Audiences(this.#people, this.#groups);
  readonly #letters = new Letters({
    received: this.table("received"),
    sent: this.table("sent"),
    texts: this.table("texts"),
    fates: new Fates(this.table("fates")),
    ids: this.table("ids"),
    counters: this.table("counters"),
  }, new Strangers(this.table("strangers"), this.#names));
  readonly #outgoing = new Outgoing(this, this.#letters);

  /** @hidden */
  readonly mail = new TakenMail(this, this.#letters);
  /** @hidden */
  readonly petnames = new GivenNames(this, this.#names);
  /** @hidden */
  readonly acquaintances = new ToldNames(this, this.#names);
  readonly letters = new LetterVerbs(
    this,
    this.#letters,
    this.#people,
    this.#audiences,
    this.#outgoing,
  );
  readonly names = new NameVerbs(this, this.#names, this.#people);
  readonly groups = new GroupVerbs(this, this.#groups, this.#people, this.#audiences);
}
