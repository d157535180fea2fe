/**
 * One story of two peripheries, told again and again: each time a process dies, or its disk fails,
 * at another moment of it.
 *
 * What can die between two moments at which a process waits for something is the same as what dies
 * at the first of them: nothing leaves a process or reaches its disk between them.
 *
 * @module
 */

import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import type { Life } from "../../runtime/adapters/memory/life.ts";
import type { CommitFault } from "../../runtime/adapters/memory/store.ts";
import type { Link } from "../../runtime/adapters/memory/transport.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { POST_TIMEOUT_MS } from "../../runtime/model/limits.ts";
import type { Post } from "../../runtime/model/message.ts";
import {
  formatPodRef,
  parseFunctionName,
  parseServerUrl,
  type PodRef,
  tokenFromBytes,
} from "../../runtime/model/words.ts";
import { Alarms } from "./alarms.ts";
import type { World } from "./house.ts";
import { judge } from "./judge.ts";
import { type Posted, readLedger } from "./ledger.ts";
import { HEY, makePerson, makeResident } from "./people.ts";
import { Site } from "./site.ts";
import { COUNT, makePost, PAGES } from "./turn.ts";
import { makeWorld } from "./village.ts";

const SECOND_MS = 1_000;
/** Longer than a process is down and than what is tried again waits. */
const PATIENT_MS = 300 * SECOND_MS;
const PAUSE_MS = 10;
const LONGEST_MS = 3_600 * SECOND_MS;

/** Who is struck: who begins the story, or who is spoken to. */
export const VICTIMS = ["alice", "bob"] as const;
/** One of {@link VICTIMS}. */
export type Victim = typeof VICTIMS[number];
/**
 * How: the process dies when a commit was to be written, when it was written and nobody has heard
 * of it, or when something else has come that it waited for; or the disk refuses a commit.
 */
export const HOWS = ["before", "after", "wait", "error"] as const;
/** One of {@link HOWS}. */
export type How = typeof HOWS[number];

/** A moment, counted from 1. */
export interface Strike {
  readonly who: Victim;
  readonly how: How;
  readonly at: number;
}

/** Tells the story with one strike. Returns the promises it broke, and whether the strike came. */
export async function tell(strike: Strike): Promise<{ faults: string[]; isStruck: boolean }> {
  const story = new Story(strike);
  await story.tell();
  return { faults: story.judge(), isStruck: story.isStruck };
}

/**
 * Strikes one way at the first moment, the second … until the story ends without it.
 *
 * @returns how many moments there were, and every promise broken with its strike
 */
export async function strikeAll(
  who: Victim,
  how: How,
): Promise<{ readonly moments: number; readonly faults: readonly string[] }> {
  const faults: string[] = [];
  for (let at = 1;; at++) {
    const told = await tell({ who, how, at });
    faults.push(...told.faults.map((fault) => `${how} ${at} of ${who}: ${fault}`));
    if (!told.isStruck) return { moments: at - 1, faults };
  }
}

class Story {
  isStruck = false;
  readonly #strike: Strike;
  readonly #world: World = makeWorld("strike");
  readonly #chance = new SeededEntropy("strike");
  readonly #sites: Site[] = [];
  readonly #posted: Posted[] = [];
  readonly #alarms = new Alarms(this.#chance);
  #moment = 0;
  #count = 0;

  constructor(strike: Strike) {
    this.#strike = strike;
  }

  async tell(): Promise<void> {
    const [alice, bob] = [await this.#settle("alice"), await this.#settle("bob")];
    const { clock } = this.#world;
    const [hers, his] = [refOf(alice), refOf(bob)];
    this.#say(alice, this.#plain(his), this.#plain(hers));
    // What is planned at once may come in any order.
    await clock.advance(PAUSE_MS);
    this.#say(alice, this.#stream(his, PAGES, 3, 2), this.#stream(his, COUNT, 9));
    await clock.advance(PAUSE_MS);
    this.#say(alice, this.#plain(his, { function: parseFunctionName("missing") }));
    this.#spread(alice, [[this.#plain(his)], [this.#plain(his), this.#plain(hers)]]);
    this.#wait(alice, 2 * SECOND_MS);
    this.#wait(alice, 2 * SECOND_MS, "other");
    await clock.advance(2 * SECOND_MS);
    this.#wait(alice, SECOND_MS, "other");
    this.#say(bob, this.#plain(hers));
    this.#say(alice, this.#plain({ ...his, pod: NOBODY }, { deadlineMs: SECOND_MS }));
    this.#cancel(alice);
    await this.#calm();
    // Whatever happened, messages go on in both directions.
    this.#say(alice, this.#plain(his));
    this.#say(bob, this.#plain(hers));
    await this.#calm();
  }

  judge(): string[] {
    return judge(readLedger(this.#posted, this.#sites, PATIENT_MS, this.#alarms.judge()));
  }

  async #settle(name: Victim): Promise<Site> {
    const { pgp, told, clock } = this.#world;
    const person = await makePerson(pgp, name);
    const server = parseServerUrl(`http://${name}.example`);
    const wishes = { pod: HEY, endpoint: server, nowMs: clock.nowMs() };
    const resident = await makeResident(pgp, person, wishes);
    told.set(formatPodRef(resident.ref), resident.introduction);
    const sky = {
      came: (crash: () => void) => (what: string) => {
        // What becomes of commits is struck by itself.
        if (what !== "commit" && this.#comes(name, "wait")) crash();
      },
      link: (_: unknown, life: Life): Link => (request, deliver) =>
        life.hold(Promise.race([deliver(request), this.#late()]), "reply"),
      fault: (life: Life, crash: () => void) => this.#fault(name, life, crash),
    };
    const site = new Site({
      ...{ world: this.#world, sky, chance: this.#chance, server },
      residents: [resident],
      skewMs: 0,
    });
    this.#sites.push(site);
    void site.start();
    await clock.advance(0);
    return site;
  }

  #fault(name: Victim, life: Life, crash: () => void): CommitFault {
    return async (apply) => {
      await this.#world.clock.sleep(1);
      if (life.isOver) return await new Promise<never>(() => undefined);
      if (this.#comes(name, "error")) {
        throw new PeriError("over-quota", { op: "write store", subject: "disk full" });
      }
      if (this.#comes(name, "before")) {
        crash();
        return false;
      }
      const written = apply();
      if (this.#comes(name, "after")) crash();
      return written;
    };
  }

  /** Whether this is the moment. */
  #comes(who: Victim, how: How): boolean {
    const { at } = this.#strike;
    if (who !== this.#strike.who || how !== this.#strike.how || ++this.#moment !== at) return false;
    return this.isStruck = true;
  }

  /** Who dies on a request does not answer it. */
  async #late(): Promise<never> {
    await this.#world.clock.sleep(POST_TIMEOUT_MS);
    throw new PeriError("unreachable", { op: "reach server", subject: "no reply in time" });
  }

  async #calm(): Promise<void> {
    const { clock } = this.#world;
    const end = clock.nowMs() + LONGEST_MS;
    do await clock.advance(30 * SECOND_MS); while (
      clock.nowMs() < end && this.#sites.some(({ isBusy, isUp }) => isBusy || !isUp)
    );
  }

  #say(site: Site, ...posts: Post[]): void {
    if (!site.isUp) return;
    const entries = posts.map((post) => this.#entry(site, post, post.token));
    this.#commit(entries, site.house.pod(refOf(site)).post(...posts));
  }

  #wait(site: Site, delayMs: number, key?: string): void {
    if (site.isUp) this.#alarms.set(site, refOf(site), delayMs, key);
  }

  #spread(site: Site, parts: readonly (readonly Post[])[]): void {
    if (!site.isUp) return;
    const proof = parts[0]![0]!.token;
    const entries = parts.flat().map((post) => this.#entry(site, post, proof, true));
    this.#commit(entries, site.house.pod(refOf(site)).spread(parts));
  }

  /** Takes back the stream that goes one by one. */
  #cancel(site: Site): void {
    const entry = this.#posted.find(({ post }) => post.function === COUNT);
    if (!site.isUp || entry === undefined) return;
    entry.isCancelled = true;
    site.house.pod(refOf(site)).cancel(entry.post.key!).catch(() => undefined);
  }

  #entry(site: Site, post: Post, proof: Posted["proof"], isLoose = false): Posted {
    const postedMs = this.#world.clock.nowMs();
    const entry: Posted = { from: refOf(site), post, proof, postedMs, isLoose, state: "maybe" };
    this.#posted.push(entry);
    return entry;
  }

  #commit(entries: readonly Posted[], committing: Promise<boolean>): void {
    committing.then(
      (committed) => entries.forEach((entry) => entry.state = committed ? "kept" : "refused"),
      () => entries.forEach((entry) => entry.state = "refused"),
    );
  }

  #plain(to: PodRef, wishes: Partial<Post> = {}): Post {
    const token = tokenFromBytes(this.#chance.bytes(16));
    return makePost(to, token, `[${++this.#count}]`, { deadlineMs: PATIENT_MS, ...wishes });
  }

  #stream(to: PodRef, name: Post["function"], total: number, page?: number): Post {
    const payload = JSON.stringify([this.#count + 1, total, ...page ? [page] : []]);
    const continuation = { then: "listen", note: payload, isStream: true } as const;
    return { ...this.#plain(to, { function: name, continuation, key: `${name}` }), payload };
  }
}

const NOBODY = "nobody" as PodRef["pod"];

function refOf(site: Site): PodRef {
  return site.residents[0]!.ref;
}
