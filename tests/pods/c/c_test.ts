/**
 * A pod in C, of which the SDK knows nothing: it is the capability that its WIT says, and answers a
 * pod in TypeScript on another server.
 *
 * @module
 */

// needs: clang wasm-ld

import assert from "node:assert/strict";
import { join } from "node:path";
import { buildPod } from "../../../pods/build/build.ts";
import { planProject } from "../../../pods/build/generate.ts";
import { readProject } from "../../../pods/build/project.ts";
import { inspectComponent } from "../../../runtime/adapters/jco/inspect.ts";
import { readComponent } from "../../../runtime/adapters/jco/component.ts";
import { askPod, talk } from "../../processes/client.ts";
import { openTown } from "../../processes/town.ts";
import { makeBirds } from "./make.ts";

const TWIN = join(import.meta.dirname!, "twin");

const made = makeBirds();

Deno.test("the C pod has the fingerprint of its twin in TypeScript, one from WIT, one from a class", async () => {
  const { offers } = inspectComponent(await made);
  const { manifest } = await planProject(await readProject(TWIN));
  const twin = manifest.offers.find((offer) => offer.interface === "test:nest/sightings");
  assert.deepEqual(offers.map((offer) => offer.capability), [twin?.capability]);
  for (const [name, { id }] of Object.entries(offers[0]!.functions)) {
    assert.equal(id, twin?.functions[name]?.id, name);
  }
});

Deno.test("the C pod is small and wants nothing but its host", async () => {
  const bytes = await made;
  const foreign = readComponent(bytes).imports.filter((name) => !name.startsWith("peri:pod/"));
  assert.deepEqual(foreign, []);
  assert.ok(bytes.length < 150_000, `${bytes.length} bytes`);
});

Deno.test("the C pod answers a pod in TypeScript on another server: values, streams, refusals", async () => {
  await using town = await openTown();
  const { alice, bob } = town;
  const file = `${alice.scene.folder}/birds.wasm`;
  await Deno.writeFile(file, await made);
  await alice.types("pod", "install", file, "--yes");
  const { component } = await buildPod(await readProject(TWIN), `${bob.scene.folder}/pods`);
  await bob.types("pod", "install", component, "--yes");

  const asks = async (...words: string[]) =>
    (await askPod(bob, ["birds", ...words, "--of", "alice", "--json"])).split("\n").slice(0, -1)
      .map((line) => JSON.parse(line));
  const refused = async (...words: string[]) => {
    const { error } = await talk(bob, ["birds", ...words, "--of", "alice"]);
    return [error?.kind, error?.subject];
  };
  const odd = 'a "pond"\\ by the \u00e9glise \u{1f986}';
  assert.deepEqual(await asks("report", odd, "2"), [2]);
  assert.deepEqual(await asks("report", odd, "40"), [42]);
  assert.deepEqual(await asks("report", "wood", "4294967295"), [4294967295]);
  assert.deepEqual(await asks("total"), ["4294967337"]);
  assert.deepEqual(await asks("places"), [
    { place: odd, count: 42 },
    { place: "wood", count: 4294967295 },
  ]);
  assert.deepEqual(await refused("report", "wood", "1"), ["too-large", "nobody counts so many"]);
  const long = await refused("report", "x".repeat(600), "1");
  assert.deepEqual(long, ["too-large", "a place of over 500 bytes"]);
  assert.deepEqual(await asks("total"), ["4294967337"]);
});
