/**
 * A pod that is one class, built and run in a real pod host: what its methods say passes the border
 * as the build read it, and the compiler takes what the build says of it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { buildPod } from "../../pods/build/build.ts";
import { readProject } from "../../pods/build/project.ts";
import { withPod } from "../../pods/build/try.ts";
import { openCompiler } from "../../runtime/adapters/compiler.ts";
import { openHosts } from "../../runtime/adapters/hosts.ts";
import type { PodEvent, PodProgram } from "../../runtime/model/pod.ts";
import { startPod } from "./answers.ts";

const POD = `
import { Capability, Commands, Pod, type Result, TypedError, type u32, type u64 } from "@peri/sdk";
export interface Sighting { place: string; count: u32; seenBy?: string }
export class NoSuchPlace extends TypedError<{ place: string }> {}
export class Zoo extends Capability {
  async weigh(grams: u64, photo: Uint8Array): Promise<Result<u64, string>> {
    return photo.length > 0 ? { ok: grams * 2n } : { err: "no photo" };
  }
}
class Words extends Commands {
  /** Says words. */
  async say(...words: string[]): Promise<string[]> { return words; }
}
/** Sightings. */
export default class Capybara extends Pod {
  readonly zoo = new Zoo(this);
  readonly words = new Words(this);
  /** Tells of a sighting.
   * @throws {NoSuchPlace} on the moon */
  async report(sighting: Sighting): Promise<Sighting> {
    if (sighting.place === "moon") throw new NoSuchPlace({ place: "moon" });
    return { ...sighting, seenBy: this.caller.person.slice(0, 4) };
  }
  async *sightings(near?: string): AsyncIterable<Sighting> {
    yield { place: near ?? "pond", count: 1 };
  }
}`;

interface BuiltHere {
  readonly program: PodProgram;
  readonly verbs: readonly string[];
  readonly wit: string | undefined;
}

async function build(): Promise<BuiltHere> {
  let built: BuiltHere | undefined;
  const head = `{ "name": "capybara", "version": "0.1.0", "about": "Sightings." }`;
  await withPod({ "pod.ts": POD, "pod.json": head }, async (folder) => {
    const { component } = await buildPod(await readProject(folder), join(folder, "dist"));
    const bytes = await Deno.readFile(component);
    const compiler = openCompiler({ cacheDir: folder });
    const { verbs = [], wit } = await compiler.inspect(bytes);
    const program = await compiler.compile(bytes);
    built = { program, verbs: verbs.map(({ name, usage }) => `${name} ${usage}`.trim()), wit };
  });
  return built!;
}

function call(of: string, args: unknown, more: object = {}): PodEvent {
  const [name = "", called = ""] = of.split("#");
  return {
    kind: "call",
    invocation: 1,
    pod: "capybara",
    caller: { person: "A".repeat(40) },
    interface: name,
    function: called,
    arguments: JSON.stringify(args),
    nowMs: 1_800_000_000_000,
    seed: 1,
    ...more,
  };
}

Deno.test("a class is built, read by the periphery and run by a pod host", async () => {
  const { program, verbs, wit } = await build();
  assert.deepEqual(verbs, [
    "report <place> <count> [--seen-by <text>]",
    "sightings [--near <text>]",
    "say [words…]",
    "weigh <grams> <photo>",
  ]);
  assert.match(wit ?? "", /report: func\(sighting: sighting\) -> result<sighting, report-error>;/);
  const sandbox = openHosts({ count: 1 });
  try {
    const finish = await startPod(sandbox, program);
    const answer = async (of: string, ...args: unknown[]) => {
      const { outcome } = await finish(call(of, args));
      return "ok" in outcome ? JSON.parse(outcome.ok) : outcome;
    };
    const sighting = { place: "pond", count: 2, "seen-by": null };
    assert.deepEqual(await answer("pod:capybara/capybara#report", sighting), {
      ok: { ...sighting, "seen-by": "AAAA" },
    });
    assert.deepEqual(await answer("pod:capybara/capybara#report", { ...sighting, place: "moon" }), {
      err: { tag: "no-such-place", val: { place: "moon" } },
    });
    assert.deepEqual(await answer("pod:capybara/zoo#weigh", "18446744073709551", "AQI"), {
      ok: "36893488147419102",
    });
    assert.deepEqual(await answer("pod:capybara/zoo#weigh", "1", ""), { err: "no photo" });
    const run = async (...argv: string[]) => {
      const { effects, outcome } = await finish(call("peri:face/command#run", [argv, false]));
      const text = effects.outputs.map(({ data }) => new TextDecoder().decode(data)).join("");
      return "ok" in outcome ? text : outcome;
    };
    assert.equal(await run("say", "a", "b c"), "a\nb c\n");
    assert.equal(await run("weigh", "4", "AQ", "--json"), '{"ok":"8"}\n');
    assert.match(String(await run("report", "--help")), /Tells of a sighting\./);
  } finally {
    await sandbox.close();
  }
});
