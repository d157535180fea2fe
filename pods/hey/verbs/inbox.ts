/**
 * What is new, at a glance.
 *
 * @module
 */

import { Commands, type Pod, type Shown, shown } from "../../sdk/mod.ts";
import type { IntroductionBook } from "../introduced.ts";
import type { Letters, Received } from "../letters.ts";
import { formatList } from "../listing.ts";
import type { Pending } from "../pending.ts";
import type { People } from "../people.ts";
import type { PetitionBook } from "../petitions.ts";

/** Letters looked through for unread ones, and those shown. */
const LOOK_LETTERS = 200;
const SHOW_LETTERS = 5;

/** What is new, as a record. */
export interface InboxRecord {
  /** Unread ones among the newest 200. */
  unread: number;
  letters: number[];
  pending: { known: number; unknown: number };
  introductions: number;
  /** People who ask to vouch for a new key. */
  petitions: number;
  /** Friends who have vouched for a new key of one's own. */
  vouched: number;
}

/** Its method. */
export class InboxVerbs extends Commands {
  constructor(
    pod: Pod,
    private readonly parts: {
      readonly letters: Letters;
      readonly pending: Pending;
      readonly introduced: IntroductionBook;
      readonly petitions: PetitionBook;
      readonly people: People;
    },
  ) {
    super(pod);
  }

  /**
   * Shows what is new: unread letters, who waits, who was introduced, who asks to vouch.
   * @alone
   */
  async inbox(): Promise<Shown<InboxRecord>> {
    const { letters, pending, introduced, petitions, people } = this.parts;
    const unread: Received[] = [];
    for await (const page of letters.received(LOOK_LETTERS)) {
      unread.push(...page.filter((letter) => letter.unread));
    }
    const waiting = await pending.count();
    const record = {
      unread: unread.length,
      letters: unread.map(({ n }) => n),
      pending: waiting,
      introductions: await introduced.count(),
      petitions: (await petitions.waiting(this.run.nowMs)).length,
      vouched: await petitions.answers(await this.run.owner()),
    };
    const view = { nameOf: await people.openNames(), nowMs: this.run.nowMs };
    return shown(record, function* () {
      yield* formatList(unread.slice(0, SHOW_LETTERS), view);
      if (unread.length > 0) yield unreadLine(unread);
      yield* waitingLines(record);
    });
  }
}

function unreadLine(unread: readonly Received[]): string {
  const { n } = unread[0]!;
  const what = unread.length === 1 ? "1 unread letter" : `${unread.length} unread letters`;
  const more = unread.length > SHOW_LETTERS ? ", all: peri hey list" : "";
  return `${what}: peri hey read ${n}, peri hey answer ${n} <text…>${more}`;
}

function* waitingLines(
  { unread, pending: { known, unknown }, introductions, petitions, vouched }: InboxRecord,
): Generator<string> {
  const waiting = known + unknown;
  if (waiting > 0) {
    const who = waiting === 1 ? "1 person waits" : `${waiting} people wait`;
    yield `${who} to be accepted: peri hey pending`;
  }
  if (introductions > 0) {
    const who = introductions === 1 ? "1 introduction" : `${introductions} introductions`;
    yield `${who}: peri hey introductions`;
  }
  if (petitions > 0) {
    const who = petitions === 1 ? "1 person asks" : `${petitions} people ask`;
    yield `${who} you to vouch for a new key: speak with them, then peri key vouch`;
  }
  if (vouched > 0) {
    const who = vouched === 1 ? "1 friend has" : `${vouched} friends have`;
    yield `${who} vouched for your new key: peri key succeed --answers`;
  }
  if (unread + waiting + introductions + petitions + vouched > 0) return;
  yield "nothing new; peri hey leave-message <who,…> <text…> leaves a letter, peri hey help says more";
}
