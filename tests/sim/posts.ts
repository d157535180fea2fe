/**
 * What the pods of a simulation say to each other: single posts and several, spreads over errands,
 * streams with and without a pace, keys that are cancelled or taken again.
 *
 * @module
 */

import type { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import type { Post } from "../../runtime/model/message.ts";
import {
  formatPodRef,
  parseFunctionName,
  type PodRef,
  type ResponseToken,
  tokenFromBytes,
} from "../../runtime/model/words.ts";
import type { Posted } from "./ledger.ts";
import type { Site } from "./site.ts";
import { COUNT, makePost, PAGES } from "./turn.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const MISSING = parseFunctionName("missing");
/** More than may wait for a caller before its stream stops to think. */
const LONG_LIST = { total: 770, page: 110 };
/** Pairs of pods that speak once more when all is well again. */
const MAX_FAREWELLS = 12;

/** What {@link Posts} works with. */
export interface PostsOptions {
  readonly chance: SeededEntropy;
  readonly sites: readonly Site[];
  /** The time of the world. */
  nowMs(): number;
  /** A deadline that nothing but a lost disk or a dead server keeps a message from. */
  readonly patientMs: number;
}

/** See the module. */
export class Posts {
  readonly posted: Posted[] = [];
  readonly #options: PostsOptions;
  /** Posts of each lane. */
  readonly #counts = new Map<string, number>();

  constructor(options: PostsOptions) {
    this.#options = options;
  }

  /** A pod of a site posts something. */
  draw(site: Site): void {
    if (!site.isUp) return;
    const { chance } = this.#options;
    const { ref } = this.#pick(site.residents);
    if (chance.happens(0.05)) return this.#spread(site, ref);
    const isMany = chance.happens(0.05);
    const recipients = isMany ? this.#everybody() : this.#some(1 + chance.below(3));
    this.#post(site, ref, recipients.map((to) => this.#drawPost(ref, to)));
  }

  /** Somebody wants no more of a call; that may be lost with the process, and the call goes on. */
  cancel(): void {
    const keyed = this.posted.filter(({ post }) => post.key !== undefined);
    if (keyed.length === 0) return;
    const { from, post: { key } } = this.#pick(keyed);
    const site = this.#siteOf(from);
    if (!site.isUp) return;
    const cancelled = this.#cancelled(from, key!);
    undoUnless(site.house.pod(from).cancel(key!), cancelled);
  }

  /** A list that is longer than may wait for its caller. Returns who gives it and who asks. */
  ask(): { readonly from: Site; readonly to: Site } {
    const [from, to] = [this.#pick(this.#options.sites), this.#pick(this.#options.sites)];
    const [asking, giving] = [this.#pick(from.residents).ref, this.#pick(to.residents).ref];
    const { total, page } = LONG_LIST;
    const payload = `[${this.#count(asking, giving)},${total},${page}]`;
    this.#post(from, asking, [this.#stream(giving, payload, this.#options.patientMs, PAGES)]);
    return { from, to };
  }

  /** When all is well again, messages arrive again; above all where a disk was lost. */
  farewell(): void {
    const living = this.#options.sites.filter(({ isDead }) => !isDead);
    const pairs = living.flatMap((from) => living.map((to) => ({ from, to })));
    const isWanted = ({ from, to }: typeof pairs[number]) =>
      from.lost.length + to.lost.length > 0 || this.#options.chance.happens(0.3);
    for (const { from, to } of pairs.filter(isWanted).slice(0, MAX_FAREWELLS)) {
      const [sender, recipient] = [this.#pick(from.residents).ref, this.#pick(to.residents).ref];
      const payload = `[${this.#count(sender, recipient)}]`;
      const { patientMs: deadlineMs } = this.#options;
      this.#post(from, sender, [makePost(recipient, this.#token(), payload, { deadlineMs })]);
    }
  }

  #post(site: Site, from: PodRef, posts: readonly Post[]): void {
    const cancelled = posts.flatMap(({ key }) =>
      key === undefined ? [] : this.#cancelled(from, key)
    );
    const entries = posts.map((post) => this.#entry(from, post, post.token));
    const committing = site.house.pod(from).post(...posts);
    undoUnless(committing, cancelled);
    this.#commit(entries, committing);
  }

  /** The first part opens its calls in the commit that leaves the others. */
  #spread(site: Site, from: PodRef): void {
    const { chance } = this.#options;
    const sizes = Array.from({ length: 2 + chance.below(3) }, () => 1 + chance.below(3));
    const deadlineMs = this.#deadlineMs();
    const parts = sizes.map((size) =>
      this.#some(size).map((to) =>
        makePost(to, this.#token(), `[${this.#count(from, to)}]`, { deadlineMs })
      )
    );
    const proof = parts[0]![0]!.token;
    const entries = parts.flat().map((post) => ({
      ...this.#entry(from, post, proof),
      isLoose: true,
    }));
    this.posted.splice(this.posted.length - entries.length, entries.length, ...entries);
    this.#commit(entries, site.house.pod(from).spread(parts));
  }

  #commit(entries: readonly Posted[], committing: Promise<boolean>): void {
    const settle = (state: Posted["state"]) => {
      // What its poster was told before its disk was lost counts no more.
      for (const entry of entries) if (entry.state === "maybe") entry.state = state;
    };
    committing.then(
      (committed) => settle(committed ? "kept" : "refused"),
      () => settle("refused"),
    );
  }

  #entry(from: PodRef, post: Post, proof: ResponseToken): Posted {
    const postedMs = this.#options.nowMs();
    const entry: Posted = { from, post, proof, postedMs, state: "maybe" };
    this.posted.push(entry);
    return entry;
  }

  /** Marks the calls of a key, and returns those that were not before. */
  #cancelled(pod: PodRef, key: string): Posted[] {
    const meant = this.posted.filter(({ from, post, isCancelled }) =>
      post.key === key && from.person === pod.person && !isCancelled
    );
    for (const entry of meant) entry.isCancelled = true;
    return meant;
  }

  #drawPost(from: PodRef, to: PodRef): Post {
    const { chance } = this.#options;
    if (!chance.happens(0.15)) return this.#plain(from, to);
    const count = this.#count(from, to);
    // Some last so long that a disk is lost between two of their items.
    const total = chance.below(chance.happens(0.1) ? 40 : 12);
    const page = chance.happens(0.5) ? 1 + chance.below(4) : undefined;
    const payload = JSON.stringify([count, total, ...page ? [page] : []]);
    return this.#stream(to, payload, this.#deadlineMs(), page ? PAGES : COUNT);
  }

  #plain(from: PodRef, to: PodRef): Post {
    const { chance } = this.#options;
    const key = chance.happens(0.1) ? this.#key() : undefined;
    return makePost(to, this.#token(), `[${this.#count(from, to)}]`, {
      deadlineMs: this.#deadlineMs(),
      ...(chance.happens(0.1) ? { function: MISSING } : {}),
      ...(key === undefined ? {} : { key }),
    });
  }

  #stream(to: PodRef, payload: string, deadlineMs: number, name: typeof COUNT): Post {
    const continuation = { then: "listen", note: payload, isStream: true } as const;
    const wishes = { deadlineMs, function: name, continuation, key: this.#key() };
    return makePost(to, this.#token(), payload, wishes);
  }

  /** Few enough that some are taken while the call before is still open. */
  #key(): string {
    return `key ${this.#options.chance.below(20)}`;
  }

  #deadlineMs(): number {
    const { chance, patientMs } = this.#options;
    return chance.happens(0.2) ? SECOND_MS + chance.below(MINUTE_MS) : patientMs;
  }

  #count(from: PodRef, to: PodRef): number {
    const lane = `${formatPodRef(from)} ${formatPodRef(to)}`;
    const count = (this.#counts.get(lane) ?? 0) + 1;
    this.#counts.set(lane, count);
    return count;
  }

  #everybody(): PodRef[] {
    return this.#options.sites.flatMap(({ residents }) => residents.map(({ ref }) => ref));
  }

  #some(count: number): PodRef[] {
    return Array.from({ length: count }, () => this.#pick(this.#everybody()));
  }

  #siteOf({ person }: PodRef): Site {
    return this.#options.sites.find(({ residents }) =>
      residents.some(({ ref }) => ref.person === person)
    )!;
  }

  #token(): ResponseToken {
    return tokenFromBytes(this.#options.chance.bytes(16));
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#options.chance.below(items.length)]!;
  }
}

/** A cancel that was refused has not happened. */
function undoUnless(committing: Promise<boolean>, cancelled: readonly Posted[]): void {
  const undo = () => cancelled.forEach((entry) => entry.isCancelled = false);
  committing.then((committed) => committed || undo(), undo);
}
