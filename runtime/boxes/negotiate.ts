/**
 * Negotiate: calls of an interface that the recipient's behalf does not name are answered here
 * instead of being sent (PROTOCOL.md, "Matching").
 *
 * @module
 */

import type { ErrorRecord } from "../model/errors.ts";
import { missingFunction } from "../model/missing.ts";
import { MAX_BUNDLE_MESSAGES } from "../model/limits.ts";
import type { Waiting } from "./lane.ts";
import type { Records } from "./record.ts";
import { isOffered, type Routed, type Router } from "./route.ts";
import { decodeWaiting } from "./rows.ts";

/** Calls of one function that are not sent, and what their posters are told. */
export interface Unoffered {
  readonly messages: readonly Waiting[];
  readonly error: ErrorRecord;
}

/** Calls that the recipient does not offer, those of one function together, in their order. */
export function planRefusals(
  { lane, offers }: Pick<Routed, "lane" | "offers">,
  messages: readonly Waiting[],
): Unoffered[] {
  if (offers === undefined) return [];
  const groups = new Map<string, { messages: Waiting[]; error: ErrorRecord }>();
  for (const message of messages) {
    if (isOffered({ offers }, message)) continue;
    const { body } = decodeWaiting(message.bytes);
    if (body.kind !== "call") continue;
    const name = `${body.interface}#${body.function} ${body.functionId} ${body.capability}`;
    const group = groups.get(name) ??
      { messages: [], error: missingFunction(lane.to.pod, body, offers) };
    group.messages.push(message);
    groups.set(name, group);
  }
  return [...groups.values()];
}

/**
 * The way on which the front of a lane may go. Calls that the recipient does not offer are given up
 * once its own server has confirmed it; then the lane is to be looked at again.
 *
 * @throws {PeriError} of the store; what was given up until then stays so.
 */
export async function negotiate(
  routed: Routed,
  router: Pick<Router, "refresh">,
  records: Pick<Records, "gaveUp">,
): Promise<Routed | "again"> {
  const { lane } = routed;
  const front = () => lane.front(MAX_BUNDLE_MESSAGES, Infinity);
  if (front().every((message) => isOffered(routed, message))) return routed;
  const fresh = await router.refresh(routed);
  const refusals = planRefusals(fresh, front());
  for (const { messages, error } of refusals) {
    await records.gaveUp(lane, messages, error, "refused");
  }
  return refusals.length === 0 ? fresh : "again";
}
