/**
 * Tokens: a person's word, good once, at one server, for some minutes, in place of an SSH key
 * (PROTOCOL.md, "Coming in by SSH").
 *
 * @module
 */

import { type Bytes, encodeUtf8, formatBase64Url, parseBase64Url } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { MAX_SIGNATURE_BYTES } from "../model/limits.ts";
import type { SshFingerprint } from "../model/ssh/key.ts";
import { MAX_TOKEN_LIFE_MS, MAX_TOKEN_SKEW_MS } from "../model/ssh/limits.ts";
import { type Fingerprint, parseFingerprint } from "../model/words.ts";

/** Random bytes that make a token one of its kind. */
export const TOKEN_ID_BYTES = 16;
/** A token of an RSA key with 4096 bits has 840 characters; OpenSSH reads up to 1,023. */
const MAX_TOKEN_LENGTH = 2 * MAX_SIGNATURE_BYTES;

const OP = "read token";
const FORM =
  /^peri1\.([0-9A-F]{40}|[0-9A-F]{64})\.(\d{1,12})\.(\d{1,3})\.([\w-]{22})\.([\w-]{20,})$/;

/** What a token says. */
export interface TokenClaims {
  readonly person: Fingerprint;
  /** The host key of the only server that it is for. */
  readonly server: SshFingerprint;
  /** Whole seconds. */
  readonly issuedMs: number;
  readonly expiresMs: number;
  /** 22 characters of base64url. */
  readonly id: string;
}

/** A token that was read, its signature not checked yet. */
export interface Token extends TokenClaims {
  readonly signature: Bytes;
}

/** A token to be signed; it lives from now for some seconds. */
export function planToken(
  person: Fingerprint,
  server: SshFingerprint,
  nowMs: number,
  id: Uint8Array,
  lifeMs = 60_000,
): TokenClaims {
  const issuedMs = Math.floor(nowMs / 1_000) * 1_000;
  return { person, server, issuedMs, expiresMs: issuedMs + lifeMs, id: formatBase64Url(id) };
}

/** What the person signs: a detached OpenPGP signature is over this text. */
export function tokenText({ person, server, issuedMs, expiresMs, id }: TokenClaims): Bytes {
  return encodeUtf8([
    "peri token 1",
    `person: ${person}`,
    `server: ${server}`,
    `issued: ${formatSecond(issuedMs)}`,
    `expires: ${formatSecond(expiresMs)}`,
    `id: ${id}`,
    "",
  ].join("\n"));
}

/** A signed token, to be typed as a password. It does not name its server, which knows itself. */
export function formatToken(claims: TokenClaims, signature: Uint8Array): string {
  const { person, issuedMs, expiresMs, id } = claims;
  const lifeS = (expiresMs - issuedMs) / 1_000;
  return ["peri1", person, issuedMs / 1_000, lifeS, id, formatBase64Url(signature)].join(".");
}

/**
 * Reads a token as one for `server` that is in force now. Who knows the person checks the signature
 * over {@link tokenText}, which holds for that server alone.
 *
 * @throws {PeriError} `damaged` for anything else, `expired` too late or too early.
 */
export function parseToken(text: string, server: SshFingerprint, nowMs: number): Token {
  const [, person, issued, life, id, signature] = text.length <= MAX_TOKEN_LENGTH
    ? FORM.exec(text.trim()) ?? []
    : [];
  if (person === undefined || id === undefined || signature === undefined) {
    throw new PeriError("damaged", { op: OP, subject: "it is no token" });
  }
  const issuedMs = Number(issued) * 1_000;
  const expiresMs = issuedMs + Number(life) * 1_000;
  const isTooLong = expiresMs - issuedMs > MAX_TOKEN_LIFE_MS;
  if (isTooLong || issuedMs > nowMs + MAX_TOKEN_SKEW_MS || expiresMs <= nowMs) {
    const subject = `it is in force from ${issued} for ${life} s, and now is ${nowMs / 1_000}`;
    throw new PeriError("expired", { op: OP, subject, hint: "is a clock wrong?" });
  }
  const bytes = parseBase64Url(signature);
  return {
    person: parseFingerprint(person),
    server,
    issuedMs,
    expiresMs,
    id,
    signature: bytes,
  };
}

/** Tokens that were taken, until they would have expired anyway. */
export class TakenTokens {
  readonly #taken = new Map<Fingerprint, Map<string, number>>();
  readonly #sinceMs: number;

  /** @param nowMs what was signed earlier may have been taken by whoever served before */
  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /** Takes a token whose signature holds; false when it was taken before, or may have been. */
  take({ person, id, issuedMs, expiresMs }: TokenClaims, nowMs: number): boolean {
    const own = this.#taken.get(person) ?? new Map<string, number>();
    for (const [known, untilMs] of own) if (untilMs <= nowMs) own.delete(known);
    // A token has whole seconds: one of this very second is not from before.
    if (issuedMs + 1_000 <= this.#sinceMs || own.has(id) || own.size >= MAX_TAKEN) return false;
    this.#taken.set(person, own.set(id, expiresMs));
    return true;
  }
}

/** Tokens of one person that are in force; who takes more keeps nobody else out. */
const MAX_TAKEN = 1_000;

function formatSecond(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(".000Z", "Z");
}
