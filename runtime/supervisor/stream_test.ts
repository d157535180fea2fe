import assert from "node:assert/strict";
import { MAX_DEADLINE_MS } from "../model/limits.ts";
import type { Call, InboxEvent } from "../model/message.ts";
import type { Manifest } from "../model/pod.ts";
import {
  parseCapabilityId,
  parseFunctionId,
  parseFunctionName,
  parseInterfaceName,
  parsePodRef,
  tokenFromBytes,
} from "../model/words.ts";
import { openedBy } from "./stream.ts";

const ID = parseFunctionId("a".repeat(64));
const CAPABILITY = parseCapabilityId("c".repeat(64));
const POD = parsePodRef(`${"A".repeat(40)}/ticker`);
const CALLER = parsePodRef(`${"B".repeat(40)}/hey`);
const TICKS = parseFunctionName("ticks");
const NAME = parseInterfaceName("test:ticker/ticks");
const MANIFEST: Manifest = {
  name: POD.pod,
  version: "1.0.0",
  about: "",
  offers: [{
    interface: NAME,
    capability: CAPABILITY,
    functions: { [TICKS]: { id: ID, type: { params: [], result: { stream: "u32" } } } },
  }],
  needs: [],
};

function callUntil(expiresMs: number): InboxEvent {
  const body: Call = {
    kind: "call",
    token: tokenFromBytes(new Uint8Array(16)),
    capability: CAPABILITY,
    interface: NAME,
    function: TICKS,
    functionId: ID,
    payload: "[]",
  };
  const message = { from: CALLER, to: POD, sequence: 1, createdMs: 0, expiresMs, body };
  return { arrival: 1, receivedMs: 1_000, attempts: 0, message };
}

Deno.test("a stream is over when its call expires, and never later than any message may", () => {
  assert.equal(openedBy(callUntil(5_000), MANIFEST)?.dueMs, 5_000);
  const endless = openedBy(callUntil(Date.UTC(9999, 11, 31)), MANIFEST);
  assert.equal(endless?.dueMs, 1_000 + MAX_DEADLINE_MS);
});
