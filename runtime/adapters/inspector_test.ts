import assert from "node:assert/strict";
import { join } from "node:path";
import { buildTrial, stampManifest } from "../../tests/pods/build.ts";
import { describeInterface } from "../../wit/describe.ts";
import { formatHex, sha256 } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { ShownInterface } from "../model/shown.ts";
import { openInspector } from "./inspector.ts";

const inspector = openInspector(join(import.meta.dirname!, "../.."));

async function refusal(run: () => Promise<unknown>): Promise<PeriError> {
  try {
    await run();
  } catch (thrown) {
    if (thrown instanceof PeriError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was refused");
}

Deno.test("a WIT text is read with its docs; it may name the contracts of peri", async () => {
  const shown = await inspector.wit(`package a:b@1.0.0;
/// The one.
interface %record { use peri:face/command@0.1.0.{verb}; /// Does it.
  f: func(x: verb); }
interface empty { type t = u8; }
world pod { import peri:face/petnames@0.1.0; }`);
  const [{ about, functions, wit, interface: name }] = shown as [typeof shown[number]];
  assert.deepEqual([shown.length, name, about], [1, "a:b/record", "The one."]);
  assert.deepEqual(functions.map(({ name, about }) => [name, about]), [["f", "Does it."]]);
  assert.match(wit, /interface %record \{/);
});

Deno.test("a contract of peri can be looked at itself", async () => {
  const face = await Deno.readTextFile(new URL("../../wit/face.wit", import.meta.url));
  const names = (await inspector.wit(face)).map((one) => one.interface);
  const all = [...face.matchAll(/^interface (\S+) \{/gm)].map(([, name]) => `peri:face/${name}`);
  assert.ok(all.includes("peri:face/command"));
  assert.deepEqual(names, all.toSorted());
});

Deno.test("what is no WIT is refused with its reason, and the next text is read", async () => {
  const { kind, subject } = await refusal(() => inspector.wit("package a:b; interface c { f }"));
  assert.deepEqual([kind, /expected/.test(subject)], ["invalid", true]);
  const { subject: unfit } = await refusal(() =>
    inspector.wit("package a:b; interface c { f: func(x: future<u8>); }")
  );
  assert.match(unfit, /function f of a:b\/c: a future cannot travel/);
  assert.equal((await inspector.wit("package a:b; interface c { f: func(); }")).length, 1);
});

Deno.test("an interface of ten thousand types is read or refused, and nothing breaks", async () => {
  const types = Array.from({ length: 10_000 }, (_, at) => `record t${at} { x: u32 }`).join(" ");
  const [shown] = await inspector.wit(`package a:b; interface c { ${types} f: func(x: t9999); }`);
  assert.deepEqual(shown?.functions[0]?.type, {
    params: [["x", { record: [["x", "u32"]] }]],
    result: null,
  });
});

Deno.test("a component is shown by its manifest and the hash of its bytes", async () => {
  const functions = new Map([["leave", { params: [["text", "string"]], result: null } as const]]);
  const offer = describeInterface({ name: "a:b/mail", functions });
  const manifest = {
    format: 1,
    world: "peri:pod/pod@0.1.0",
    name: "trial",
    version: "1.2.3",
    about: "Tries.",
    offers: [{ ...offer, supersedes: ["1".repeat(64)] }],
    needs: [],
  };
  const bytes = stampManifest(await buildTrial(), manifest);
  const { id, offers, needs, manifest: read } = await inspector.component(bytes);
  assert.deepEqual([id, read.version, needs], [formatHex(sha256(bytes)), "1.2.3", []]);
  assert.deepEqual([offers[0]?.capability, offers[0]?.supersedes], [
    offer.capability,
    ["1".repeat(64)],
  ]);
  assert.equal(offers[0]?.functions[0]?.line, "leave: func(text: string);");
  const lie = { ...manifest, offers: [{ ...offer, capability: "0".repeat(64) }] };
  const { subject } = await refusal(async () =>
    inspector.component(stampManifest(await buildTrial(), lie))
  );
  assert.match(subject, /lies/);
  assert.equal((await refusal(() => inspector.component(new Uint8Array(9)))).kind, "invalid");
});

Deno.test("what a pod carries documents its interfaces, unless it is of something else", async () => {
  const wit = `package a:b;
/// Letters.
interface mail { record letter { text: string } /// Leaves one.
  leave: func(letter: letter); }
world pod { export mail; }`;
  const [told] = await inspector.wit(wit) as [ShownInterface];
  const bare = { ...told, about: "", wit: "interface mail {}", supersedes: ["1".repeat(64)] };
  const [documented] = await inspector.document([bare], wit);
  assert.deepEqual(documented, { ...told, supersedes: bare.supersedes });
  const other = { ...bare, capability: "0".repeat(64) };
  assert.deepEqual(await inspector.document([other], wit), [other]);
  assert.deepEqual(await inspector.document([bare], "no WIT"), [bare]);
  assert.deepEqual(await inspector.document([bare], undefined), [bare]);
});
