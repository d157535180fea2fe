/**
 * `outbox.export`: what waits leaves as sealed envelopes in a file.
 *
 * @module
 */

import type { Departure } from "../../boxes/mod.ts";
import { encodeUtf8 } from "../../model/bytes.ts";
import { encodeCarried, envelopeId, ENVELOPES_LINE } from "../../model/carried.ts";
import { MAX_CARRIED_BYTES, MAX_CARRIED_ENVELOPES } from "../../model/limits.ts";
import { formatPodRef, type PodRef } from "../../model/words.ts";
import type { Operation, Session } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { actorOf, optionalTextOf } from "../wishes.ts";
import { addresseeOf, isFor, podsOf } from "./letters.ts";

/**
 * `{to?}` → the file on standard output, nothing when nothing waits, and one record an envelope:
 * `{from, to, messages, envelope, outcome: "left"}`; for what cannot leave, or does not fit,
 * `{from, to, outcome: "stays", reason}`.
 */
export function exportLetters(home: Pick<Home, "supervisor" | "boxes" | "directory">): Operation {
  return async (args, session) => {
    const person = actorOf(session);
    const to = optionalTextOf(args, "to");
    const addressee = to === undefined ? undefined : await addresseeOf(home, person, to);
    const wants = (ref: PodRef) => addressee === undefined || isFor(ref, addressee);
    const file = new OutgoingFile(session);
    let exitCode = 0;
    for (const from of podsOf(home, person)) {
      for await (const departure of home.boxes.carrier.depart(from, wants)) {
        if (!file.takes(from, departure)) break;
        if ("error" in departure) exitCode = departure.error.exitCode;
      }
    }
    return exitCode;
  };
}

/** A file as it is written, with its bounds. */
class OutgoingFile {
  readonly #session: Session;
  #bytes = 0;
  #envelopes = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** False when the file is full. */
  takes(from: PodRef, departure: Departure): boolean {
    const names = { from: from.pod, to: formatPodRef(departure.to) };
    if ("error" in departure) {
      const reason = departure.error.message;
      this.#session.item({ ...names, outcome: "stays", reason });
      return true;
    }
    const frame = encodeCarried(departure.envelope);
    const isFull = this.#envelopes >= MAX_CARRIED_ENVELOPES ||
      this.#bytes + ENVELOPES_LINE.length + frame.length > MAX_CARRIED_BYTES;
    if (isFull) {
      const reason = "the file is full: export again when the replies to it are settled";
      this.#session.item({ ...names, outcome: "stays", reason });
      return false;
    }
    if (this.#envelopes++ === 0) this.#write(encodeUtf8(ENVELOPES_LINE));
    this.#write(frame);
    const { messages, hasMore } = departure;
    const envelope = envelopeId(departure.envelope);
    this.#session.item({ ...names, messages, envelope, outcome: "left" });
    if (hasMore) {
      const reason = "more waits than one envelope takes: export again when its reply is settled";
      this.#session.item({ ...names, outcome: "stays", reason });
    }
    return true;
  }

  #write(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    this.#session.write(1, bytes);
  }
}
