/**
 * Opens a periphery whose modules are not read ahead. Whoever checks the types of a test checks
 * those of all that it could import, and a periphery is two hundred modules more than the kit.
 *
 * @module
 */

import type { Desk } from "../gate/control/session.ts";
import type { Gate } from "../gate/federation/request.ts";
import type { Budget } from "../model/budget.ts";
import type { ServerUrl } from "../model/words.ts";
import type { Blobs } from "../ports/blobs.ts";
import type { Clock } from "../ports/clock.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Log } from "../ports/log.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Compiler, Sandbox } from "../ports/sandbox.ts";
import type { Store } from "../ports/store.ts";
import type { Transport } from "../ports/transport.ts";

/** What a periphery here is made of; see `PeripheryParts`. */
export interface Parts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly pgp: Pgp;
  readonly compiler: Compiler;
  readonly sandbox: Sandbox;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
}

/** How it is run; see `PeripheryOptions`. */
export interface Options {
  readonly server: ServerUrl;
  readonly isServing: boolean;
  readonly budget: Budget;
  readonly version: string;
}

/** What is used here of one that runs; see `Periphery`. */
export interface Running {
  readonly gate: Gate;
  readonly desk: Desk;
  stop(drainMs: number): Promise<void>;
}

/** Opens a periphery; it works when this resolves. That it is of this type, a test checks. */
export type Open = (parts: Parts, options: Options) => Promise<Running>;

const loaded: { readonly openPeriphery: Open } = await import(
  // Put together here: what stands as a text would be read ahead.
  import.meta.resolve("../periphery.ts")
);

/** `openPeriphery` of `runtime/periphery.ts`. */
export const openPeriphery: Open = loaded.openPeriphery;
