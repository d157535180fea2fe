import assert from "node:assert/strict";
import { encodeUtf8 } from "../model/bytes.ts";
import type { BlobId } from "../model/words.ts";
import { counter } from "../../tests/helpers/guest.ts";
import { World } from "../../tests/helpers/world.ts";
import type { ResidentPod } from "./resident.ts";
import { Twins } from "./twins.ts";

const COMPONENT = "a".repeat(64) as BlobId;

async function somePod(): Promise<ResidentPod> {
  const world = await World.open();
  const ref = await world.install(counter);
  const pod = world.supervisor.residents.get(ref);
  await world.stop();
  return structuredClone(pod);
}

Deno.test("equal manifests and certificates of pods are held once", async () => {
  const pod = await somePod();
  const twins = new Twins();
  const one = twins.join(pod);
  const other = twins.join(structuredClone(pod));
  assert.equal(one.manifest, other.manifest);
  assert.equal(one.introduction.certificate, other.introduction.certificate);
  assert.deepEqual(one, pod);
});

Deno.test("what differs stays as it is", async () => {
  const pod = await somePod();
  const twins = new Twins();
  twins.join(pod);
  const { introduction, manifest } = pod;
  const changed: ResidentPod = {
    ...pod,
    manifest: { ...manifest, about: "an older program saw another" },
    introduction: { ...introduction, certificate: encodeUtf8("renewed") },
  };
  assert.deepEqual(twins.join(changed), changed);
  assert.deepEqual(twins.join(pod), pod);
});

Deno.test("a manifest is read once for all records that have its very text", () => {
  const twins = new Twins();
  const text = '{"name":"hey"}';
  const manifest = twins.read(COMPONENT, text);
  assert.deepEqual(manifest, { name: "hey" });
  assert.equal(twins.read(COMPONENT, text), manifest);
  assert.deepEqual(twins.read(COMPONENT, '{"name":"ho"}'), { name: "ho" });
  assert.notEqual(twins.read(undefined, text), twins.read(undefined, text));
});
