/**
 * Whether an introduction is believed, given all that is known of its person: their certificate only
 * ever grows, and a key that was revoked stays so.
 *
 * @module
 */

import type { Behalf, Introduction, Known } from "../identity/behalf.ts";
import { checkIntroduction } from "../identity/introduction.ts";
import { type Bytes, equalBytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { Fingerprint } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Person } from "./entry.ts";
import type { Revocations } from "./revoked.ts";
import type { Successions } from "./successions.ts";

/** What judging works with. */
export interface JudgeParts {
  readonly pgp: Pgp;
  readonly clock: Clock;
  readonly revocations: Revocations;
  readonly successions: Successions;
  /** Reads a behalf. @throws {PeriError} `damaged`, `too-large`. */
  parse(document: string): Behalf;
  /** What the book knows of a person. */
  person(person: Fingerprint): Promise<Person | undefined>;
}

/** Judges introductions. */
export class Judge {
  constructor(private readonly parts: JudgeParts) {}

  /** The introduction with all that is known of its person's certificate. @throws {PeriError} `damaged`. */
  async join(introduction: Introduction): Promise<Introduction> {
    const { person } = this.parts.parse(introduction.document);
    const known = (await this.parts.person(person))?.certificate;
    if (known === undefined || equalBytes(known, introduction.certificate)) return introduction;
    const certificate = await this.parts.pgp.merge(known, introduction.certificate)
      .catch((error: unknown) => {
        if (!(error instanceof PeriError)) throw error;
        // One that would grow too large stays as it is; what is no certificate the check refuses.
        return error.kind === "too-large" ? known : introduction.certificate;
      });
    return { ...introduction, certificate };
  }

  /**
   * Checks an introduction that was joined. That its person's key is revoked is remembered.
   *
   * @param teller whose account it goes on that somebody outside the book is revoked; absent: nobody's
   * @throws {PeriError} as `checkIntroduction`; `denied` also for a key that was revoked before, or in
   * whose place another one stands.
   */
  async check(introduction: Introduction, teller?: string): Promise<Known> {
    const { pgp, clock, revocations, successions } = this.parts;
    const behalf = this.parts.parse(introduction.document);
    await revocations.refuse(behalf);
    await successions.refuse(behalf);
    try {
      return await checkIntroduction(pgp, introduction, clock.nowMs());
    } catch (error) {
      if (error instanceof PeriError && error.kind === "denied") {
        await this.#noteRevoked(behalf.person, introduction.certificate, teller);
      }
      throw error;
    }
  }

  async #noteRevoked(person: Fingerprint, certificate: Bytes, teller?: string): Promise<void> {
    const info = await this.parts.pgp.inspect(certificate).catch(() => undefined);
    if (!info?.revoked || info.fingerprint !== person) return;
    await this.parts.revocations.note(person, certificate, teller);
  }
}
