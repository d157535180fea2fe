/**
 * Invitations of the people of a server, and the guests who have come by them.
 *
 * Row: `["invitation", person, public key]`. The seed, which is in the link, is not kept.
 *
 * @module
 */

import {
  formatLink,
  invitationOf,
  isProven,
  parseMeeting,
  SEED_BYTES,
} from "../../identity/trust/invitation.ts";
import { type Introduction, parseBehalf } from "../../identity/behalf.ts";
import type { Bytes } from "../../model/bytes.ts";
import { encodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import {
  KEEP_INVITATION_MS,
  MAX_CLOCK_SKEW_MS,
  MAX_INVITATION_MS,
  MAX_INVITATIONS,
} from "../../model/limits.ts";
import type { Fingerprint, ServerUrl } from "../../model/words.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Entropy } from "../../ports/entropy.ts";
import type { Pgp } from "../../ports/pgp.ts";
import type { Entry, Key, Store } from "../../ports/store.ts";
import { type Guest, readGuest, writeHost } from "./meeting.ts";

/** What invitations work with. */
export interface InvitationParts {
  readonly store: Store;
  readonly pgp: Pgp;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Whether a person lives here. */
  isHosted(person: Fingerprint): boolean;
  /** What others are told of a person who lives here, for a guest to reach them. */
  introduction(person: Fingerprint): Promise<Introduction | undefined>;
  /** The certificate of a person who lives here. */
  certificate(person: Fingerprint): Promise<Bytes | undefined>;
  /** Keeps what a guest says of themselves; what is not good is dropped. */
  learn(introduction: Introduction): Promise<void>;
}

/** An invitation. */
export interface Invitation {
  /** The public key, 64 hex digits. */
  readonly id: string;
  readonly createdMs: number;
  readonly expiresMs: number;
  /** Whom it is for, in words of who invites; may be empty. */
  readonly note: string;
  /** Who has come by it. */
  readonly guest?: {
    readonly person: Fingerprint;
    readonly certificate: Bytes;
    readonly atMs: number;
  };
}

type Row = Omit<Invitation, "id">;

const OP = "accept an invitation";

/** The invitations of one server. */
export class Invitations {
  constructor(private readonly parts: InvitationParts) {}

  /**
   * Makes one; on disk when it resolves.
   *
   * @returns the link, which nobody can see again
   * @throws {PeriError} `over-quota` over `MAX_INVITATIONS`, `invalid` for a time that cannot be.
   */
  async make(
    person: Fingerprint,
    server: ServerUrl,
    { expiresMs, note }: { readonly expiresMs: number; readonly note: string },
  ): Promise<string> {
    const { store, clock, entropy } = this.parts;
    const op = "make an invitation";
    const createdMs = clock.nowMs();
    if (!(expiresMs > createdMs && expiresMs <= createdMs + MAX_INVITATION_MS)) {
      const subject = "it would expire too late, or has expired already";
      throw new PeriError("invalid", { op, subject, hint: "at most 90 days: --expires 30d" });
    }
    if ((await this.list(person)).length >= MAX_INVITATIONS) {
      const subject = `${MAX_INVITATIONS} are open or were used lately`;
      throw new PeriError("over-quota", { op, subject, hint: "peri key invite --cancel ID" });
    }
    const seed = entropy.bytes(SEED_BYTES);
    const row: Row = { createdMs, expiresMs, note };
    await store.commit({ puts: [{ key: keyOf(person, await invitationOf(seed)), value: row }] });
    return formatLink({ server, inviter: person, seed });
  }

  /** Those of a person, the oldest first. What is over long enough is gone. */
  async list(person: Fingerprint): Promise<Invitation[]> {
    const { store, clock } = this.parts;
    const rows = await store.list<Row>({ prefix: ["invitation", person], limit: 1_000 });
    const isOver = ({ value }: Entry<Row>) => value.expiresMs + KEEP_INVITATION_MS < clock.nowMs();
    const over = rows.filter(isOver);
    if (over.length > 0) await store.commit({ deletes: over.map(({ key }) => key) });
    return rows.filter((row) => !isOver(row))
      .map(({ key, value }) => ({ ...value, id: String(key[2]) }))
      .sort((a, b) => a.createdMs - b.createdMs);
  }

  /** Takes one back. Whether there was one whose public key begins so, and only one. */
  async cancel(person: Fingerprint, start: string): Promise<boolean> {
    const fitting = (await this.list(person)).filter(({ id }) => id.startsWith(start));
    if (fitting.length !== 1) return false;
    return await this.parts.store.commit({ deletes: [keyOf(person, fitting[0]!.id)] });
  }

  /** The invitation by which somebody has come. */
  async guest(person: Fingerprint, guest: Fingerprint): Promise<Invitation | undefined> {
    return (await this.list(person)).findLast((each) => each.guest?.person === guest);
  }

  /**
   * A guest comes: `POST /peri/v1/meeting`. Their first coming counts, and may be repeated.
   *
   * @throws {PeriError} `not-found` for an invitation that is not there, `expired`, `conflict` when
   * somebody else has come by it, `denied` when a proof does not hold, `damaged`, `too-large`.
   */
  async meet(body: Bytes): Promise<Bytes> {
    const guest = readGuest(body);
    const { inviter, guest: person, invitation, signedMs } = parseMeeting(guest.document);
    const nowMs = this.parts.clock.nowMs();
    // What costs nothing is looked at first: anybody may ask.
    const found = this.parts.isHosted(inviter)
      ? await this.parts.store.get<Row>(keyOf(inviter, invitation))
      : undefined;
    if (found === undefined) {
      throw refusal("not-found", "nobody here has made it, or it was cancelled");
    }
    const { value: row } = found;
    if (row.expiresMs <= nowMs) throw refusal("expired", "its time has passed");
    if (row.guest !== undefined && row.guest.person !== person) {
      throw refusal("conflict", "somebody else has come by it: ask for another");
    }
    if (Math.abs(signedMs - nowMs) > MAX_CLOCK_SKEW_MS) {
      throw refusal("denied", "it was signed at another time: is a clock wrong?");
    }
    if (person === inviter) throw refusal("denied", "you cannot be your own guest");
    await this.#check(guest, invitation, person, nowMs);
    if (row.guest === undefined) await this.#welcome(found, person, guest.certificate);
    const { introduction: told } = guest;
    // Who comes tells of nobody else.
    if (told !== undefined && parseBehalf(told.document).person === person) {
      await this.parts.learn(told);
    }
    const certificate = await this.parts.certificate(inviter);
    if (certificate === undefined) throw refusal("not-found", "nobody here has made it");
    const introduction = await this.parts.introduction(inviter);
    return writeHost({ certificate, ...(introduction && { introduction }) });
  }

  /** @throws {PeriError} `denied` unless the guest has the seed, and the key that they say is theirs. */
  async #check(
    guest: Guest,
    invitation: string,
    person: Fingerprint,
    nowMs: number,
  ): Promise<void> {
    const { pgp } = this.parts;
    const { certificate, document, signature, proof } = guest;
    if (!await isProven(invitation, document, proof)) {
      throw refusal("denied", "the link is another");
    }
    const { fingerprint, revoked } = await pgp.inspect(certificate);
    if (fingerprint !== person || revoked) {
      throw refusal("denied", "the certificate is another, or revoked");
    }
    await pgp.verify(certificate, encodeUtf8(document), signature, nowMs);
  }

  /** @throws {PeriError} `conflict` when somebody else was faster. */
  async #welcome(
    { key, value, version }: Entry<Row>,
    person: Fingerprint,
    certificate: Bytes,
  ): Promise<void> {
    const guest = { person, certificate, atMs: this.parts.clock.nowMs() };
    const change = { checks: [{ key, version }], puts: [{ key, value: { ...value, guest } }] };
    if (!await this.parts.store.commit(change)) {
      throw refusal("conflict", "somebody else has come by it: ask for another");
    }
  }
}

function keyOf(person: Fingerprint, id: string): Key {
  return ["invitation", person, id];
}

function refusal(
  kind: "not-found" | "expired" | "conflict" | "denied",
  subject: string,
): PeriError {
  return new PeriError(kind, { op: OP, subject });
}
