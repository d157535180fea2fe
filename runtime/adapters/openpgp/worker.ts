/**
 * One worker of the OpenPGP pool: does what `pool.ts` asks, in the order in which it asks.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { toPeriError } from "../../model/errors.ts";
import type { Pgp } from "../../ports/pgp.ts";
import { openPgp } from "../openpgp.ts";
import { systemClock } from "../system_clock.ts";
import { OpenedMessages } from "./opened.ts";
import type { Done, Task } from "./pool.ts";

/** Opened messages whose signature may still be asked for. A dropped one is opened again by its inbox. */
const MAX_OPENED = 512;
const MAX_OPENED_BYTES = 32 * 1024 * 1024;

const pgp: Pgp = openPgp(systemClock);
const opened = new OpenedMessages(MAX_OPENED, MAX_OPENED_BYTES);

async function perform({ id, method, args }: Task): Promise<unknown> {
  if (method === "open") {
    const unsealed = await pgp.open(...args as Parameters<Pgp["open"]>);
    opened.keep(id, unsealed);
    return unsealed.content;
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

self.onmessage = async ({ data }: MessageEvent<Task>) => {
  let done: Done;
  try {
    done = { id: data.id, value: await perform(data) };
  } catch (thrown) {
    done = { id: data.id, error: toPeriError(thrown, "use OpenPGP").toRecord() };
  }
  self.postMessage(done);
};
