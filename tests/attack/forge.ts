/**
 * What an attacker can make: bundles that say anything, sealed with a key of their own; replies;
 * a tap on the wire.
 *
 * @module
 */

import type { MemoryNetwork } from "../../runtime/adapters/memory/transport.ts";
import { type Lettered, messageToCbor } from "../../runtime/boxes/body.ts";
import { type BundleHead, decodeBundle, encodeBundle } from "../../runtime/boxes/bundle.ts";
import {
  decodeReceipt,
  encodeReceipt,
  type Receipt,
  sealReceipt,
} from "../../runtime/boxes/receipt.ts";
import { type Bytes, concatBytes, hmacSha256, parseHex } from "../../runtime/model/bytes.ts";
import { encodeCbor } from "../../runtime/model/cbor.ts";
import {
  decodePost,
  encodeReplies,
  type Envelope,
  type EnvelopeReply,
} from "../../runtime/model/envelope.ts";
import type { Body } from "../../runtime/model/message.ts";
import {
  epochFromBytes,
  type FunctionName,
  type ResponseToken,
  tokenFromBytes,
} from "../../runtime/model/words.ts";
import type { Resident } from "../../runtime/ports/mailbox.ts";
import type { House } from "../sim/house.ts";
import { makePost } from "../sim/pod.ts";
import type { Village } from "../sim/village.ts";

const HOUR_MS = 3_600_000;

/** What is not obvious about a message. */
export interface MessageWishes {
  readonly nowMs: number;
  readonly sequence?: number;
  readonly token?: ResponseToken;
  readonly function?: FunctionName;
  readonly body?: Body;
}

/** A message as a bundle holds it: a call that would be taken, unless wished otherwise. */
export function encodeMessage(wishes: MessageWishes): Bytes {
  const { nowMs, sequence = 1, token = tokenFromBytes(new Uint8Array(16)) } = wishes;
  const { to: _, deadlineMs, continuation: __, ...post } = makePost(NOBODY, token, "[1]");
  const call = { kind: "call", ...post, function: wishes.function ?? post.function } as const;
  const message: Lettered = {
    sequence,
    createdMs: nowMs,
    expiresMs: nowMs + deadlineMs + HOUR_MS,
    body: wishes.body ?? call,
  };
  return encodeCbor(messageToCbor(message));
}

const NOBODY = {} as Resident["ref"];

/** An envelope by one pod to another that says what it should, unless told otherwise. */
export async function envelopeFrom(
  village: Village,
  sender: Resident,
  to: Resident,
  { head = {}, messages }: {
    readonly head?: Partial<BundleHead>;
    readonly messages?: readonly Bytes[];
  },
): Promise<Envelope> {
  const { pgp, clock } = village.world;
  const nowMs = clock.nowMs();
  const content = encodeBundle({
    from: sender.ref,
    to: to.ref,
    key: sender.podKey,
    serial: sender.serial,
    introduction: sender.introduction,
    epoch: epochFromBytes(new Uint8Array(16)),
    receiptKey: RECEIPT_KEY,
    sentMs: nowMs,
    ...head,
  }, messages ?? [encodeMessage({ nowMs })]);
  const certificate = await pgp.publicPart(to.secretKey);
  return { to: to.podKey, sealed: await pgp.seal(sender.secretKey, certificate, content) };
}

const RECEIPT_KEY = new Uint8Array(32).fill(7);

/** The receipt that is the only reply. */
export function receiptOf(replies: readonly EnvelopeReply[]): Receipt {
  const [reply] = replies;
  if (!reply || !("mac" in reply)) throw new Error(`no receipt: ${JSON.stringify(reply)}`);
  return decodeReceipt(reply.content);
}

/** What a receipt says, without who says it. */
receiptOf.content = (receipt: Receipt): Bytes => encodeReceipt(receipt);

/** A receipt that a recipient really makes, whatever it says. */
receiptOf.forged = (to: Resident, { sealed }: Envelope, receipt: Receipt): EnvelopeReply => {
  const { receiptKey } = decodeBundle(unmask(sealed, to).subarray(SIGNATURE_BYTES));
  return sealReceipt(receiptKey, receipt);
};

/** The hint that is the only reply. */
export function hintOf(replies: readonly EnvelopeReply[]): string {
  const [reply] = replies;
  return reply && "hint" in reply ? reply.hint : `no hint: ${JSON.stringify(reply)}`;
}

/** A server whose envelopes somebody reads, and whose replies somebody may make. */
export interface Tap {
  readonly envelopes: Envelope[];
  answer?: (envelopes: readonly Envelope[]) => readonly EnvelopeReply[];
}

/** Sits down between the network and a periphery. */
export function tap(network: MemoryNetwork, house: House): Tap {
  const wire: Tap = { envelopes: [] };
  network.listen(house.server, async ({ body }) => {
    if (body === undefined) return { status: 405, body: new Uint8Array() };
    const envelopes = decodePost(body);
    wire.envelopes.push(...envelopes);
    const replies = wire.answer?.(envelopes) ?? await house.boxes.receive(envelopes);
    return { status: 200, body: encodeReplies(replies) };
  });
  return wire;
}

/** Layout of what `MemoryPgp` seals: the key's name, a MAC, then signature and content, masked. */
const HEAD_BYTES = 20 + 32;
const SIGNATURE_BYTES = 33;

/**
 * Takes an envelope out of its encryption and encrypts it to somebody else, with the signature
 * inside it untouched. With OpenPGP that takes only public keys; the double needs the secrets.
 */
export function passOn({ sealed }: Envelope, from: Resident, to: Resident): Envelope {
  const signed = unmask(sealed, from);
  const secret = to.secretKey.subarray(1);
  const parts = [parseHex(to.podKey), hmacSha256(secret, signed), mask(signed, secret)];
  return { to: to.podKey, sealed: concatBytes(parts) };
}

function unmask(sealed: Uint8Array, { secretKey }: Resident): Bytes {
  return mask(sealed.subarray(HEAD_BYTES), secretKey.subarray(1));
}

function mask(bytes: Uint8Array, secret: Uint8Array): Bytes {
  return new Uint8Array(bytes).map((byte, at) => byte ^ secret[at & 31]!);
}
