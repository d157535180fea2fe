/**
 * The people of a server beside its owner, and the invitations by which they come. Rows:
 * `["guest", person]` and `["invited", id]`; all of them are held in memory too, as they are few.
 *
 * @module
 */

import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_GUESTS, MAX_INVITATIONS } from "../../model/limits.ts";
import { Queue } from "../../model/queue.ts";
import type { Share } from "../../model/share.ts";
import { type Fingerprint, formatFingerprint } from "../../model/words.ts";
import type { Change, Entry, Key, Store } from "../../ports/store.ts";

/** Somebody who lives here by an invitation, or did until lately. */
export interface Guest {
  readonly person: Fingerprint;
  /** What the owner calls them; nobody else does. */
  readonly name?: string;
  readonly share: Share;
  /** By which invitation they came. */
  readonly invitation: string;
  /** Transferable public key; empty of who never was a guest and left pods behind. */
  readonly certificate: Bytes;
  readonly joinedMs: number;
  /** The key under which they were here before this one. */
  readonly former?: Fingerprint;
  /** When they were removed; what they kept stays for a while. */
  readonly leftMs?: number;
}

/** An invitation that nobody has used. */
export interface OpenInvitation {
  /** Hash of its secret, which is kept nowhere here. */
  readonly id: string;
  readonly name?: string;
  /** Who alone may use it; absent: whoever has it. */
  readonly person?: Fingerprint;
  readonly share: Share;
  readonly createdMs: number;
  readonly expiresMs: number;
}

/** Who wants to come in, by which invitation. */
export interface Newcomer {
  readonly person: Fingerprint;
  readonly certificate: Bytes;
  readonly invitation: string;
}

/** The value of `["guest", person]`. */
export type GuestRow = Omit<Guest, "person">;
type InvitationRow = Omit<OpenInvitation, "id">;

/** Of somebody who has left: what they had begun comes to nothing. */
const NO_SHARE: Share = { pods: 0, stateBytes: 0, memoryBytes: 0, messagesPerMinute: 0 };
const PAGE = 500;
const JOIN = "join";

/** Guests and invitations. What changes them is on disk when it resolves. */
export class Guests {
  readonly #store: Store;
  readonly #guests = new Map<Fingerprint, Guest>();
  readonly #invitations = new Map<string, OpenInvitation>();
  /** Each change decides by what the one before it has left. */
  readonly #queue = new Queue();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Reads all rows; called once, before anything else. */
  async load(): Promise<void> {
    for await (const { key, value } of this.#rows<GuestRow>("guest")) {
      const person = key[1] as Fingerprint;
      this.#guests.set(person, { person, ...value });
    }
    for await (const { key, value } of this.#rows<InvitationRow>("invited")) {
      const id = String(key[1]);
      this.#invitations.set(id, { id, ...value });
    }
  }

  /** Everybody, also who has left and is still remembered. */
  all(): readonly Guest[] {
    return [...this.#guests.values()];
  }

  /** Who lives here. */
  present(): readonly Guest[] {
    return this.all().filter(({ leftMs }) => leftMs === undefined);
  }

  /** Somebody who lives here. */
  get(person: Fingerprint): Guest | undefined {
    const guest = this.#guests.get(person);
    return guest?.leftMs === undefined ? guest : undefined;
  }

  /** Whether somebody has left of whom things are still kept. */
  hasLeft(person: Fingerprint): boolean {
    return this.#guests.get(person)?.leftMs !== undefined;
  }

  /** What a guest may use; nothing when they have left. Undefined for anybody else. */
  shareOf(person: Fingerprint): Share | undefined {
    const guest = this.#guests.get(person);
    return guest?.leftMs === undefined ? guest?.share : NO_SHARE;
  }

  /** Invitations that can still be used. */
  invitations(nowMs: number): readonly OpenInvitation[] {
    return [...this.#invitations.values()].filter(({ expiresMs }) => expiresMs > nowMs);
  }

  /**
   * Keeps an invitation; those that have expired are forgotten.
   *
   * @throws {PeriError} `exists` when the name is somebody else's, `over-quota` when there are too
   * many.
   */
  invite(invitation: OpenInvitation, nowMs: number): Promise<void> {
    return this.#queue.alone(async () => {
      const op = "invite somebody";
      const open = this.invitations(nowMs);
      const { id, name, ...rest } = invitation;
      if (name !== undefined) this.#refuseTaken(name, open);
      if (open.length >= MAX_INVITATIONS) {
        const subject = `${MAX_INVITATIONS} invitations wait to be used`;
        throw new PeriError("over-quota", { op, subject, hint: "peri person list shows them" });
      }
      const expired = [...this.#invitations.keys()].filter((one) =>
        this.#invitations.get(one)!.expiresMs <= nowMs
      );
      const value: InvitationRow = { ...rest, ...(name === undefined ? {} : { name }) };
      await this.#commit({
        puts: [{ key: invitationKey(id), value }],
        deletes: expired.map(invitationKey),
      });
      for (const one of expired) this.#invitations.delete(one);
      this.#invitations.set(id, invitation);
    });
  }

  /** Takes an invitation back. */
  withdraw(id: string): Promise<void> {
    return this.#queue.alone(async () => {
      await this.#commit({ deletes: [invitationKey(id)] });
      this.#invitations.delete(id);
    });
  }

  /** Whether an invitation lets somebody in, or has done so. */
  isExpected({ person, invitation }: Omit<Newcomer, "certificate">, nowMs: number): boolean {
    return this.#cameBy(person, invitation) ||
      this.#openFor(person, invitation, nowMs) !== undefined;
  }

  /**
   * Lets somebody in by an invitation, which is used up by it; the same again by who was let in by
   * it. Who comes back finds what they had kept.
   *
   * @throws {PeriError} `denied` when the invitation is not open; `exists` for who lives here
   * already; `over-quota` when there is no room.
   */
  join({ person, certificate, invitation }: Newcomer, nowMs: number): Promise<Guest> {
    return this.#queue.alone(async () => {
      const before = this.#guests.get(person);
      if (this.#cameBy(person, invitation)) return before!;
      const open = this.#openFor(person, invitation, nowMs);
      if (open === undefined) throw notOpen();
      if (before !== undefined && before.leftMs === undefined) throw already(person);
      if (before === undefined && this.#guests.size >= MAX_GUESTS) throw full();
      const { name, share } = open;
      const row = { share, invitation, certificate, joinedMs: nowMs };
      const guest = { person, ...row, ...(name === undefined ? {} : { name }) };
      await this.#put(guest, { deletes: [invitationKey(invitation)] });
      this.#invitations.delete(invitation);
      return guest;
    });
  }

  /** Changes somebody who lives here. @throws {PeriError} `not-found`. */
  change(
    person: Fingerprint,
    with_: Partial<Pick<Guest, "share" | "certificate" | "leftMs">>,
  ): Promise<Guest> {
    return this.#queue.alone(async () => {
      const before = this.get(person);
      if (before === undefined) throw unknownGuest(person);
      const guest = { ...before, ...with_ };
      await this.#put(guest);
      return guest;
    });
  }

  /** Who lives here in the place of a key: under it, or under one that took its place. */
  placeOf(person: Fingerprint): Guest | undefined {
    return this.get(person) ?? this.present().find(({ former }) => former === person);
  }

  /**
   * The place of somebody who lives here goes to another key.
   *
   * @param leftMs when pods stay behind under the old key: those of somebody who has left
   */
  succeed(guest: Guest, to: Fingerprint, certificate: Bytes, leftMs?: number): Promise<void> {
    return this.#queue.alone(async () => {
      const { heir, old, change } = planHeir(guest, to, certificate, leftMs);
      await this.#commit(change);
      if (old === undefined) this.#guests.delete(guest.person);
      else this.#guests.set(guest.person, old);
      this.#guests.set(to, heir);
    });
  }

  /** What somebody who has left still keeps is to go, now or after the next start. */
  doom(person: Fingerprint): Promise<void> {
    return this.#queue.alone(async () => {
      const before = this.#guests.get(person);
      if (before?.leftMs === undefined || before.leftMs === 0) return;
      await this.#put({ ...before, leftMs: 0 });
    });
  }

  /** Forgets somebody who has left and of whom nothing is kept any more. */
  forget(person: Fingerprint): Promise<void> {
    return this.#queue.alone(async () => {
      if (!this.hasLeft(person)) return;
      await this.#commit({ deletes: [guestKey(person)] });
      this.#guests.delete(person);
    });
  }

  #refuseTaken(name: string, open: readonly OpenInvitation[]): void {
    const names = [...this.present(), ...open].map((one) => one.name);
    if (!names.includes(name)) return;
    throw new PeriError("exists", {
      op: "invite somebody",
      subject: `${JSON.stringify(name)} is a name you have given already`,
      hint: "peri person list shows who has it",
    });
  }

  async #put(guest: Guest, more: Change = {}): Promise<void> {
    await this.#commit({ ...more, puts: [guestRow(guest)] });
    this.#guests.set(guest.person, guest);
  }

  #cameBy(person: Fingerprint, invitation: string): boolean {
    return this.get(person)?.invitation === invitation;
  }

  #openFor(person: Fingerprint, invitation: string, nowMs: number): OpenInvitation | undefined {
    const open = this.#invitations.get(invitation);
    if (open === undefined || open.expiresMs <= nowMs) return undefined;
    return open.person === undefined || open.person === person ? open : undefined;
  }

  async #commit(change: Change): Promise<void> {
    await this.#store.commit(change);
  }

  async *#rows<Row>(name: string): AsyncGenerator<Entry<Row>> {
    let start: Key | undefined;
    for (;;) {
      const range = { prefix: [name], limit: PAGE, ...(start && { start }) };
      const page = await this.#store.list<Row>(range);
      yield* page;
      if (page.length < PAGE) return;
      start = [...page.at(-1)!.key, 0];
    }
  }
}

/** The refusal of an invitation; why exactly is nobody's business. */
export function notOpen(): PeriError {
  return new PeriError("denied", {
    op: JOIN,
    subject: "the invitation is not known here, was used, or has expired",
    hint: "ask the owner of the server for another one",
  });
}

/** The refusal of somebody who is none of the guests. */
export function unknownGuest(text: string): PeriError {
  return new PeriError("not-found", {
    op: "find a person of this server",
    subject: `${JSON.stringify(text.slice(0, 80))} is nobody who lives here`,
    hint: "peri person list shows who does",
  });
}

/** The row of a guest. */
export function guestKey(person: Fingerprint): Key {
  return ["guest", person];
}

/** What lets a guest go on living here under another key; see {@link Guests.succeed}. */
export function planHeir(
  guest: Guest,
  to: Fingerprint,
  certificate: Bytes,
  leftMs?: number,
): { readonly heir: Guest; readonly old: Guest | undefined; readonly change: Change } {
  const heir = { ...guest, person: to, certificate, former: guest.person };
  const change = { puts: [guestRow(heir)], deletes: [guestKey(guest.person)] };
  if (leftMs === undefined) return { heir, old: undefined, change };
  const old = { ...guest, leftMs };
  return { heir, old, change: { puts: [guestRow(heir), guestRow(old)] } };
}

/** What keeps the pods of somebody who never was a guest as those of one who has left. */
export function planOutcast(person: Fingerprint, leftMs: number): Change {
  const certificate = new Uint8Array(0);
  const row = { person, share: NO_SHARE, invitation: "", certificate, joinedMs: leftMs, leftMs };
  return { puts: [guestRow(row)] };
}

/** A guest as they are kept. */
function guestRow({ person, ...value }: Guest): { key: Key; value: GuestRow } {
  return { key: guestKey(person), value };
}

function invitationKey(id: string): Key {
  return ["invited", id];
}

function already(person: Fingerprint): PeriError {
  const subject = `${formatFingerprint(person)} lives on this server already`;
  return new PeriError("exists", { op: JOIN, subject, hint: "peri person list" });
}

function full(): PeriError {
  const subject = `${MAX_GUESTS} people live on this server, the most it takes`;
  return new PeriError("over-quota", { op: JOIN, subject });
}
