import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Answer, InboxEvent } from "../../model/message.ts";
import type { Manifest } from "../../model/pod.ts";
import {
  type FunctionId,
  parseFingerprint,
  parsePodName,
  tokenFromBytes,
} from "../../model/words.ts";
import { checkedEvent } from "./stream.ts";

const id = "f".repeat(64) as FunctionId;
const stream = "e".repeat(64) as FunctionId;
const FUNCTIONS = {
  one: { id, type: { params: [], result: "u8" } },
  many: { id: stream, type: { params: [], result: { stream: "u8" } } },
};
const MANIFEST = { needs: [{ functions: FUNCTIONS }], offers: [] } as unknown as Manifest;
const POD = { person: parseFingerprint("A".repeat(40)), pod: parsePodName("hey") };

function eventOf(ok: string, functionId: FunctionId | undefined, end = true): InboxEvent {
  const token = tokenFromBytes(new Uint8Array(16));
  const body: Answer = { kind: "answer", token, index: 0, end, outcome: { ok } };
  const message = { from: POD, to: POD, sequence: 1, createdMs: 0, expiresMs: 1, body };
  const mark = functionId === stream ? { isStream: true as const } : {};
  const named = functionId === undefined ? {} : { functionId };
  const continuation = { then: "take", note: "1", ...named, ...mark };
  return { arrival: 1, receivedMs: 0, attempts: 0, message, continuation };
}

/** The kind of the error that the pod is given; undefined for what was said. */
function errorOf(event: InboxEvent): string | undefined {
  const { body } = checkedEvent(event, MANIFEST).message;
  return body.kind === "answer" && "error" in body.outcome ? body.outcome.error.kind : undefined;
}

Deno.test("an answer of another type than was asked for is an error", () => {
  strictEqual(errorOf(eventOf("7", id)), undefined);
  for (const ok of ["300", '"7"', "null", "{", "[7]"]) {
    strictEqual(errorOf(eventOf(ok, id)), "invalid");
  }
});

Deno.test("an item of a stream is of its type, and its end says nothing", () => {
  strictEqual(errorOf(eventOf("7", stream, false)), undefined);
  strictEqual(errorOf(eventOf("300", stream, false)), "invalid");
  strictEqual(errorOf(eventOf("null", stream)), undefined);
  strictEqual(errorOf(eventOf("7", stream)), "invalid");
});

Deno.test("what the manifest does not name is given as it is", () => {
  const other = eventOf('"anything"', "0".repeat(64) as FunctionId);
  deepStrictEqual(checkedEvent(other, MANIFEST), other);
  const errand = eventOf('"anything"', undefined);
  deepStrictEqual(checkedEvent(errand, MANIFEST), errand);
});
