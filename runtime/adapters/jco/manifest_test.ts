import assert from "node:assert/strict";
import { hashFunction, hashInterface } from "../../../wit/canonical.ts";
import type { FunctionType } from "../../../wit/types.ts";
import { encodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_MANIFEST_BYTES, readManifest } from "./manifest.ts";

const NAME = "peri:hey/mail";
const type: FunctionType = { params: [["text", "string"]], result: null };
const id = hashFunction(NAME, "leave", type);
const offer = {
  interface: NAME,
  capability: hashInterface(NAME, { leave: id }),
  functions: { leave: { id, type } },
};
const manifest = {
  format: 1,
  world: "peri:pod/pod@0.1.0",
  name: "hey",
  version: "1.0.0",
  about: "Letters.",
  offers: [offer],
  needs: [offer],
};

const read = (value: unknown) => readManifest(encodeUtf8(JSON.stringify(value)));

function refuses(value: unknown, kind: string, reason: RegExp): void {
  assert.throws(() => read(value), (thrown) => {
    assert(thrown instanceof PeriError);
    assert.equal(thrown.kind, kind);
    assert.match(thrown.message, reason);
    return true;
  });
}

Deno.test("an honest manifest is read", () => {
  const { name, offers, needs } = read(manifest);
  assert.equal(name, "hey");
  assert.deepEqual(offers, [offer]);
  assert.deepEqual(needs, [offer]);
});

Deno.test("a manifest that lies about a function, a capability or a need is refused", () => {
  const other: FunctionType = { params: [["text", "u8"]], result: null };
  const wrongType = { ...offer, functions: { leave: { id, type: other } } };
  const wrongWhole = { ...offer, capability: "0".repeat(64) };
  const renamed = { ...offer, interface: "peri:hey/post" };
  for (const lie of [wrongType, wrongWhole, renamed]) {
    refuses({ ...manifest, offers: [lie] }, "invalid", /lies.*offers/);
    refuses({ ...manifest, needs: [lie] }, "invalid", /lies.*needs/);
  }
  refuses({ ...manifest, offers: [offer, offer] }, "invalid", /twice/);
});

Deno.test("another world or format is a missing implementation", () => {
  refuses({ ...manifest, world: "peri:pod/pod@9.0.0" }, "missing-implementation", /9\.0\.0/);
  refuses({ format: 2, world: manifest.world, new: true }, "missing-implementation", /format 2/);
});

Deno.test("what has another shape is refused with the place", () => {
  refuses({ ...manifest, name: "Hey!" }, "invalid", /"name"/);
  refuses({ ...manifest, extra: 1 }, "invalid", /"extra"/);
  refuses({ ...manifest, about: "x".repeat(2_000) }, "invalid", /"about"/);
  const leave = { id, type: { params: [], result: "nothing" } };
  refuses({ ...manifest, offers: [{ ...offer, functions: { leave } }] }, "invalid", /type/);
  const functions = JSON.parse('{"__proto__": {"id": "", "type": null}}');
  refuses({ ...manifest, offers: [{ ...offer, functions }] }, "invalid", /offers/);
  refuses([], "invalid", /manifest/);
  refuses(null, "invalid", /manifest/);
});

Deno.test("bytes that are no JSON, too deep or too many are refused", () => {
  assert.throws(() => readManifest(new Uint8Array([0xff, 0xfe])), PeriError);
  assert.throws(() => readManifest(encodeUtf8("{")), PeriError);
  assert.throws(() => readManifest(encodeUtf8("[".repeat(200_000))), PeriError);
  assert.throws(
    () => readManifest(new Uint8Array(MAX_MANIFEST_BYTES + 1)),
    (thrown) => thrown instanceof PeriError && thrown.kind === "too-large",
  );
});

Deno.test("an offer names what it supersedes: other capabilities, each once, within a bound", () => {
  const ids = ["1", "2"].map((digit) => digit.repeat(64));
  const superseding = { ...offer, supersedes: ids };
  assert.deepEqual(read({ ...manifest, offers: [superseding] }).offers, [superseding]);
  const wrong = (supersedes: unknown, reason: RegExp) =>
    refuses({ ...manifest, offers: [{ ...offer, supersedes }] }, "invalid", reason);
  wrong([offer.capability], /supersedes itself/);
  wrong([ids[0], ids[0]], /twice/);
  wrong([], /supersedes/);
  wrong(["1"], /supersedes/);
  wrong(Array.from({ length: 17 }, (_, at) => String(at).padStart(64, "0")), /supersedes/);
  refuses({ ...manifest, needs: [superseding] }, "invalid", /needs/);
});
