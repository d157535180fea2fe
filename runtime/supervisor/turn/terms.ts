/**
 * What the turns of a pod work with, and how they end.
 *
 * @module
 */

import type { Budget } from "../../model/budget.ts";
import type { Manifest, PodEnd } from "../../model/pod.ts";
import type { PodRef } from "../../model/words.ts";
import type { Mailbox } from "../../ports/mailbox.ts";
import type { ProgramSource, Sandbox } from "../../ports/sandbox.ts";
import type { Key } from "../../ports/store.ts";
import type { Bucket } from "../bucket.ts";
import type { Purse } from "../guests/shares.ts";
import type { ConversationPorts } from "./conversation.ts";
import type { Recorder } from "../replay/recorder.ts";
import type { Rests } from "../life/rests.ts";
import type { Run } from "./run.ts";
import type { Visit } from "../visit/visit.ts";
import type { Watchers } from "../visit/watchers.ts";

/** What the turns of any pod need from outside. */
export interface TurnPorts extends ConversationPorts {
  readonly mailbox: Mailbox;
  readonly sandbox: Sandbox;
  /** Keeps what passes, so that runs can be run again; absent: nothing is kept. */
  readonly recorder?: Recorder;
  /** Where pods without work rest until they are put to sleep. */
  readonly rests: Pick<Rests, "begin">;
  /** Who is told when its tables have changed; absent: nobody. */
  readonly watchers?: Pick<Watchers, "tell">;
}

/** A row that is as it was while the pod lives here unchanged: what every commit for it checks. */
export interface Fence {
  readonly key: Key;
  readonly version: string;
}

/** The pod whose turns these are. */
export interface TurnOptions {
  readonly ref: PodRef;
  /** Of its state. */
  readonly generation: number;
  /** Answers to streams that are not open are left out, for the pod could not know. */
  readonly hasGoneBack?: boolean;
  readonly manifest: Manifest;
  /** What it may use at this moment. */
  budget(): Budget;
  /** What it has posted of late. */
  readonly sent: Bucket;
  /** What it may keep, and what its person may. */
  readonly purse: Purse;
  readonly fence: Fence;
  /** What runs. */
  readonly program: ProgramSource;
  /** Runs are given one by one until the first has gone well, because an earlier one did not. */
  readonly isCautious: boolean;
  /** It is started in a process of its own, because one in which it lived has ended. */
  readonly isAlone: boolean;
}

/**
 * Why turns ended: the instance did (`PodEnd`), it could not be started, there was nothing to do,
 * effects were refused or the store failed. After the last two the instance believes in effects
 * that never happened, so it is not used again.
 */
export type TurnsReason = PodEnd | "start" | "idle" | "refused" | "store";

/** Whether an instance ended by what it was working on, as far as can be told. */
export function isOwnEnd(reason: TurnsReason): reason is "time" | "memory" | "trap" | "host" {
  return reason === "time" || reason === "memory" || reason === "trap" || reason === "host";
}

/** How turns ended. */
export interface TurnsEnd {
  readonly reason: TurnsReason;
  readonly cause: unknown;
  /** What the pod was working on, as far as can be told. */
  readonly culprit: Run | undefined;
  /** Visits nobody has noticed anything of; they can begin again. */
  readonly again: readonly Visit[];
  /** Whether any turn has happened. */
  readonly hasProgressed: boolean;
}
