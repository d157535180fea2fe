/**
 * Messages as CBOR (PROTOCOL.md, "Messages").
 *
 * @module
 */

import {
  formatBase64Url,
  formatHex,
  parseBase64Url,
  parseHex,
  utf8Length,
} from "../model/bytes.ts";
import type { Cbor } from "../model/cbor.ts";
import { type ErrorRecord, isErrorKind } from "../model/errors.ts";
import { type Fields, misshapen, readFields } from "../model/fields.ts";
import { MAX_PAYLOAD_BYTES } from "../model/limits.ts";
import type { Answer, Body, Call, Outcome } from "../model/message.ts";
import {
  parseCapabilityId,
  parseFunctionId,
  parseFunctionName,
  parseInterfaceName,
  parseResponseToken,
  type ResponseToken,
} from "../model/words.ts";

/** A message without the names of its lane, which its bundle or row says once. */
export interface Lettered {
  readonly sequence: number;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly body: Body;
}

const WHAT = "a message";
/** Last millisecond of the year 9999. */
const MAX_TIME_MS = 253_402_300_799_999;
const MAX_ERROR_TEXT = 1_000;

/** A message as part of a larger CBOR value. */
export function messageToCbor({ sequence, createdMs, expiresMs, body }: Lettered): Cbor {
  return { sequence, created: createdMs, expires: expiresMs, body: bodyToCbor(body) };
}

/**
 * A message of a CBOR value from outside. `minSequence` is 0 only for what was made on this side.
 *
 * @throws {PeriError} `damaged` for any other shape, `too-large` for the payload.
 */
export function messageFromCbor(value: Cbor, minSequence = 1): Lettered {
  const fields = readFields(WHAT, value, ["sequence", "created", "expires", "body"]);
  return {
    sequence: fields.integer("sequence", minSequence),
    createdMs: fields.integer("created", 0, MAX_TIME_MS),
    expiresMs: fields.integer("expires", 0, MAX_TIME_MS),
    body: bodyFromCbor(fields.value("body")),
  };
}

function bodyToCbor(body: Body): Cbor {
  const token = parseBase64Url(body.token);
  if (body.kind === "cancel") return { kind: body.kind, token };
  if (body.kind === "answer") {
    const { kind, index, end, outcome } = body;
    return { kind, token, index, end, outcome: outcomeToCbor(outcome) };
  }
  return {
    kind: body.kind,
    token,
    capability: parseHex(body.capability),
    interface: body.interface,
    function: body.function,
    functionId: parseHex(body.functionId),
    payload: body.payload,
  };
}

const CALL_KEYS = [
  "kind",
  "token",
  "capability",
  "interface",
  "function",
  "functionId",
  "payload",
] as const;
const ANSWER_KEYS = ["kind", "token", "index", "end", "outcome"] as const;
const CANCEL_KEYS = ["kind", "token"] as const;

function bodyFromCbor(value: Cbor): Body {
  switch (kindOf(value)) {
    case "call":
      return callFrom(readFields(WHAT, value, CALL_KEYS));
    case "answer":
      return answerFrom(readFields(WHAT, value, ANSWER_KEYS));
    case "cancel":
      return { kind: "cancel", token: tokenFrom(readFields(WHAT, value, CANCEL_KEYS)) };
    default:
      throw misshapen(WHAT, "neither a call nor an answer nor a cancel");
  }
}

function kindOf(value: Cbor): unknown {
  const isMap = typeof value === "object" && value !== null && Object.hasOwn(value, "kind");
  return isMap ? (value as { readonly kind: Cbor }).kind : undefined;
}

function callFrom(fields: Fields): Call {
  return {
    kind: "call",
    token: tokenFrom(fields),
    capability: parseCapabilityId(formatHex(fields.bytes("capability", 32))),
    interface: wordFrom(fields, "interface", parseInterfaceName),
    function: wordFrom(fields, "function", parseFunctionName),
    functionId: parseFunctionId(formatHex(fields.bytes("functionId", 32))),
    payload: payloadFrom(fields, "payload"),
  };
}

function answerFrom(fields: Fields): Answer {
  return {
    kind: "answer",
    token: tokenFrom(fields),
    index: fields.integer("index", 0),
    end: fields.boolean("end"),
    outcome: outcomeFrom(fields.value("outcome")),
  };
}

function tokenFrom(fields: Fields): ResponseToken {
  return parseResponseToken(formatBase64Url(fields.bytes("token", 16)));
}

function wordFrom<Word>(fields: Fields, key: string, parse: (text: string) => Word): Word {
  const text = fields.text(key, 200);
  try {
    return parse(text);
  } catch {
    throw misshapen(WHAT, `${key} is not a name`);
  }
}

function payloadFrom(fields: Fields, key: string): string {
  const text = fields.text(key, MAX_PAYLOAD_BYTES);
  if (utf8Length(text) <= MAX_PAYLOAD_BYTES) return text;
  throw misshapen(WHAT, `a payload of more than ${MAX_PAYLOAD_BYTES} bytes`);
}

function outcomeToCbor(outcome: Outcome): Cbor {
  return "ok" in outcome ? { ok: outcome.ok } : { error: errorToCbor(outcome.error) };
}

function outcomeFrom(value: Cbor): Outcome {
  const fields = readFields("an outcome", value, [], ["ok", "error"]);
  if (Object.keys(value as object).length !== 1) throw misshapen(WHAT, "not one outcome");
  const error = fields.value("error");
  return error === null ? { ok: payloadFrom(fields, "ok") } : { error: errorFromCbor(error) };
}

/** An error as part of a larger CBOR value; texts of more than `maxText` UTF-16 units are cut. */
export function errorToCbor(
  { kind, op, subject, hint }: ErrorRecord,
  maxText = MAX_ERROR_TEXT,
): Cbor {
  const texts = { kind, op: cut(op, maxText), subject: cut(subject, maxText) };
  return hint === undefined ? texts : { ...texts, hint: cut(hint, maxText) };
}

/** @throws {PeriError} `damaged` for any other shape. */
export function errorFromCbor(value: Cbor): ErrorRecord {
  const fields = readFields("an error", value, ["kind", "op", "subject"], ["hint"]);
  const kind = fields.value("kind");
  if (!isErrorKind(kind)) throw misshapen("an error", "an unknown kind");
  const op = fields.text("op", MAX_ERROR_TEXT);
  const subject = fields.text("subject", MAX_ERROR_TEXT);
  const hint = fields.value("hint") === null ? {} : { hint: fields.text("hint", MAX_ERROR_TEXT) };
  return { kind, op, subject, ...hint };
}

function cut(text: string, maxText: number): string {
  return text.slice(0, maxText).toWellFormed();
}
