/**
 * One worker of the OpenPGP pool: does what `pool.ts` asks, in the order in which it asks.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { toPeriError } from "../../model/errors.ts";
import type { Pgp, Unsealed } from "../../ports/pgp.ts";
import { openPgp } from "../openpgp.ts";
import { systemClock } from "../system_clock.ts";
import { OpenedMessages } from "./opened.ts";
import type { Done, OpenedMessage, Task } from "./pool.ts";

/** Opened messages whose signature may still be asked for. A dropped one is opened again by its inbox. */
const MAX_OPENED = 512;
const MAX_OPENED_BYTES = 32 * 1024 * 1024;

const pgp: Pgp = openPgp(systemClock);
const opened = new OpenedMessages(MAX_OPENED, MAX_OPENED_BYTES);

async function perform({ id, method, args }: Task): Promise<unknown> {
  if (method === "open") {
    const [asked, expected] = args as [Parameters<Pgp["open"]>, Uint8Array | undefined];
    const unsealed = await pgp.open(...asked);
    opened.keep(id, unsealed);
    const { content } = unsealed;
    return expected === undefined
      ? { content }
      : { content, ...await tryVerify(unsealed, expected) };
  }
  if (method === "verifyOpened") {
    const [of, certificate, atMs] = args as [number, Uint8Array, number];
    const unsealed = opened.get(of);
    if (unsealed === undefined) throw new Error("the opened message was dropped meanwhile");
    return await unsealed.verify(certificate, atMs);
  }
  const call = pgp[method] as (...args: unknown[]) => Promise<unknown>;
  return await call(...args);
}

/** A signature of somebody else is nothing wrong here. */
async function tryVerify(
  unsealed: Unsealed,
  expected: Uint8Array,
): Promise<Pick<OpenedMessage, "verifiedMs">> {
  const verifiedMs = systemClock.nowMs();
  try {
    await unsealed.verify(expected, verifiedMs);
    return { verifiedMs };
  } catch {
    return {};
  }
}

self.onmessage = async ({ data }: MessageEvent<Task>) => {
  let done: Done;
  try {
    done = { id: data.id, value: await perform(data) };
  } catch (thrown) {
    done = { id: data.id, error: toPeriError(thrown, "use OpenPGP").toRecord() };
  }
  self.postMessage(done);
};
