/**
 * What the boxes tell a meter (ARCHITECTURE.md, "Watching").
 *
 * @module
 */

import type { Meter, Reading } from "../ports/meter.ts";
import type { Lane } from "./lane.ts";
import { decodeWaiting } from "./rows.ts";

/** What waits for one server. */
export interface Backlog {
  /** The server, or what keeps its messages from having one. */
  readonly server: string;
  readonly messages: number;
  /** Age of the oldest one that is in memory; 0 when none is. */
  readonly oldestMs: number;
}

/** What waits, by server; lanes whose recipient nobody could find stand below `nowhere`. */
export function backlogsOf(
  passages: Iterable<
    { readonly lane: Lane; readonly courier: { readonly name: string } | undefined }
  >,
  nowMs: number,
): readonly Backlog[] {
  const found = new Map<string, Backlog>();
  for (const { lane, courier } of passages) {
    const server = courier?.name ?? "nowhere";
    const [first] = lane.front(1, Infinity);
    const ageMs = first === undefined ? 0 : nowMs - decodeWaiting(first.bytes).createdMs;
    const { messages = 0, oldestMs = 0 } = found.get(server) ?? {};
    found.set(server, {
      server,
      messages: messages + lane.backlog,
      oldestMs: Math.max(oldestMs, ageMs),
    });
  }
  return [...found.values()];
}

/** How a bundle that was sent ended. */
export type DeliveryOutcome = "delivered" | "refused" | "expired";
/** What an envelope that came in got: a receipt, or a hint because it could not be read or believed. */
export type ArrivalOutcome = "answered" | "hinted";

/** The numbers of the boxes. */
export class BoxMeters {
  constructor(private readonly meter: Meter) {}

  /** Has the backlog read whenever somebody looks. */
  watch(read: () => readonly Backlog[]): void {
    const by = (value: (backlog: Backlog) => number) => (): readonly Reading[] =>
      read().map((backlog) => ({ value: value(backlog), labels: { server: backlog.server } }));
    this.meter.observe(
      "peri.outbox.waiting",
      "{message}",
      "messages that wait for a server",
      by(({ messages }) => messages),
    );
    this.meter.observe(
      "peri.outbox.oldest",
      "s",
      "age of the oldest message that waits for a server",
      by(({ oldestMs }) => oldestMs / 1000),
    );
  }

  /** Messages left the outbox; `createdMs` is asked only when somebody looks. */
  delivered(
    outcome: DeliveryOutcome,
    count: number,
    nowMs: number,
    createdMs: () => readonly number[],
  ): void {
    if (count === 0 || !this.meter.isOn) return;
    this.meter.count("peri.delivery.messages", count, { outcome });
    for (const created of outcome === "delivered" ? createdMs() : []) {
      this.meter.duration("peri.delivery.duration", Math.max(0, nowMs - created), {});
    }
  }

  /** An envelope came in. */
  arrived(outcome: ArrivalOutcome): void {
    this.meter.count("peri.inbox.envelopes", 1, { outcome });
  }
}
