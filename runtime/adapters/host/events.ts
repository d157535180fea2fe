/**
 * Events in the shape of `wit/actor.wit` as jco and CBOR take it: an absent option is null.
 *
 * @module
 */

import type { Cbor } from "../../model/cbor.ts";
import type { ErrorRecord } from "../../model/errors.ts";
import type { PodEvent, RunOutcome } from "../../model/pod.ts";

/** The `peri:pod/types.event` of an event. */
export function formatEvent(event: PodEvent): Cbor {
  switch (event.kind) {
    case "call":
      return { tag: "call", val: formatCall(event) };
    case "settled": {
      const { invocation, step, outcome } = event;
      return { tag: "settled", val: { invocation, step, outcome: formatOutcome(outcome) } };
    }
    case "chunk":
      return { tag: "chunk", val: { invocation: event.invocation, data: event.data } };
    case "cancel":
      return { tag: "cancel", val: event.invocation };
  }
}

function formatCall(call: PodEvent & { kind: "call" }): Cbor {
  return {
    invocation: call.invocation,
    pod: call.pod,
    caller: { person: call.caller.person, pod: call.caller.pod ?? null },
    interface: call.interface,
    function: call.function,
    arguments: call.arguments,
    nowMs: call.nowMs,
    seed: call.seed,
    handle: call.handle ?? null,
    many: call.many ?? false,
    expiresMs: call.expiresMs ?? null,
  };
}

function formatOutcome(outcome: RunOutcome): Cbor {
  return "ok" in outcome
    ? { tag: "ok", val: outcome.ok }
    : { tag: "err", val: formatFailure(outcome.error) };
}

function formatFailure({ kind, op, subject, hint }: ErrorRecord): Cbor {
  return { kind, op, subject, hint: hint ?? null };
}
