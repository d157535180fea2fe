/**
 * Friends: the peripheries whose owners this one's owner trusts to tell of pods.
 * Rows: `["friend", owner]`.
 *
 * @module
 */

import type { Behalf } from "../identity/behalf.ts";
import { PeriError } from "../model/errors.ts";
import { MAX_FRIENDS } from "../model/limits.ts";
import {
  type Fingerprint,
  formatFingerprint,
  parsePodName,
  type PodName,
  type PodRef,
  type ServerUrl,
} from "../model/words.ts";
import type { Entry, Key, Store } from "../ports/store.ts";

/** The pod that stands for a server; its key signs what the server says. */
export const PERIPHERY: PodName = parsePodName("periphery");

/** The address of the pod that stands for the server of an owner. */
export function peripheryOf(owner: Fingerprint): PodRef {
  return { person: owner, pod: PERIPHERY };
}

/** A friend. The owner's introduction is in the book, as that of their pod `periphery`. */
export interface Friend {
  readonly owner: Fingerprint;
  /** Where the owner's newest known behalf for `periphery` says the server is. */
  readonly server: ServerUrl;
  readonly addedMs: number;
  /** When the server was last heard; 0 for never. To the minute. */
  readonly heardMs: number;
  /** When it last took a notice of ours; 0 for never. */
  readonly toldMs: number;
  /** When its book was read; 0 for never. */
  readonly pulledMs: number;
  /** When its book was read from the beginning; 0 for never. */
  readonly pulledWholeMs: number;
  /** Up to which place of its changes its book was read. */
  readonly pulledThrough: number;
  /** Place of the last of our changes it was told. */
  readonly publishedThrough: number;
  /** The friend whose successor this one is. */
  readonly follows?: Fingerprint;
}

/** Somebody who has another successor than before. */
interface Follow {
  readonly person: Fingerprint;
  /** Who stood there before: the person, or a successor that another one has overridden. */
  readonly before: Fingerprint;
}

type FriendRow = Omit<Friend, "owner">;

/** Nothing has passed yet; rows of earlier versions have not these fields. */
const NEVER = { toldMs: 0, pulledWholeMs: 0, pulledThrough: 0 } as const;
/** Contacts closer together than this are not worth a write. */
const HEARD_STEP_MS = 60_000;
const MAX_TRIES = 20;

/** The friends of one periphery. */
export class Friends {
  constructor(private readonly store: Store) {}

  /** All friends, by fingerprint. */
  async list(): Promise<Friend[]> {
    const rows = await this.store.list<FriendRow>({ prefix: ["friend"], limit: MAX_FRIENDS });
    return rows.map(friendOf);
  }

  /** The friend who owns a server, if any. */
  async get(owner: Fingerprint): Promise<Friend | undefined> {
    const found = await this.store.get<FriendRow>(friendKey(owner));
    return found && friendOf(found);
  }

  /**
   * Makes the owner of a server a friend.
   *
   * @param owner checked behalf of the owner's pod `periphery`
   * @throws {PeriError} `exists` when they are one, `over-quota` at `MAX_FRIENDS`.
   */
  async add(owner: Behalf, nowMs: number): Promise<Friend> {
    const op = "add friend";
    if ((await this.list()).length >= MAX_FRIENDS) {
      throw new PeriError("over-quota", { op, subject: `${MAX_FRIENDS} friends are the most` });
    }
    const row: FriendRow = {
      server: owner.endpoint,
      addedMs: nowMs,
      heardMs: nowMs,
      ...NEVER,
      pulledMs: 0,
      publishedThrough: 0,
    };
    const key = friendKey(owner.person);
    const isNew = await this.store.commit({
      checks: [{ key, version: null }],
      puts: [{ key, value: row }],
    });
    if (isNew) return { owner: owner.person, ...row };
    const subject = `${formatFingerprint(owner.person)} is a friend already`;
    throw new PeriError("exists", { op, subject, hint: "peri friend list shows them all" });
  }

  /** @throws {PeriError} `not-found` when the owner is no friend. */
  async remove(owner: Fingerprint): Promise<void> {
    const key = friendKey(owner);
    const found = await this.store.get(key);
    if (found === undefined) {
      const subject = `${formatFingerprint(owner)} is no friend`;
      const hint = "peri friend list shows them all";
      throw new PeriError("not-found", { op: "remove friend", subject, hint });
    }
    await this.store.commit({ deletes: [key] });
  }

  /**
   * A friend's successor is the friend; one who is a friend already stays so. From somebody who was
   * overridden only a friendship goes on that had come to them so.
   */
  async follow({ person, before }: Follow, heir: Fingerprint): Promise<void> {
    const key = friendKey(before);
    const next = friendKey(heir);
    for (let tries = 0; tries < MAX_TRIES && before !== heir; tries++) {
      const found = await this.store.get<FriendRow>(key);
      const there = await this.store.get<FriendRow>(next);
      if (found === undefined) return;
      if (before !== person && found.value.follows !== person) return;
      const checks = [{ key, version: found.version }, {
        key: next,
        version: there?.version ?? null,
      }];
      const value: FriendRow = { ...found.value, follows: person };
      const puts = there === undefined ? [{ key: next, value }] : [];
      if (await this.store.commit({ checks, puts, deletes: [key] })) return;
    }
  }

  /** Notes that a friend was heard, and where its server is now. */
  async heard(owner: Fingerprint, server: ServerUrl, nowMs: number): Promise<void> {
    await this.#update(owner, (row) => {
      const isFresh = Math.abs(nowMs - row.heardMs) < HEARD_STEP_MS;
      return isFresh && row.server === server ? undefined : { ...row, server, heardMs: nowMs };
    });
  }

  /** Notes how far a friend's book was read; what comes behind is read when this was noted. */
  async pulledTo(owner: Fingerprint, through: number): Promise<void> {
    await this.#update(owner, (row) => ({ ...row, pulledThrough: through }));
  }

  /** Notes that a friend's book was read to its end, `isWhole` from its beginning. */
  async pulled(owner: Fingerprint, nowMs: number, isWhole: boolean): Promise<void> {
    const whole = isWhole ? { pulledWholeMs: nowMs } : {};
    await this.#update(owner, (row) => ({ ...row, pulledMs: nowMs, ...whole }));
  }

  /** Notes how far a friend was told of our changes. */
  async published(owner: Fingerprint, through: number, nowMs: number): Promise<void> {
    await this.#update(owner, (row) => ({ ...row, publishedThrough: through, toldMs: nowMs }));
  }

  /** Changes a friend's row; one who is no friend any more stays none. */
  async #update(
    owner: Fingerprint,
    change: (row: FriendRow) => FriendRow | undefined,
  ): Promise<void> {
    const key = friendKey(owner);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await this.store.get<FriendRow>(key);
      const value = found && change(found.value);
      if (value === undefined) return;
      const checks = [{ key, version: found!.version }];
      if (await this.store.commit({ checks, puts: [{ key, value }] })) return;
    }
    const subject = formatFingerprint(owner);
    throw new PeriError("busy", { op: "change a friend", subject });
  }
}

function friendKey(owner: Fingerprint): Key {
  return ["friend", owner];
}

function friendOf({ key, value }: Entry<FriendRow>): Friend {
  return { owner: key[1] as Fingerprint, ...NEVER, ...value };
}
