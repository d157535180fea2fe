/**
 * `pod.info`: all there is to tell of a pod.
 *
 * @module
 */

import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { podOf } from "../wishes.ts";
import { recordOf } from "./list.ts";

/** `{pod}` → one record. Capabilities are shown with their fingerprints. */
export function showPod({ supervisor }: Pick<Home, "supervisor">): Operation {
  return async (args, session) => {
    const info = await supervisor.info(podOf(args, session));
    const named = (offers: typeof info.manifest.offers) =>
      offers.map((offer) => `${offer.interface} ${offer.capability}`);
    session.item({
      ...recordOf(info),
      component: info.component,
      podKey: info.podKey,
      server: info.endpoint,
      offers: named(info.manifest.offers),
      needs: named(info.manifest.needs),
      stateBytes: info.stateBytes,
      maxStateBytes: info.budget.stateBytes,
      memoryBytes: info.status.memoryBytes,
      maxMemoryBytes: info.budget.memoryBytes,
      maxSliceMs: info.budget.sliceMs,
      messagesThisMinute: info.status.messages,
      maxMessagesPerMinute: info.budget.messagesPerMinute,
      maxMessageBytes: info.budget.messageBytes,
      maxStreams: info.budget.streams,
      maxLogPerMinute: info.budget.logPerMinute,
      waitingEvents: info.waitingEvents,
      waitingRuns: info.waitingRuns,
      failures: info.status.failures,
      next: info.next,
      lastFault: info.status.lastFault,
    });
    return 0;
  };
}
