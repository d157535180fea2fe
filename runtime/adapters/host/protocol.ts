/**
 * What a periphery and its pod hosts say to each other. A frame holds a list of messages. The
 * periphery believes nothing a host says: {@link readFromHost} checks shapes and sizes.
 *
 * @module
 */

import type { Cbor } from "../../model/cbor.ts";
import { PeriError } from "../../model/errors.ts";
import type { PodEnd, PodOutput } from "../../model/pod.ts";
import { readOutput } from "./outputs.ts";

/** Periphery to host. `pod` numbers an instance and is never used twice with one host. */
export type ToHost =
  | { readonly kind: "script"; readonly hash: string; readonly text: string }
  | { readonly kind: "module"; readonly hash: string; readonly bytes: Uint8Array }
  /** Scripts and modules that no start names any more. */
  | { readonly kind: "forget"; readonly hashes: readonly string[] }
  | {
    readonly kind: "start";
    readonly pod: number;
    readonly script: string;
    /** Hashes of core modules by the name the script asks for. */
    readonly modules: { readonly [name: string]: string };
    readonly memoryBytes: number;
    readonly sliceMs: number;
    /** Rows that it has read or written are answered by the host. */
    readonly recalls: boolean;
    /** Those of one group have one share of the host's time together. */
    readonly group: string;
  }
  /** Events in the shape of `wit/actor.wit`. */
  | { readonly kind: "events"; readonly pod: number; readonly events: readonly Cbor[] }
  | { readonly kind: "stop"; readonly pod: number }
  | { readonly kind: "ping"; readonly count: number };

/** Host to periphery. An instance's last message is `ended`. */
export type FromHost =
  | { readonly kind: "started"; readonly pod: number; readonly memoryBytes: number }
  | { readonly kind: "outputs"; readonly pod: number; readonly outputs: readonly PodOutput[] }
  | {
    readonly kind: "ended";
    readonly pod: number;
    readonly end: PodEnd;
    /** Why, for the pod's log. */
    readonly note: string;
  }
  | {
    readonly kind: "pong";
    readonly count: number;
    /** Instances whose memory has grown since the last time, and what it is now. */
    readonly grown: readonly { readonly pod: number; readonly memoryBytes: number }[];
  };

/** Whether there may be bytes in a message, which only CBOR carries. */
export function hasBytes(message: ToHost | FromHost): boolean {
  switch (message.kind) {
    case "module":
      return true;
    case "events":
      return message.events.some((event) => (event as { tag?: unknown }).tag === "chunk");
    case "outputs":
      return message.outputs.some((output) =>
        "effects" in output && output.effects.outputs.length > 0
      );
    default:
      return false;
  }
}

/** About the characters of a message to a host that may be many. */
export function lengthOf(message: ToHost): number {
  if (message.kind !== "events") return 0;
  let length = 0;
  for (const event of message.events) {
    const { tag, val } = event as { tag: string; val: { outcome?: { val: unknown } } };
    const text = tag === "settled" ? val.outcome?.val : undefined;
    if (typeof text === "string") length += text.length;
  }
  return length;
}

/** Longest frame to a host: a core module, or an answer of which every character is escaped. */
export const MAX_TO_HOST_BYTES = 64 * 1024 * 1024;
/** Messages to a host go into one frame while their texts are not longer together. */
export const FULL_FRAME = 4 * 1024 * 1024;
/** Longest frame from a host: what one pod says in one slice, with CBOR's overhead. */
export const MAX_FROM_HOST_BYTES = 32 * 1024 * 1024;
/** Most messages in one frame. */
export const MAX_MESSAGES = 10_000;
/** Most outputs of one slice. */
export const MAX_SLICE_OUTPUTS = 2_000;
/** Most bytes that leave a guest in one slice, as they are copied out of it: what a turn may write. */
export const MAX_SLICE_BYTES = 20 * 1024 * 1024;
/** Longest line of a pod's log, in UTF-16 units; the rest is cut off. */
export const MAX_LINE = 4_000;

const ENDS: readonly string[] = ["stopped", "time", "memory", "trap"];

/**
 * The messages of a frame from a host.
 *
 * @throws {PeriError} `damaged` for anything but well-formed messages.
 */
export function readFromHost(frame: Cbor): FromHost[] {
  if (!Array.isArray(frame) || frame.length > MAX_MESSAGES) throw refuse("a frame");
  return frame.map(readMessage);
}

function readMessage(value: Cbor): FromHost {
  const fields = (typeof value === "object" && value !== null ? value : {}) as Fields;
  switch (fields.kind) {
    case "started":
      return { kind: "started", ...readMemory(fields) };
    case "pong":
      return { kind: "pong", count: readNumber(fields.count), grown: readGrown(fields.grown) };
    case "outputs":
      return { kind: "outputs", pod: readNumber(fields.pod), outputs: readOutputs(fields.outputs) };
    case "ended":
      return readEnded(fields);
    default:
      throw refuse("a message of an unknown kind");
  }
}

interface Fields {
  readonly [key: string]: Cbor | undefined;
}

function readMemory({ pod, memoryBytes }: Fields): { pod: number; memoryBytes: number } {
  return { pod: readNumber(pod), memoryBytes: readNumber(memoryBytes) };
}

function readGrown(value: Cbor | undefined): { pod: number; memoryBytes: number }[] {
  if (!Array.isArray(value) || value.length > MAX_MESSAGES) throw refuse("memory");
  return value.map((one) =>
    readMemory((typeof one === "object" && one !== null ? one : {}) as Fields)
  );
}

function readEnded(fields: Fields): FromHost {
  const { end, note } = fields;
  if (typeof end !== "string" || !ENDS.includes(end)) throw refuse("an end");
  if (typeof note !== "string" || note.length > MAX_LINE) throw refuse("a note");
  return { kind: "ended", pod: readNumber(fields.pod), end: end as PodEnd, note };
}

function readOutputs(value: Cbor | undefined): PodOutput[] {
  if (!Array.isArray(value) || value.length > MAX_SLICE_OUTPUTS + 1) throw refuse("outputs");
  return value.map(readOutput);
}

function readNumber(value: Cbor | undefined): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw refuse("a number");
}

function refuse(what: string): PeriError {
  return new PeriError("damaged", { op: "hear pod host", subject: `it sent ${what} out of form` });
}
