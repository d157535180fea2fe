/**
 * The real parts of a periphery: what a home on this computer is opened with.
 *
 * @module
 */

import { fileBlobs } from "../adapters/blobs.ts";
import { type OpenCompiler, openCompiler } from "../adapters/compiler.ts";
import { openDenoKv } from "../adapters/deno_kv.ts";
import { GROUPS } from "../adapters/confine.ts";
import { openHosts } from "../adapters/hosts.ts";
import { openHttpTransport } from "../adapters/http_transport.ts";
import { openPgpPool } from "../adapters/openpgp/pool.ts";
import { openMeter } from "../adapters/otel.ts";
import { systemClock } from "../adapters/system_clock.ts";
import { systemEntropy } from "../adapters/system_entropy.ts";
import type { Config } from "../model/config.ts";
import { type Budget, DEFAULT_BUDGET } from "../model/budget.ts";
import type { PeripheryParts } from "../periphery.ts";
import type { Log } from "../ports/log.ts";

/** Parts with what closes them. */
export interface RealParts extends PeripheryParts {
  /** May be closed before the others, so that nothing waits for it. */
  readonly compiler: OpenCompiler;
  /** Closes all of them, after the periphery has stopped. */
  close(): Promise<void>;
}

/** What a pod may use of which its owner has set nothing. */
export function budgetOf(config: Config): Budget {
  const { podMemoryBytes, podSliceMs, podStateBytes } = config;
  const given = { memoryBytes: podMemoryBytes, sliceMs: podSliceMs, stateBytes: podStateBytes };
  return { ...DEFAULT_BUDGET, ...given };
}

/** Threads for OpenPGP: the rest of the server needs a core as well. */
const PGP_THREADS = 2;

/**
 * Opens the parts of a home, whose lock the caller holds.
 *
 * @throws {PeriError} `denied` when the home cannot be written, `over-quota` when the disk is full.
 */
export async function openParts(home: string, config: Config, log: Log): Promise<RealParts> {
  const store = await openDenoKv(`${home}/state.kv`);
  const pgp = openPgpPool(PGP_THREADS);
  const groups = Deno.env.get("PERI_DELEGATED") === "1" ? { groups: GROUPS } : {};
  const sandbox = openHosts({ count: config.podHosts, log, ...groups });
  const compiler = openCompiler({ cacheDir: `${home}/cache/programs`, log });
  const transport = openHttpTransport({ allow: config.allowPrivate });
  return {
    store,
    pgp,
    sandbox,
    transport,
    log,
    meter: await openMeter((name) => Deno.env.get(name)),
    blobs: fileBlobs(`${home}/blobs`),
    compiler,
    clock: systemClock,
    entropy: systemEntropy,
    async close() {
      await compiler.close();
      await sandbox.close();
      pgp.close();
      transport.close();
      await store.close();
    },
  };
}
