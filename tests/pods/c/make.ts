/**
 * From C to a pod, with nothing of the SDK: clang makes a core module, wasm-tools a component of the
 * world `peri:pod/pod`, and the manifest is written as docs/PROTOCOL.md says.
 *
 * @module
 */

import { componentEmbed, componentNew } from "@bytecodealliance/jco-transpile/wasm-tools";
import { join } from "node:path";
import { appendSection } from "../../../pods/build/component.ts";
import { describeInterface } from "../../../wit/describe.ts";
import { resolveWorld } from "../../../wit/tree.ts";

const FOLDER = import.meta.dirname!;
const CONTRACTS = join(FOLDER, "../../../wit");

/** What clang is told: no entry, no start code, and a stack that traps instead of overwriting. */
const FLAGS = [
  "--target=wasm32-wasi",
  "-std=c11",
  "-O2",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-nostartfiles",
  "-Wl,--no-entry",
  "-Wl,--stack-first",
];

/** The birds pod as a component with its manifest. @throws {Error} with what clang said. */
export async function makeBirds(): Promise<Uint8Array> {
  const witSource = await Deno.readTextFile(join(CONTRACTS, "actor.wit"));
  const core = await compile(join(FOLDER, "pod.c"));
  const options = { binary: core, witSource, world: "pod" };
  const embedded = await componentEmbed(options as Parameters<typeof componentEmbed>[0]);
  const component = new Uint8Array(await componentNew(embedded, []));
  const manifest = new TextEncoder().encode(JSON.stringify(await manifestOf()));
  return appendSection(component, "peri:pod", manifest);
}

async function compile(source: string): Promise<Uint8Array> {
  const output = await Deno.makeTempFile({ prefix: "peri-c-", suffix: ".wasm" });
  try {
    const args = [...FLAGS, "-I", join(CONTRACTS, "c"), "-o", output, source];
    const { success, stderr } = await new Deno.Command("clang", { args }).output();
    const needs = "needs: clang lld wasi-libc libclang-rt-dev-wasm32";
    if (!success) throw new Error(`${new TextDecoder().decode(stderr)}${needs}`);
    return await Deno.readFile(output);
  } finally {
    await Deno.remove(output);
  }
}

async function manifestOf() {
  const { exports } = await resolveWorld(await Deno.readTextFile(join(FOLDER, "birds.wit")), "pod");
  return {
    format: 1,
    world: "peri:pod/pod@0.1.0",
    name: "birds",
    version: "0.1.0",
    about: "Counts birds that people have seen, in C.",
    offers: exports.map(describeInterface),
    needs: [],
  };
}

if (import.meta.main) {
  const [path = "birds.wasm"] = Deno.args;
  await Deno.writeFile(path, await makeBirds());
  console.error(`made ${path}`);
}
