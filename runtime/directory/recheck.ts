/**
 * Rechecking: whether a behalf in use is still the newest. A server that has lost a pod, or holds a
 * stolen key, need not say so; others may know better. So whoever writes to somebody, or hears from
 * them, asks once a day: their server, and some friends.
 *
 * @module
 */

import type { Behalf, Known } from "../identity/behalf.ts";
import {
  MAX_ASKED_FRIENDS,
  MAX_RECHECK_FRIENDS,
  MAX_RECHECKS_PER_MINUTE,
  RECHECK_DOUBTED_MS,
  RECHECK_MS,
} from "../model/limits.ts";
import { formatPodRef, type PodRef, type ServerUrl } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Asker } from "./ask.ts";
import type { Book } from "./book.ts";
import type { BookEntry } from "./entry.ts";
import type { Friends } from "./friends.ts";
import { Pace } from "./pace.ts";
import { learnLineages } from "./pull.ts";
import { FROM_SELF, fromFriend, fromHome, isFromItself, STRANGERS } from "./told.ts";

/** Pods remembered as asked for; of others it is forgotten, and they are asked for again when used. */
const MAX_RECHECKED = 10_000;

/** What rechecking works with. */
export interface RecheckParts {
  readonly book: Book;
  readonly friends: Friends;
  readonly asker: Asker;
  readonly clock: Clock;
  /** This server's own address, which is not asked; absent before it is claimed. */
  self(): ServerUrl | undefined;
}

/** Why a behalf is looked at. */
export type Use =
  /** A message is on its way to the pod. */
  | "write"
  /** A message came from the pod. */
  | "hear"
  /** Its server does not take what is written to it. */
  | "doubt";

/** Asks others about behalfs in use, each pod at most once a day unless in doubt. */
export class Rechecks {
  /** When pods were asked for last; the one asked longest ago is the first. */
  readonly #askedMs = new Map<string, number>();
  readonly #running = new Map<string, Promise<void>>();
  /** Strangers have a pace of their own: they cannot keep us from asking for those we know. */
  readonly #paces: { readonly strangers: Pace; readonly others: Pace };

  constructor(private readonly parts: RecheckParts) {
    const pace = () => new Pace(MAX_RECHECKS_PER_MINUTE, parts.clock);
    this.#paces = { strangers: pace(), others: pace() };
  }

  /** A behalf of the book is used; when it is time to ask, resolves when all who were asked said so. */
  async used(entry: BookEntry, use: Use): Promise<void> {
    const name = formatPodRef(entry.behalf);
    const running = this.#running.get(name);
    if (running !== undefined) return await running;
    if (!this.#isDue(name, entry, use) || !this.#mayAsk(entry)) return;
    this.#note(name);
    await this.#run(name, () => this.#ask(entry, use));
  }

  /**
   * A behalf has taken another's place at another server. Whoever has stolen a key can sign such a
   * one, so the server of before is asked once whether the key was revoked.
   */
  async moved(behalf: Behalf, before: BookEntry): Promise<void> {
    const { endpoint } = before.behalf;
    if (endpoint === behalf.endpoint || !this.#mayAsk(before)) return;
    // It does not stand for the daily round: who signs something new every day is asked for all the same.
    const name = `${formatPodRef(behalf)} at ${endpoint}`;
    await this.#run(name, () => this.#question(behalf, endpoint, fromHome(endpoint)));
  }

  /** Resolves when nobody is being asked. */
  async idle(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  #mayAsk({ account }: BookEntry): boolean {
    return (account === STRANGERS ? this.#paces.strangers : this.#paces.others).take();
  }

  #isDue(name: string, { from, sinceMs }: BookEntry, use: Use): boolean {
    // One that is said to live here, and does not, has left: others know where to.
    if (from === FROM_SELF) return false;
    const nowMs = this.parts.clock.nowMs();
    const asked = this.#askedMs.get(name);
    if (use === "doubt") return Math.abs(nowMs - (asked ?? 0)) >= RECHECK_DOUBTED_MS;
    // Being told anew counts for nothing: a thief could tell something newer every day.
    return Math.abs(nowMs - Math.max(asked ?? 0, sinceMs)) >= RECHECK_MS;
  }

  async #run(name: string, ask: () => Promise<unknown>): Promise<void> {
    const asking = ask().then(() => undefined, () => undefined)
      .finally(() => this.#running.delete(name));
    this.#running.set(name, asking);
    await asking;
  }

  #note(name: string): void {
    this.#askedMs.delete(name);
    const [oldest] = this.#askedMs.keys();
    if (this.#askedMs.size >= MAX_RECHECKED) this.#askedMs.delete(oldest!);
    this.#askedMs.set(name, this.parts.clock.nowMs());
  }

  async #ask({ behalf, from }: BookEntry, use: Use): Promise<void> {
    const { endpoint } = behalf;
    const confirmed = await this.#question(behalf, endpoint, fromHome(endpoint));
    // Who has only introduced themselves costs one question: anybody can make such people.
    if (isFromItself(from) && use !== "doubt") return;
    const isPlain = confirmed !== undefined && use !== "doubt";
    const asked = await this.#friends(endpoint, isPlain ? MAX_RECHECK_FRIENDS : MAX_ASKED_FRIENDS);
    await Promise.all(
      asked.map((server) => this.#question(behalf, server, fromFriend(server))),
    );
  }

  /** Some friends, every day others, but for the server that was asked already. */
  async #friends(home: ServerUrl, most: number): Promise<ServerUrl[]> {
    const servers = (await this.parts.friends.list()).map(({ server }) => server)
      .filter((server) => server !== home);
    const day = Math.floor(this.parts.clock.nowMs() / RECHECK_MS);
    const first = (day * most) % Math.max(1, servers.length);
    return [...servers.slice(first), ...servers.slice(0, first)].slice(0, most);
  }

  /** What a server knows of a pod, into the book; a wrong answer and a late one count as none. */
  async #question(ref: PodRef, server: ServerUrl, from: string): Promise<Known | undefined> {
    const { asker, book } = this.parts;
    if (server === this.parts.self()) return undefined;
    try {
      const { entry, lineages = [] } = await asker.who(server, ref);
      await learnLineages(book, lineages);
      return entry && await book.learn(entry, from);
    } catch {
      return undefined;
    }
  }
}
