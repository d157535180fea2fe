/**
 * Invitations: one line that lets whoever has it join a server, once (PROTOCOL.md, "People").
 *
 * @module
 */

import {
  type Bytes,
  concatBytes,
  encodeUtf8,
  formatBase64Url,
  formatHex,
  parseBase64Url,
  parseHex,
  sha256,
} from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import {
  type Fingerprint,
  parseFingerprint,
  parseServerUrl,
  type ServerUrl,
} from "../../model/words.ts";

/** Bytes of the secret: nobody guesses it, however many servers there are. */
export const INVITATION_SECRET_BYTES = 16;

/** Keeps the hash of a secret from being that of anything else. */
const DOMAIN = "peri invitation 1\n";
const MAX_LINE = 512;

/** What an invitation says. */
export interface Invitation {
  /** Where the server is. */
  readonly server: ServerUrl;
  /** Fingerprint of the server's own key; another server cannot stand in its place. */
  readonly key: Fingerprint;
  readonly secret: Bytes;
}

/** The name of an invitation: the hash of its secret, 64 lower-case hex digits. */
export function invitationId(secret: Uint8Array): string {
  return formatHex(sha256(concatBytes([encodeUtf8(DOMAIN), secret])));
}

/** An invitation as one line: the server's address, and behind `#`, what no browser sends. */
export function formatInvitation({ server, key, secret }: Invitation): string {
  return `${server}/#join.${formatBase64Url(parseHex(key.toLowerCase()))}.${
    formatBase64Url(secret)
  }`;
}

/** The invitation in a line. @throws {PeriError} `invalid` for anything else. */
export function parseInvitation(line: string): Invitation {
  const text = line.trim();
  const [, server = "", key = "", secret = ""] = text.length > MAX_LINE
    ? []
    : /^(https?:\/\/[^/#]+)\/?#join\.([\w-]+)\.([\w-]+)$/.exec(text) ?? [];
  try {
    const invitation = {
      server: parseServerUrl(server),
      key: parseFingerprint(formatHex(parseBase64Url(key))),
      secret: parseBase64Url(secret),
    };
    if (invitation.secret.length === INVITATION_SECRET_BYTES) return invitation;
  } catch (cause) {
    if (!(cause instanceof PeriError)) throw cause;
  }
  // It may hold a secret, so it is not repeated.
  throw new PeriError("invalid", {
    op: "read an invitation",
    subject: "it is not an invitation, or not all of it",
    hint: "it is one line: https://alice.example/#join.….…, to be written in quotes",
  });
}
