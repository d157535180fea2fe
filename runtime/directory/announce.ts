/**
 * Telling a server far away who has taken the place of somebody who lives there, from the person's
 * own computer.
 *
 * @module
 */

import { decodeTold, encodeTelling, MAX_TOLD_BYTES } from "../identity/succession/telling.ts";
import type { Bytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { POST_TIMEOUT_MS } from "../model/limits.ts";
import type { Fingerprint, ServerUrl } from "../model/words.ts";
import type { Transport } from "../ports/transport.ts";

const OP = "tell a server of a succession";

/**
 * Tells it; who stands in that place by what the server knows then.
 *
 * @throws {PeriError} `not-found` when the person does not live there, `denied` for what does not
 * hold, `busy`; as {@link Transport}.
 */
export async function announceLineage(
  transport: Pick<Transport, "send">,
  server: ServerUrl,
  lineage: Bytes,
): Promise<Fingerprint | undefined> {
  const reply = await transport.send({
    server,
    path: "/peri/v1/lineage",
    body: encodeTelling(lineage),
    maxReplyBytes: MAX_TOLD_BYTES,
    timeoutMs: POST_TIMEOUT_MS,
  });
  if (reply.status === 200) return decodeTold(reply.body);
  const said = new TextDecoder().decode(reply.body.subarray(0, 400))
    .replace(/[^\x20-\x7e]+/g, " ").trim();
  const subject = said === ""
    ? `${server} answered with status ${reply.status}`
    : `${server} says: ${said}`;
  throw new PeriError(KINDS[reply.status] ?? "unreachable", { op: OP, subject });
}

const KINDS: Readonly<Record<number, "denied" | "not-found" | "conflict" | "busy">> = {
  403: "denied",
  404: "not-found",
  409: "conflict",
  503: "busy",
};
