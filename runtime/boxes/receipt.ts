/**
 * Receipts: what a recipient says to a bundle, so that nobody on the way can say it for them
 * (PROTOCOL.md, "Carriage").
 *
 * @module
 */

import { type Bytes, equalBytes, hmacSha256 } from "../model/bytes.ts";
import { decodeCbor, encodeCbor } from "../model/cbor.ts";
import type { SealedReceipt } from "../model/envelope.ts";
import { type ErrorRecord, PeriError } from "../model/errors.ts";
import { readFields } from "../model/fields.ts";
import { MAX_REPLY_BYTES } from "../model/limits.ts";
import type { Introduction } from "../identity/behalf.ts";
import { introductionFromCbor, introductionToCbor } from "../identity/introduction.ts";
import { errorFromCbor, errorToCbor } from "./body.ts";

/** What became of a bundle at its recipient. */
export interface Receipt {
  /** All messages of the lane up to this one are on disk there; 0 for none. */
  readonly through: number;
  /** What follows `through` was not taken now; try again after this. */
  readonly retryAfterMs?: number;
  /** The whole bundle is refused for good. */
  readonly refused?: ErrorRecord;
  /** The sender is not known there; the bundle is to come again with its introduction. */
  readonly introduce?: boolean;
  /** The recipient lives elsewhere. */
  readonly moved?: Introduction;
}

const WHAT = "a receipt";
const KEYS = ["v", "through", "retryAfter", "refused", "introduce", "moved"];

/** A receipt only the holder of the bundle's `receiptKey` can make. */
export function sealReceipt(receiptKey: Uint8Array, receipt: Receipt): SealedReceipt {
  const content = encodeReceipt(receipt);
  return { content, mac: hmacSha256(receiptKey, content) };
}

/**
 * The receipt, if the recipient itself made it.
 *
 * @throws {PeriError} `denied` when the MAC does not hold, `damaged` for any other shape.
 */
export function openReceipt(receiptKey: Uint8Array, sealed: SealedReceipt): Receipt {
  if (equalBytes(sealed.mac, hmacSha256(receiptKey, sealed.content))) {
    return decodeReceipt(sealed.content);
  }
  const subject = "it was not made by who can open the bundle";
  throw new PeriError("denied", { op: `read ${WHAT}`, subject });
}

/** Bytes of a receipt's content. */
export function encodeReceipt(receipt: Receipt): Bytes {
  const { through, retryAfterMs, refused, introduce = false, moved } = receipt;
  return encodeCbor({
    v: 1,
    through,
    retryAfter: retryAfterMs ?? null,
    refused: refused ? errorToCbor(refused) : null,
    introduce,
    moved: moved ? introductionToCbor(moved) : null,
  });
}

/** @throws {PeriError} `damaged` for anything but a receipt's content. */
export function decodeReceipt(content: Uint8Array): Receipt {
  const fields = readFields(WHAT, decodeCbor(content, MAX_REPLY_BYTES, WHAT), KEYS);
  fields.integer("v", 1, 1);
  const retryAfterMs = fields.integerOrNull("retryAfter", 0);
  const refused = fields.value("refused");
  const moved = fields.value("moved");
  return {
    through: fields.integer("through", 0),
    introduce: fields.boolean("introduce"),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(refused === null ? {} : { refused: errorFromCbor(refused) }),
    ...(moved === null ? {} : { moved: introductionFromCbor(moved) }),
  };
}
