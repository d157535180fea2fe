/**
 * Invitations: a link that proves itself (PROTOCOL.md, "Trust"). It holds the seed of a signing key
 * of which the server that made it keeps the public half alone, so that neither who reads the server
 * nor who listens on the way can be the guest.
 *
 * @module
 */

import {
  type Bytes,
  encodeUtf8,
  formatBase64Url,
  formatHex,
  parseBase64Url,
  parseHex,
} from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import {
  type Fingerprint,
  parseFingerprint,
  parseServerUrl,
  type ServerUrl,
} from "../../model/words.ts";

/** What a link says. */
export interface InvitationLink {
  readonly server: ServerUrl;
  /** Who invites: the one thing that makes their key known to the guest. */
  readonly inviter: Fingerprint;
  /** 32 bytes; whoever has them is the guest. */
  readonly seed: Bytes;
}

/** What a guest signs with their own key, and with that of the invitation. */
export interface Meeting {
  readonly inviter: Fingerprint;
  readonly guest: Fingerprint;
  /** The public key of the invitation, 64 lower-case hex digits. */
  readonly invitation: string;
  /** Whole seconds. */
  readonly signedMs: number;
}

/** Where a guest comes in. */
export const MEETING_PATH = "/peri/v1/meeting";
/** Bytes of a seed. */
export const SEED_BYTES = 32;

const FORMAT = "peri meeting 1";
const ED25519 = { name: "Ed25519" };
/** RFC 8410 section 7: what stands before the seed of a private key. */
const PKCS8_HEAD = parseHex("302e020100300506032b657004220420");
/** A document has five short lines. */
const MAX_DOCUMENT_LENGTH = 512;

/** The link; what is behind `#` a browser would send to nobody. */
export function formatLink({ server, inviter, seed }: InvitationLink): string {
  return `${server}${MEETING_PATH}#${inviter}.${formatBase64Url(seed)}`;
}

/** @throws {PeriError} `invalid` for anything that {@link formatLink} does not write. */
export function parseLink(text: string): InvitationLink {
  const parts = /^(?<server>https?:\/\/[^/#]+)\/peri\/v1\/meeting#(?<inviter>\w+)\.(?<seed>[\w-]+)$/
    .exec(text.trim())?.groups;
  const seed = parts?.seed?.length === 43 ? parseBase64Url(parts.seed) : undefined;
  if (parts !== undefined && seed?.length === SEED_BYTES) {
    const server = parseServerUrl(parts.server!);
    return { server, inviter: parseFingerprint(parts.inviter!), seed };
  }
  throw new PeriError("invalid", {
    op: "read an invitation",
    subject: "this is no link of an invitation, or not all of it",
    hint: "peri key invite makes one: https://alice.example/peri/v1/meeting#…",
  });
}

/** The text of a meeting, byte for byte what is signed. */
export function formatMeeting({ inviter, guest, invitation, signedMs }: Meeting): string {
  const time = new Date(signedMs).toISOString().replace(/\.\d{3}Z$/, "Z");
  const lines = [`inviter: ${inviter}`, `guest: ${guest}`, `invitation: ${invitation}`];
  return [FORMAT, ...lines, `signed: ${time}`, ""].join("\n");
}

/** @throws {PeriError} `damaged` for anything that {@link formatMeeting} does not write. */
export function parseMeeting(text: string): Meeting {
  const damaged = (cause?: unknown) =>
    new PeriError("damaged", { op: "read a meeting", subject: "not in its one form", cause });
  if (text.length > MAX_DOCUMENT_LENGTH) throw damaged();
  const parts =
    /^peri meeting 1\ninviter: (?<inviter>\w+)\nguest: (?<guest>\w+)\ninvitation: (?<invitation>[0-9a-f]{64})\nsigned: (?<signed>[0-9TZ:-]+)\n$/
      .exec(text)?.groups;
  if (parts === undefined) throw damaged();
  try {
    const meeting = {
      inviter: parseFingerprint(parts.inviter!),
      guest: parseFingerprint(parts.guest!),
      invitation: parts.invitation!,
      signedMs: Date.parse(parts.signed!),
    };
    if (formatMeeting(meeting) === text) return meeting;
  } catch (cause) {
    throw damaged(cause);
  }
  throw damaged();
}

/** The public key of an invitation, 64 lower-case hex digits: its name. */
export async function invitationOf(seed: Bytes): Promise<string> {
  const { x } = await crypto.subtle.exportKey("jwk", await privateKey(seed));
  return formatHex(parseBase64Url(x!));
}

/** Proves with the seed that one has it: an Ed25519 signature over the document, 64 bytes. */
export async function proveInvitation(seed: Bytes, document: string): Promise<Bytes> {
  return new Uint8Array(
    await crypto.subtle.sign(ED25519, await privateKey(seed), encodeUtf8(document)),
  );
}

/** Whether a proof was made with the seed of an invitation. */
export async function isProven(
  invitation: string,
  document: string,
  proof: Bytes,
): Promise<boolean> {
  if (proof.length !== 64) return false;
  const key = await crypto.subtle.importKey("raw", parseHex(invitation), ED25519, false, [
    "verify",
  ]);
  return await crypto.subtle.verify(ED25519, key, proof, encodeUtf8(document));
}

async function privateKey(seed: Bytes): Promise<CryptoKey> {
  const bytes = new Uint8Array([...PKCS8_HEAD, ...seed]);
  return await crypto.subtle.importKey("pkcs8", bytes, ED25519, true, ["sign"]);
}
