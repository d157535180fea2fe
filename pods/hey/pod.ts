/**
 * hey: letters between people, who may leave them, and the names a person gives to people.
 *
 * @module
 */

import { Pod } from "../sdk/mod.ts";
import { Admission } from "./admission.ts";
import { Audiences } from "./audience.ts";
import { Blocked, BLOCKED_TABLE } from "./blocked.ts";
import { Fates } from "./fates.ts";
import { HeyFiles } from "./files/files.ts";
import { Gate } from "./gate.ts";
import { Groups } from "./groups.ts";
import { IntroductionBook } from "./introduced.ts";
import { OutgoingIntroductions, TakenIntroductions } from "./introductions.ts";
import { Letters } from "./letters.ts";
import { Outgoing, TakenMail } from "./mail.ts";
import { GivenNames, Names, ToldNames } from "./names.ts";
import { Pending } from "./pending.ts";
import { People } from "./people.ts";
import { AskedVouching, PetitionBook, TakenPetitions } from "./petitions.ts";
import { OwnProfile, ShownProfile } from "./profile.ts";
import { RuleBook } from "./rules/rules.ts";
import { SharedSignatures } from "./signatures.ts";
import { SharedSpace, Wall } from "./space.ts";
import { Strangers } from "./strangers.ts";
import { HeyTerminal } from "./terminal/terminal.ts";
import { Telling, ToldSigning } from "./telling.ts";
import { BlockVerbs } from "./verbs/blocks.ts";
import { GroupVerbs } from "./verbs/groups.ts";
import { InboxVerbs } from "./verbs/inbox.ts";
import { IntroductionVerbs } from "./verbs/introductions.ts";
import { LetterVerbs } from "./verbs/letters.ts";
import { NameVerbs } from "./verbs/names.ts";
import { PendingVerbs } from "./verbs/pending.ts";
import { ProfileVerbs } from "./verbs/profile.ts";
import { RuleVerbs } from "./verbs/rules.ts";
import { SignatureVerbs } from "./verbs/signatures.ts";
import { SpaceVerbs } from "./verbs/space.ts";

/** The pod: what it offers, and which part of it answers. */
export default class Hey extends Pod {
  readonly #names = new Names(this.table("names"), this.table("persons"));
  readonly #people = new People(this.run, this.#names);
  readonly #groups = new Groups(this.table("groups"));
  readonly #blocked = new Blocked(this.table(BLOCKED_TABLE));
  readonly #audiences = new Audiences(this.#people, this.#groups, this.#blocked);
  readonly #strangers = new Strangers(this.table("strangers"));
  readonly #letters = new Letters({
    received: this.table("received"),
    sent: this.table("sent"),
    texts: this.table("texts"),
    fates: new Fates(this.table("fates")),
    ids: this.table("ids"),
    counters: this.table("counters"),
  }, this.#strangers);
  readonly #outgoing = new Outgoing(this, this.#letters);
  readonly #rules = new RuleBook(this.table("rules"));
  readonly #gate = new Gate(this.run, {
    names: this.#names,
    rules: this.#rules,
    blocked: this.#blocked,
    strangers: this.#strangers,
  });
  readonly #pending = new Pending({
    pending: this.table("pending"),
    refused: this.table("refused"),
    counts: this.table("waiting"),
    door: this.table("door"),
  });
  readonly #introduced = new IntroductionBook({
    came: this.table("introduced"),
    behalfs: this.table("behalfs"),
    sent: this.table("introductions"),
  });
  readonly #introductions = new OutgoingIntroductions(this, this.#introduced);
  readonly #telling = new Telling(this, {
    signed: this.table("signed"),
    told: this.table("told"),
    counters: this.table("counters"),
    names: this.#names,
    blocked: this.#blocked,
    rules: this.#rules,
  });
  readonly #admission = new Admission(this.run, {
    names: this.#names,
    people: this.#people,
    pending: this.#pending,
    introduced: this.#introduced,
    blocked: this.#blocked,
    letters: this.#letters,
    telling: this.#telling,
  });
  readonly #wall = new Wall({
    space: this.table("space"),
    authors: this.table("authors"),
    counters: this.table("counters"),
  });
  readonly #profile = new OwnProfile(this.table("profile"));
  readonly #petitions = new PetitionBook(this.table("petitions"), this.table("asked"));

  /** @hidden */
  readonly mail = new TakenMail(this, this.#gate, this.#letters, this.#pending);
  /** @hidden */
  readonly petnames = new GivenNames(this, this.#names, this.#admission);
  /** @hidden */
  readonly acquaintances = new ToldNames(this, this.#names);
  /** @hidden */
  readonly introductions = new TakenIntroductions(
    this,
    this.#gate,
    this.#introduced,
    this.#names,
  );
  /** @hidden */
  readonly space = new SharedSpace(this, this.#gate, this.#wall);
  /** @hidden */
  readonly profiles = new ShownProfile(this, this.#gate, this.#profile);
  /** @hidden */
  readonly signatures = new SharedSignatures(
    this,
    this.#gate,
    (person) => this.#telling.reach(person),
  );
  /** @hidden */
  readonly petitions = new TakenPetitions(this, this.#gate, this.#petitions);
  /** @hidden */
  readonly vouching = new AskedVouching(this, this.#petitions);
  /** @hidden */
  readonly signing = new ToldSigning(this, this.#telling);
  /** @hidden */
  readonly terminal = new HeyTerminal(this, {
    names: this.#names,
    people: this.#people,
    letters: this.#letters,
    pending: this.#pending,
    introduced: this.#introduced,
    admission: this.#admission,
    blocking: this.#blocked,
    audiences: this.#audiences,
    outgoing: this.#outgoing,
  });

  /** @hidden */
  readonly files = new HeyFiles(this, {
    names: this.#names,
    letters: this.#letters,
    outgoing: this.#outgoing,
    profile: this.#profile,
    filed: this.table("filed"),
  });

  readonly inbox = new InboxVerbs(this, {
    letters: this.#letters,
    pending: this.#pending,
    introduced: this.#introduced,
    petitions: this.#petitions,
    people: this.#people,
  });
  readonly letters = new LetterVerbs(
    this,
    this.#letters,
    this.#people,
    this.#audiences,
    this.#outgoing,
  );
  readonly waiting = new PendingVerbs(this, {
    pending: this.#pending,
    introduced: this.#introduced,
    admission: this.#admission,
    people: this.#people,
  });
  readonly blocks = new BlockVerbs(this, {
    blocking: this.#blocked,
    admission: this.#admission,
    pending: this.#pending,
    introduced: this.#introduced,
    people: this.#people,
  });
  readonly meetings = new IntroductionVerbs(this, {
    book: this.#introduced,
    outgoing: this.#introductions,
    names: this.#names,
    people: this.#people,
  });
  readonly names = new NameVerbs(this, this.#names, this.#people, this.#admission);
  readonly groups = new GroupVerbs(this, this.#groups, this.#people, this.#audiences);
  readonly walls = new SpaceVerbs(this, this.#wall, this.#people);
  readonly faces = new ProfileVerbs(this, this.#profile, this.#rules, this.#people);
  readonly proofs = new SignatureVerbs(this, this.#names, this.#people);
  readonly rules = new RuleVerbs(this, this.#rules, this.#pending);
}
