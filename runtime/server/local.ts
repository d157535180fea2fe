/**
 * A home opened by a command for a moment, while no server runs. What it posts waits in the outbox
 * until `peri serve` runs.
 *
 * @module
 */

import { hasFile } from "../adapters/files.ts";
import { openLock } from "../adapters/lock.ts";
import { openStderrLog } from "../adapters/log.ts";
import { type Line, serveSession } from "../gate/control/session.ts";
import { openLinePair } from "../gate/control/pair.ts";
import { serverUrl } from "../model/config.ts";
import { PeriError } from "../model/errors.ts";
import { configOf } from "../model/layers.ts";
import { DRAIN_MS } from "../model/limits.ts";
import { openPeriphery } from "../periphery.ts";
import type { Transport } from "../ports/transport.ts";
import { readConfig } from "./config.ts";
import { budgetOf, openParts } from "./parts.ts";

/** How a home is opened. */
export interface LocalOptions {
  readonly home: string;
  readonly env: (name: string) => string | undefined;
  readonly version: string;
}

/** The client's end of a line that ends in this process. */
export interface LocalLine extends Line {
  /** Ends the session and closes the home. Resolves when all of it is on disk. */
  close(): Promise<void>;
}

/**
 * Opens the home and serves one session in this process.
 *
 * @throws {PeriError} `not-found` when no periphery was ever started in this home; `busy` when
 * another process has it; as `openParts`.
 */
export async function openLocal({ home, env, version }: LocalOptions): Promise<LocalLine> {
  if (!await hasFile(`${home}/state.kv`)) {
    throw new PeriError("not-found", {
      op: "open your home",
      subject: `${home} has no periphery yet, and no server runs`,
      hint: "peri serve",
    });
  }
  const config = configOf(await readConfig(home, env));
  const stack = new AsyncDisposableStack();
  try {
    stack.use(await openLock(home, "peri"));
    const log = stack.use(openStderrLog("error"));
    const parts = await openParts(home, config, log);
    stack.defer(() => parts.close());
    const budget = budgetOf(config);
    const options = { server: serverUrl(config), isServing: false, budget, version };
    const periphery = await openPeriphery({ ...parts, transport: OFFLINE }, options);
    stack.defer(() => periphery.stop(DRAIN_MS));
    const { near, far } = openLinePair();
    const served = serveSession(far, periphery.desk, { person: null });
    stack.defer(() => served);
    return {
      ...near,
      async close() {
        near.close();
        await stack.disposeAsync();
      },
    };
  } catch (thrown) {
    await stack.disposeAsync();
    throw thrown;
  }
}

/** A command has no network; only `peri serve` is allowed to use it. */
const OFFLINE: Transport = {
  send({ server }) {
    return Promise.reject(
      new PeriError("unreachable", {
        op: `reach ${server}`,
        subject: "only a running server uses the network",
        hint: "peri serve",
      }),
    );
  },
  close() {},
};
