/**
 * A person's hold on a pod that lives here: its limits, and whether it runs.
 *
 * @module
 */

import {
  type Budget,
  checkLimit,
  LIMIT_RULES,
  type Limits,
  withLimits,
} from "../../model/budget.ts";
import { PeriError } from "../../model/errors.ts";
import { DRAIN_MS } from "../../model/limits.ts";
import type { PodRef } from "../../model/words.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Store } from "../../ports/store.ts";
import type { Installs } from "../version/install.ts";
import { ownPod } from "../version/leave.ts";
import type { Shares } from "../guests/shares.ts";
import type { Lives } from "./lives.ts";
import type { PodLogs } from "../log.ts";
import { fenceOf, type Mark, type Marks, refuseMarked } from "./marks.ts";
import { planResidentRows, type ResidentPod } from "../resident.ts";
import type { ResidentMap } from "../residents.ts";
import type { Fence } from "../turn/terms.ts";

/** What {@link Reins} work with. */
export interface ReinsPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly residents: ResidentMap;
  readonly lives: Lives;
  readonly marks: Marks;
  readonly logs: PodLogs;
  /** Holds nothing while a pod comes, changes or leaves. */
  readonly installs: Pick<Installs, "queue">;
  /** What a pod may use of which its owner has set nothing. */
  readonly budget: Budget;
  readonly shares: Shares;
}

/** New limits of a pod; null for the server's default. */
export type LimitChange = { readonly [Field in keyof Budget]?: number | null };

/** Limits, stops and starts pods, one after the other. */
export class Reins {
  readonly #ports: ReinsPorts;

  constructor(ports: ReinsPorts) {
    this.#ports = ports;
  }

  /** What a pod may use of which its owner has set nothing. */
  get defaults(): Budget {
    return this.#ports.budget;
  }

  /**
   * Sets limits of a pod. They are on disk and in force when it resolves; nothing the pod does is
   * lost by it.
   *
   * @throws {PeriError} `not-found`; `invalid` for a value out of its bounds; `over-quota` for one
   * that a guest may not have; `denied` for the server's own pod; `conflict` when it leaves meanwhile.
   */
  limit(ref: PodRef, change: LimitChange): Promise<ResidentPod> {
    for (const rule of LIMIT_RULES) {
      const value = change[rule.field];
      if (typeof value !== "number") continue;
      checkLimit(rule, value);
      this.#ports.shares.checkLimit(ref.person, rule, value, this.#ports.budget);
    }
    return this.#ports.installs.queue.alone(async () => {
      const { store, residents, lives, budget } = this.#ports;
      const { before, fence } = await this.#find(ref, "limit a pod");
      const limits = joinLimits(before.limits, change);
      const pod = { ...before, limits, budget: withLimits(budget, limits) };
      if (!await store.commit({ ...planResidentRows(pod), checks: [fence] })) throw leaves(ref);
      residents.put(pod);
      await lives.get(ref)?.adopt(pod);
      return pod;
    });
  }

  /**
   * Stops a pod until it is started again, also through restarts of the server. What comes for it
   * waits. A pod that is stopped stays so.
   *
   * @throws {PeriError} as {@link Reins.limit}.
   */
  stop(ref: PodRef): Promise<Mark> {
    return this.#ports.installs.queue.alone(async () => {
      const { clock, marks, lives, logs } = this.#ports;
      const { before, fence } = await this.#find(ref, "stop a pod");
      const found = marks.of(before);
      if (found?.by === "person") return found;
      const mark = { by: "person", sinceMs: clock.nowMs(), why: "by its person" } as const;
      if (!await marks.put(before, mark, fence)) throw leaves(ref);
      await lives.get(ref)?.halt(DRAIN_MS);
      logs.note(ref, "info", "stopped by its person");
      return mark;
    });
  }

  /**
   * Starts a pod that is stopped or has failed, and forgives its failures. Resolves to why it was
   * stopped, if it was.
   *
   * @throws {PeriError} as {@link Reins.limit}.
   */
  start(ref: PodRef): Promise<Mark | undefined> {
    return this.#ports.installs.queue.alone(async () => {
      const { marks, lives, logs } = this.#ports;
      const { before, fence } = await this.#find(ref, "start a pod");
      const mark = marks.of(before);
      if (before.revoked !== undefined && mark !== undefined) throw refuseMarked(ref, mark);
      if (!await marks.clear(before, fence)) throw leaves(ref);
      lives.get(ref)?.resume();
      if (mark !== undefined) logs.note(ref, "info", "started by its person");
      return mark;
    });
  }

  async #find(
    ref: PodRef,
    op: string,
  ): Promise<{ readonly before: ResidentPod; readonly fence: Fence }> {
    const before = this.#ports.residents.get(ref);
    if (before.component === undefined) {
      throw ownPod(ref, op);
    }
    const fence = await fenceOf(this.#ports.store, ref);
    if (fence === undefined) throw leaves(ref);
    return { before, fence };
  }
}

function joinLimits(before: Limits, change: LimitChange): Limits {
  const all: [string, number | null | undefined][] = Object.entries({ ...before, ...change });
  return Object.fromEntries(all.filter(([, value]) => typeof value === "number"));
}

function leaves({ pod }: PodRef): PeriError {
  return new PeriError("conflict", { op: "change a pod", subject: `${pod} is leaving` });
}
