/**
 * Meeting a server: who owns it, and that it is the server it was asked as.
 *
 * @module
 */

import type { Known } from "../identity/behalf.ts";
import { checkIntroduction } from "../identity/introduction.ts";
import { PeriError } from "../model/errors.ts";
import { formatFingerprint, type ServerUrl } from "../model/words.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Asker } from "./ask.ts";
import { PERIPHERY } from "./friends.ts";

/**
 * The checked behalf of the `periphery` pod of a server's owner. Its endpoint is the URL that was
 * asked: a server cannot pass on the hello of another as its own.
 *
 * @throws {PeriError} `unreachable`; `not-found` when the server has no owner yet or is no
 * periphery; `denied` when a signature does not hold or the hello is that of another server;
 * `expired`, `damaged`.
 */
export async function fetchHello(
  asker: Asker,
  pgp: Pgp,
  server: ServerUrl,
  nowMs: number,
): Promise<Known> {
  const owner = await checkIntroduction(pgp, await ask(asker, server), nowMs);
  const { person, pod, endpoint } = owner.behalf;
  if (pod === PERIPHERY && endpoint === server) return owner;
  const subject = pod === PERIPHERY
    ? `it says it is ${endpoint}, owned by ${formatFingerprint(person)}`
    : `it shows the behalf of a pod named ${pod}`;
  throw new PeriError("denied", {
    op: `meet ${server}`,
    subject,
    ...(pod === PERIPHERY ? { hint: `use the name it goes by: ${endpoint}` } : {}),
  });
}

async function ask(asker: Asker, server: ServerUrl) {
  try {
    return await asker.hello(server);
  } catch (cause) {
    if (!(cause instanceof PeriError) || cause.kind !== "not-found") throw cause;
    throw new PeriError("not-found", {
      op: `meet ${server}`,
      subject: "it has no owner yet, or is no periphery",
      hint: "its owner claims it with: peri claim",
      cause,
    });
  }
}
