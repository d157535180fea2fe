/**
 * What a person signs to join a server (PROTOCOL.md, "People").
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import { JOIN_LIFE_MS, MAX_CLOCK_SKEW_MS } from "../../model/limits.ts";
import {
  type Fingerprint,
  parseFingerprint,
  parseServerUrl,
  type ServerUrl,
} from "../../model/words.ts";

/** First line; keeps it from being taken for any other signed text. */
const FORMAT = "peri join 1";
const OP = "read who wants to join";
const MAX_CHARACTERS = 2_048;
const SECOND_MS = 1_000;

/** What a person says when they join a server. */
export interface Join {
  readonly person: Fingerprint;
  readonly server: ServerUrl;
  /** Fingerprint of the server's own key: the text is good for no other. */
  readonly serverKey: Fingerprint;
  /** Name of the invitation, the hash of its secret. */
  readonly invitation: string;
  /** Whole seconds. */
  readonly issuedMs: number;
  /** Whole seconds. */
  readonly expiresMs: number;
}

/** What a person says who joins now. */
export function draftJoin(fields: Omit<Join, "issuedMs" | "expiresMs">, nowMs: number): Join {
  const issuedMs = Math.floor(nowMs / SECOND_MS) * SECOND_MS;
  return { ...fields, issuedMs, expiresMs: issuedMs + JOIN_LIFE_MS };
}

/** The text, byte for byte what the person signs. */
export function formatJoin(join: Join): string {
  return [
    FORMAT,
    `person: ${join.person}`,
    `server: ${join.server}`,
    `server-key: ${join.serverKey}`,
    `invitation: ${join.invitation}`,
    `issued: ${formatTime(join.issuedMs)}`,
    `expires: ${formatTime(join.expiresMs)}`,
    "",
  ].join("\n");
}

/**
 * What a text says. Only the exact text that {@link formatJoin} writes is taken.
 *
 * @throws {PeriError} `damaged` for any other text.
 */
export function parseJoin(text: string): Join {
  if (text.length > MAX_CHARACTERS) throw torn(`${text.length} characters`);
  const [, person, server, serverKey, invitation, issued, expires] = LINES.exec(text) ?? [];
  if (expires === undefined) throw torn(`it is no "${FORMAT}"`);
  try {
    const join: Join = {
      person: parseFingerprint(person!),
      server: parseServerUrl(server!),
      serverKey: parseFingerprint(serverKey!),
      invitation: invitation!,
      issuedMs: Date.parse(issued!),
      expiresMs: Date.parse(expires),
    };
    if (formatJoin(join) === text) return join;
  } catch (cause) {
    if (!(cause instanceof PeriError || cause instanceof RangeError)) throw cause;
  }
  throw torn("it is not written in its one exact form");
}

/**
 * Whether a text is in force.
 *
 * @throws {PeriError} `expired`; `denied` when it is dated ahead or would live too long.
 */
export function checkJoinTimes({ issuedMs, expiresMs }: Join, nowMs: number): void {
  if (issuedMs > nowMs + MAX_CLOCK_SKEW_MS || expiresMs > issuedMs + JOIN_LIFE_MS) {
    const hint = "look at the clocks of both computers";
    throw new PeriError("denied", { op: "join", subject: "its times cannot be right", hint });
  }
  if (expiresMs + MAX_CLOCK_SKEW_MS >= nowMs) return;
  const hint = "peri person join makes a new one";
  throw new PeriError("expired", { op: "join", subject: "what was signed is too old", hint });
}

const TIME = "(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ)";
const LINES = new RegExp(
  `^${FORMAT}\nperson: (\\w+)\nserver: (\\S+)\nserver-key: (\\w+)\n` +
    `invitation: ([0-9a-f]{64})\nissued: ${TIME}\nexpires: ${TIME}\n$`,
);

function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, "Z");
}

function torn(subject: string): PeriError {
  return new PeriError("damaged", { op: OP, subject });
}
