/**
 * Joining a server with an invitation, from the person's own computer (PROTOCOL.md, "People").
 *
 * @module
 */

import { checkIntroduction } from "../identity/introduction.ts";
import type { Known } from "../identity/behalf.ts";
import { type Invitation, invitationId } from "../identity/join/invitation.ts";
import { draftJoin, formatJoin } from "../identity/join/text.ts";
import {
  decodeJoinReply,
  encodeJoined,
  encodeJoinRequest,
  encodeSealedJoin,
  MAX_JOINED_BYTES,
} from "../identity/join/wire.ts";
import { type Bytes, encodeUtf8, equalBytes, sha256 } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { ASK_TIMEOUT_MS, POST_TIMEOUT_MS } from "../model/limits.ts";
import { type Fingerprint, formatFingerprint } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Transport } from "../ports/transport.ts";
import { decodeHello, MAX_ANSWER_BYTES } from "./wire.ts";

/** What joining works with. */
export interface JoinPorts {
  readonly pgp: Pgp;
  readonly clock: Clock;
  readonly transport: Transport;
}

/** Who joins. */
export interface Joiner {
  readonly person: Fingerprint;
  /** Transferable public key. */
  readonly certificate: Bytes;
  /** Signs the text of a join: a detached signature, binary. */
  sign(document: string): Promise<Bytes>;
}

const OP = "join";

/**
 * Whose server an invitation is for, as it says itself.
 *
 * @throws {PeriError} `denied` when another server answers there; as {@link Transport}.
 */
export async function meetHost(ports: JoinPorts, { server, key }: Invitation): Promise<Known> {
  const { pgp, clock, transport } = ports;
  const reply = await transport.send({
    server,
    path: "/peri/v1/hello",
    maxReplyBytes: MAX_ANSWER_BYTES,
    timeoutMs: ASK_TIMEOUT_MS,
  });
  if (reply.status !== 200) throw refusal(server, reply.status, reply.body);
  const host = await checkIntroduction(pgp, decodeHello(reply.body), clock.nowMs());
  if (host.behalf.podKey === key) return host;
  throw new PeriError("denied", {
    op: OP,
    subject: `another server than the one that invites you answers at ${server}`,
    hint: "ask who has invited you; nothing was sent there",
  });
}

/**
 * Joins a server. The request is sealed to the server's own key, so that the invitation is of no use
 * to whoever sees it on the way.
 *
 * @param host what {@link meetHost} gave
 * @throws {PeriError} `denied` when the invitation is not open; `exists`; `unreachable`, and then it
 * may have been taken: the same again does no harm.
 */
export async function joinHost(
  { pgp, clock, transport }: JoinPorts,
  { behalf: { podCertificate, podKey } }: Known,
  { server, secret }: Invitation,
  { person, certificate, sign }: Joiner,
): Promise<void> {
  const invitation = invitationId(secret);
  const join = draftJoin({ person, server, serverKey: podKey, invitation }, clock.nowMs());
  const document = formatJoin(join);
  const signature = await sign(document);
  const request = encodeJoinRequest({ secret, document, signature, certificate });
  // What counts is signed inside; whoever seals it is nobody.
  const { secretKey } = await pgp.makePodKey("join");
  const body = encodeSealedJoin(await pgp.seal(secretKey, podCertificate, request));
  const reply = await transport.send({
    server,
    path: "/peri/v1/join",
    body,
    maxReplyBytes: MAX_JOINED_BYTES,
    timeoutMs: POST_TIMEOUT_MS,
  });
  if (reply.status !== 200) throw refusal(server, reply.status, reply.body);
  const { joined, signature: seal } = decodeJoinReply(reply.body);
  await pgp.verify(podCertificate, encodeJoined(joined), seal, clock.nowMs());
  if (equalBytes(joined, sha256(encodeUtf8(document)))) return;
  throw new PeriError("damaged", { op: OP, subject: `${server} answered about another request` });
}

const KINDS: Readonly<Record<number, "denied" | "not-found" | "exists" | "busy">> = {
  403: "denied",
  404: "not-found",
  409: "exists",
  503: "busy",
};

/** What the server says of it is shown, as plain text. */
function refusal(server: string, status: number, body: Uint8Array): PeriError {
  const said = new TextDecoder().decode(body.subarray(0, 400)).replace(/[^\x20-\x7e]+/g, " ")
    .trim();
  return new PeriError(KINDS[status] ?? "unreachable", {
    op: OP,
    subject: said === "" ? `${server} answered with status ${status}` : `${server} says: ${said}`,
    hint: "ask who has invited you for another invitation",
  });
}

/** What a person is shown before they join, a line each. */
export function explainHost({ behalf }: Known): string[] {
  return [
    `${behalf.endpoint} belongs to`,
    `    ${formatFingerprint(behalf.person)}`,
    "Pods that you install there run there. Who runs a server can read what pods keep on it, and",
    "could stop them; they can never sign in your name, and never get your key.",
  ];
}
