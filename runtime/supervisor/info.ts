/**
 * What can be told of the pods that live here.
 *
 * @module
 */

import type { Fingerprint, PodRef, ServerUrl } from "../model/words.ts";
import type { Budget, Limits } from "../model/budget.ts";
import type { LaterErrand } from "../model/message.ts";
import type { Manifest } from "../model/pod.ts";
import type { Mailbox } from "../ports/mailbox.ts";
import type { Store } from "../ports/store.ts";
import { readUsedBytes } from "./state/account.ts";
import { SETTLE } from "./turn/run.ts";
import { countWaiting } from "./state/waiting.ts";
import type { LifeStatus } from "./life/life.ts";
import type { Lives } from "./life/lives.ts";
import { placeOf, type Previous, type ResidentPod } from "./resident.ts";

/** A pod at a glance. */
export interface PodSummary {
  readonly ref: PodRef;
  readonly version: string;
  readonly about: string;
  /** Where its behalf says it lives. */
  readonly endpoint: ServerUrl;
  readonly serial: number;
  readonly installedMs: number;
  /** When its behalf ends. */
  readonly expiresMs: number;
  /** The version that `peri pod rollback` brings back. */
  readonly previous?: Previous;
  /** How it is; the server's own pod never runs. */
  readonly status: LifeStatus;
}

/** All there is to tell of a pod. */
export interface PodInfo extends PodSummary {
  /** Runs that await others. */
  readonly waitingRuns: number;
  readonly podKey: Fingerprint;
  /** SHA-256 of its component; absent for the server's own pod. */
  readonly component?: string;
  readonly manifest: Manifest;
  readonly budget: Budget;
  /** What its owner has set of the budget. */
  readonly limits: Limits;
  readonly stateBytes: number;
  /** Events waiting in its inbox; counted up to 1,000. */
  readonly waitingEvents: number;
  /** What it is to do next by itself, the first ones first; at most 20. */
  readonly next: readonly { readonly name: string; readonly dueMs: number }[];
}

/** Most of {@link PodInfo.next}. */
const MAX_NEXT = 20;
/** Most waiting events that are counted. */
const MAX_COUNTED = 1000;

/** A pod at a glance. */
export function summarize(pod: ResidentPod, lives: Lives): PodSummary {
  const { ref, manifest, endpoint, serial, installedMs, expiresMs, previous } = pod;
  const resting = { state: "resting", restarts: 0, failures: 0, messages: 0 } as const;
  const status = lives.get(ref)?.status ?? resting;
  const { version, about } = manifest;
  const known = previous === undefined ? {} : { previous };
  return { ref, version, about, endpoint, serial, installedMs, expiresMs, status, ...known };
}

/** All there is to tell of a pod. */
export async function describe(
  pod: ResidentPod,
  lives: Lives,
  store: Store,
  mailbox: Mailbox,
): Promise<PodInfo> {
  const { ref, podKey, component, manifest, budget, limits } = pod;
  const [stateBytes, waitingRuns, events, later] = await Promise.all([
    readUsedBytes(store, placeOf(pod)),
    countWaiting(store, placeOf(pod)),
    mailbox.waiting(ref, -1, MAX_COUNTED),
    mailbox.later(ref, MAX_COUNTED),
  ]);
  return {
    ...summarize(pod, lives),
    podKey,
    ...(component === undefined ? {} : { component }),
    manifest,
    budget,
    limits,
    stateBytes,
    waitingRuns,
    waitingEvents: events.length,
    next: later.filter(({ then }) => then !== SETTLE).slice(0, MAX_NEXT).map(nameOf),
  };
}

/** The SDK's own word before a key is nothing that people need. */
function nameOf({ key, then, dueMs }: LaterErrand): PodInfo["next"][number] {
  return { name: (key ?? then).replace(/^sdk:[a-z]+\//, ""), dueMs };
}
