/**
 * Somebody on the way between two servers who can read and write what passes, and holds no key.
 *
 * @module
 */

import type { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { encodeReceipt } from "../../runtime/boxes/receipt.ts";
import { type Bytes, encodeUtf8 } from "../../runtime/model/bytes.ts";
import { decodeReplies, encodeReplies, type EnvelopeReply } from "../../runtime/model/envelope.ts";
import type { Reply, Request } from "../../runtime/ports/transport.ts";

/** Replies of before that may come once more. */
const MAX_SEEN = 20;
/** Higher than any number of a lane. */
const ALL = 2 ** 50;

/** See the module. */
export class Liar {
  readonly #chance: SeededEntropy;
  readonly #seen: EnvelopeReply[] = [];

  constructor(chance: SeededEntropy) {
    this.#chance = chance;
  }

  /** A request that was damaged on its way. */
  spoil(request: Request): Request {
    return request.body ? { ...request, body: this.#spoiled(request.body) } : request;
  }

  /** The reply, or what somebody makes of it. */
  reply(reply: Reply, lies: boolean): Reply {
    if (reply.status !== 200) return reply;
    const replies = decodeReplies(reply.body);
    if (lies) return this.#lie(reply, replies);
    this.#seen.push(...replies);
    this.#seen.splice(0, this.#seen.length - MAX_SEEN);
    return reply;
  }

  #lie(reply: Reply, replies: readonly EnvelopeReply[]): Reply {
    const made = (make: (one: EnvelopeReply) => EnvelopeReply) => ({
      status: 200,
      body: encodeReplies(replies.map(make)),
    });
    switch (this.#chance.below(6)) {
      case 0:
        return { ...reply, body: this.#spoiled(reply.body) };
      case 1:
        return { status: 502, body: encodeUtf8("<html>") };
      case 2:
        return made((one) => this.#pick(this.#seen) ?? one);
      case 3:
        return made(() => ({ hint: this.#pick(["denied", "expired", "not-found"] as const)! }));
      case 4:
        return made(() => ({ content: this.#receipt({ through: ALL }), mac: new Uint8Array(32) }));
      default:
        return made((one) => "mac" in one ? { ...one, content: this.#receipt(REFUSAL) } : one);
    }
  }

  #receipt(receipt: Parameters<typeof encodeReceipt>[0]): Bytes {
    return encodeReceipt(receipt);
  }

  /** One bit is another one, or the end is missing. */
  #spoiled(body: Bytes): Bytes {
    if (this.#chance.happens(0.3)) return body.slice(0, this.#chance.below(body.length));
    const spoiled = new Uint8Array(body);
    const at = this.#chance.below(body.length);
    spoiled[at]! ^= 1 << this.#chance.below(8);
    return spoiled;
  }

  #pick<Item>(items: readonly Item[]): Item | undefined {
    return items[this.#chance.below(Math.max(1, items.length))];
  }
}

const REFUSAL = {
  through: 0,
  refused: { kind: "denied", op: "take a bundle", subject: "somebody says so" },
} as const;
