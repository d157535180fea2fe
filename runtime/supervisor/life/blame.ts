/**
 * What becomes of an event on which a pod broke: it is counted, and given up in the end.
 *
 * @module
 */

import { type ErrorRecord, PeriError } from "../../model/errors.ts";
import { MAX_EVENT_ATTEMPTS } from "../../model/limits.ts";
import type { InboxEvent } from "../../model/message.ts";
import { describeEnd } from "./faults.ts";
import type { Tape } from "../replay/tape.ts";
import { whereToLook } from "../turn/report.ts";
import type { ResidentPod } from "../resident.ts";
import { joinChanges } from "../rows.ts";
import { replyTo, retold } from "../turn/run.ts";
import { streamWork } from "../turn/stream.ts";
import type { Fence, TurnPorts, TurnsReason } from "../turn/terms.ts";

/** Counts a death against an event. A pod that has left meanwhile gets no row back. */
export async function blameEvent(
  ports: TurnPorts,
  pod: ResidentPod,
  event: InboxEvent,
  reason: TurnsReason,
  fence: Fence,
): Promise<void> {
  const tried = async (event: InboxEvent) => {
    const change = ports.mailbox.attempted(pod.ref, event);
    await ports.store.commit({ ...change, checks: [fence] });
  };
  if (event.attempts + 1 < MAX_EVENT_ATTEMPTS) return await tried(event);
  const error = stoppedBy(pod, reason).toRecord();
  const again = retold(event, error);
  if (again !== undefined) return await tried(again);
  await giveUp(ports, pod, event, error, fence);
}

/**
 * What whoever asked for a run is told that its pod did not survive.
 *
 * @param tape of the run, when its pod's own person asked: others cannot look at it
 */
export function stoppedBy({ ref }: ResidentPod, reason: TurnsReason, tape?: Tape): PeriError {
  const subject = `the pod ${ref.pod} was stopped: ${describeEnd(reason)}`;
  return new PeriError("internal", { op: "run a pod", subject, hint: whereToLook(ref, tape) });
}

async function giveUp(
  { mailbox, store, logs }: TurnPorts,
  { ref, manifest }: ResidentPod,
  event: InboxEvent,
  error: ErrorRecord,
  fence: Fence,
): Promise<void> {
  const outcome = { error };
  const work = streamWork(manifest, { event, outcome }, [], []);
  const mail = await mailbox.plan(ref, [], replyTo(event, outcome), [], work);
  let isCommitted = false;
  try {
    const parts = [mailbox.removal(ref, event), mail.change, { checks: [fence] }];
    isCommitted = await store.commit(joinChanges(parts));
  } finally {
    mail.settle(isCommitted);
  }
  const text = `gave up an event of ${event.message.from.person} after ${MAX_EVENT_ATTEMPTS} tries`;
  if (isCommitted) logs.note(ref, "error", text);
}
