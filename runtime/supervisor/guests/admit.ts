/**
 * Who comes with an invitation is let in: a request to join is opened and checked.
 *
 * @module
 */

import { checkJoinTimes, parseJoin } from "../../identity/join/text.ts";
import { invitationId } from "../../identity/join/invitation.ts";
import {
  decodeJoinRequest,
  decodeSealedJoin,
  encodeJoined,
  encodeJoinReply,
  type JoinRequest,
} from "../../identity/join/wire.ts";
import { type Bytes, encodeUtf8, sha256 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_JOIN_BYTES, MAX_JOINS } from "../../model/limits.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Pgp } from "../../ports/pgp.ts";
import type { ResidentPod } from "../resident.ts";
import { type Guest, notOpen } from "./guests.ts";

/** What {@link Admission} works with. */
export interface AdmissionPorts {
  readonly pgp: Pgp;
  readonly clock: Clock;
  /** Lets them in, with what they had kept. */
  join(newcomer: {
    readonly person: Fingerprint;
    readonly certificate: Bytes;
    readonly invitation: string;
  }): Promise<Guest>;
  /** Whether there is an invitation that somebody could use, or could just have used. */
  isOpen(): boolean;
  /** Whether this invitation lets this person in, or has done so. */
  isExpected(who: { readonly person: Fingerprint; readonly invitation: string }): boolean;
  /** The server's own pod; undefined before the claim. */
  self(): Pick<ResidentPod, "ref" | "podKey" | "secretKey"> | undefined;
}

const OP = "join";

/** Lets people in. */
export class Admission {
  readonly #ports: AdmissionPorts;
  #opening = 0;

  constructor(ports: AdmissionPorts) {
    this.#ports = ports;
  }

  /**
   * Answers `POST /peri/v1/join`.
   *
   * @throws {PeriError} `busy` when others are being opened, `damaged` for what is no request to
   * this server, and as {@link Admission.admit}.
   */
  async take(body: Bytes): Promise<Bytes> {
    const self = this.#ports.self();
    // Nothing is opened for strangers while nobody is expected.
    if (self === undefined || !this.#ports.isOpen()) throw notOpen();
    const sealed = decodeSealedJoin(body);
    if (this.#opening >= MAX_JOINS) {
      const subject = "others are just joining";
      throw new PeriError("busy", { op: OP, subject, hint: "try again in a moment" });
    }
    this.#opening++;
    try {
      const { content } = await this.#ports.pgp.open(self.secretKey, sealed, MAX_JOIN_BYTES);
      const request = decodeJoinRequest(content);
      await this.admit(request);
      return await this.#reply(self.secretKey, request.document);
    } finally {
      this.#opening--;
    }
  }

  /**
   * Lets somebody in who shows an invitation and a text that they have signed for it.
   *
   * @throws {PeriError} `denied` when the invitation is not open, the text is for another server or
   * invitation, or the signature does not hold; `expired`; `damaged`; `exists` for who lives here
   * already.
   */
  async admit({ secret, document, signature, certificate }: JoinRequest): Promise<Guest> {
    const { pgp, clock, self, isExpected } = this.#ports;
    const server = self();
    if (server === undefined) throw notOpen();
    const join = parseJoin(document);
    const nowMs = clock.nowMs();
    // First: whoever has no invitation costs no work on keys, and hears nothing of what else is wrong.
    if (join.invitation !== invitationId(secret) || !isExpected(join)) throw notOpen();
    if (join.serverKey !== server.podKey) throw denied("what was signed is for another server");
    checkJoinTimes(join, nowMs);
    const { person, invitation } = join;
    if (person === server.ref.person) throw own();
    // Only what its key says of itself is kept, and what has been revoked is seen.
    const clean = await pgp.merge(certificate, certificate);
    const { fingerprint, revoked } = await pgp.inspect(clean);
    if (fingerprint !== person) throw denied(`the certificate is that of ${fingerprint}`);
    if (revoked) throw denied("the key is revoked");
    await pgp.verify(clean, encodeUtf8(document), signature, nowMs);
    return await this.#ports.join({ person, certificate: clean, invitation });
  }

  async #reply(secretKey: Bytes, document: string): Promise<Bytes> {
    const joined = sha256(encodeUtf8(document));
    const signature = await this.#ports.pgp.sign(secretKey, encodeJoined(joined));
    return encodeJoinReply({ joined, signature });
  }
}

function denied(subject: string): PeriError {
  return new PeriError("denied", { op: OP, subject });
}

function own(): PeriError {
  const subject = "the server is yours already";
  return new PeriError("exists", { op: OP, subject, hint: "peri status" });
}
