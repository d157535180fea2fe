/**
 * `invitation.accept`: a guest of this server shows what they have signed to the server that invites.
 *
 * @module
 */

import { MAX_HOST_BYTES, readHost, writeGuest } from "../../directory/trust/meeting.ts";
import { MEETING_PATH, parseMeeting } from "../../identity/trust/invitation.ts";
import { formatBase64 } from "../../model/bytes.ts";
import { type ErrorKind, PeriError } from "../../model/errors.ts";
import { MAX_CERTIFICATE_BYTES, MAX_SIGNATURE_BYTES, POST_TIMEOUT_MS } from "../../model/limits.ts";
import { parseServerUrl } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import { type Home } from "../home.ts";
import { HEY } from "../petnames.ts";
import { actorOf, bytesOf, textOf } from "../wishes.ts";

const OP = "accept an invitation";
/** What a status says (PROTOCOL.md, "Directory"). */
const KINDS: Readonly<Record<number, ErrorKind>> = {
  400: "expired",
  403: "denied",
  404: "not-found",
  409: "conflict",
};
const REASONS: Readonly<Record<string, string>> = {
  "expired": "its time has passed",
  "denied": "it did not believe you: is a clock wrong, or the link another?",
  "not-found": "it knows of no such invitation",
  "conflict": "somebody else has come by it",
};

/**
 * `{server, document, signature, proof, certificate}`, bytes in base64 → one record `{person,
 * certificate}` of who invites. That it is the one of the link is for whoever has the link to check.
 */
export function acceptInvitation(home: Pick<Home, "directory" | "transport">): Operation {
  return async (args, session) => {
    const actor = actorOf(session);
    const server = parseServerUrl(textOf(args, "server"));
    const document = textOf(args, "document");
    const { inviter } = parseMeeting(document);
    const { book } = home.directory;
    const own = await book.entry({ person: actor, pod: HEY });
    const introduction = own && await book.published(own);
    const body = writeGuest({
      document,
      signature: bytesOf(args, "signature", MAX_SIGNATURE_BYTES),
      proof: bytesOf(args, "proof", 64),
      certificate: bytesOf(args, "certificate", MAX_CERTIFICATE_BYTES),
      ...(introduction && { introduction }),
    });
    session.note(`asking ${server}`);
    const reply = await home.transport.send({
      server,
      path: MEETING_PATH,
      body,
      maxReplyBytes: MAX_HOST_BYTES,
      timeoutMs: POST_TIMEOUT_MS,
    });
    if (reply.status !== 200) throw refusal(server, reply.status);
    const host = readHost(reply.body);
    if (host.introduction) {
      // How they are reached is a comfort; who they are is in the certificate.
      await book.learn(host.introduction, `invitation ${server}`).catch(() => undefined);
    }
    session.item({ person: inviter, certificate: formatBase64(host.certificate) });
    return 0;
  };
}

function refusal(server: string, status: number): PeriError {
  const kind = KINDS[status] ?? "unreachable";
  const why = REASONS[kind] ?? `it answered with status ${status}`;
  return new PeriError(kind, {
    op: OP,
    subject: `${server}: ${why}`,
    hint: "ask for another link",
  });
}
