import assert from "node:assert/strict";
import { join } from "node:path";
import { appendSection } from "../component.ts";
import { clientOf } from "./client.ts";
import { describeInterface } from "../../../wit/describe.ts";
import { resolvePackage } from "../../../wit/package.ts";

const WIT = `package a:birds@1.0.0;
/// Birds.
interface sightings {
  record seen { place: string, count: u32 }
  /// Tells of one.
  report: func(sighting: seen) -> u32;
  places: func() -> stream<seen>;
}
world pod { export sightings; }`;
const HEAD = new Uint8Array([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]);

async function withFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
  test: (path: (name: string) => string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "peri-client-test-" });
  try {
    for (const [name, content] of Object.entries(files)) {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await Deno.writeFile(join(folder, name), bytes);
    }
    await test((name) => join(folder, name));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function component(manifest: Record<string, unknown>): Promise<Uint8Array> {
  const [one] = await resolvePackage(WIT, []);
  const section = JSON.stringify({ offers: [describeInterface(one!)], ...manifest });
  return appendSection(HEAD, "peri:pod", new TextEncoder().encode(section));
}

Deno.test("a WIT file and a component that carries it give the same client", async () => {
  const files = { "birds.wit": WIT, "birds.wasm": await component({ wit: WIT }) };
  await withFiles(files, async (path) => {
    const text = await clientOf(path("birds.wit"));
    assert.match(text, /export abstract class Sightings extends Capability/);
    assert.match(text, /abstract report\(sighting: Seen\): Promise<u32>;/);
    assert.match(text, /Tells of one\./);
    assert.match(text, /from "@peri\/sdk";/);
    const carried = await clientOf(path("birds.wasm"));
    assert.equal(carried.replace("birds.wasm", "birds.wit"), text);
  });
});

Deno.test("a component without WIT, or with that of another interface, gives a client from its types", async () => {
  const other = WIT.replace("count: u32", "count: u64");
  const files = { "bare.wasm": await component({}), "lie.wasm": await component({ wit: other }) };
  await withFiles(files, async (path) => {
    for (const name of ["bare.wasm", "lie.wasm"]) {
      const text = await clientOf(path(name));
      assert.match(
        text,
        /abstract report\(sighting: \{ place: string; count: u32 \}\): Promise<u32>;/,
      );
      const [one] = await resolvePackage(WIT, []);
      assert.ok(text.includes(describeInterface(one!).capability), name);
    }
  });
});

Deno.test("what offers nothing, is no pod or lies about types has no client", async () => {
  const lie = { interface: "a:b/c", functions: { f: { type: { params: [], result: "u9" } } } };
  const files = {
    "empty.wit": "package a:b; interface c {}",
    "torn.wasm": HEAD.subarray(0, 8),
    "long.wasm": new Uint8Array([...HEAD, 0, 0xff, 0xff, 0xff, 0xff, 0x0f]),
    "lie.wasm": await component({ offers: [lie] }),
    "face.wasm": await component({ offers: [{ interface: "peri:face/files", functions: {} }] }),
  };
  await withFiles(files, async (path) => {
    await assert.rejects(clientOf(path("empty.wit")), /offers nothing that others can call/);
    await assert.rejects(clientOf(path("face.wasm")), /offers nothing that others can call/);
    await assert.rejects(clientOf(path("torn.wasm")), /it has no manifest/);
    await assert.rejects(clientOf(path("long.wasm")), /torn/);
    await assert.rejects(clientOf(path("lie.wasm")), /a:b\/c#f is not of a type that can travel/);
  });
});
