/**
 * What ends a real server, and what is left of it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { buildPod } from "../../pods/build/build.ts";
import { readProject } from "../../pods/build/project.ts";
import { letters, talk } from "./client.ts";
import { openTown, type Town } from "./town.ts";
import { commandOf, descendants, type Known, living } from "./tree.ts";
import { pause, until } from "./wait.ts";

/** Longest time from a signal to the end of the server. */
const END_MS = 5_000;
/** Time a child has to notice that its parent is gone. */
const ORPHAN_MS = 3_000;

/** A letter that is being typed: the pod reads standard input and has not seen its end. */
async function type({ alice }: Town): Promise<Deno.ChildProcess> {
  const typing = alice.start(["hey", "leave-message", "bob", "-"]);
  const writer = typing.stdin.getWriter();
  await writer.write(new TextEncoder().encode("half a lett"));
  writer.releaseLock();
  // It is being read when this is taken while more is waited for.
  await pause(500);
  return typing;
}

interface Ended {
  readonly code: number;
  readonly tookMs: number;
  /** What the server had started. */
  readonly below: readonly Known[];
}

async function end({ alice }: Town, signal: Deno.Signal): Promise<Ended> {
  const below = descendants(alice.pid!);
  const startMs = performance.now();
  const code = await alice.stop(signal);
  return { code, tookMs: performance.now() - startMs, below };
}

/** Bob's server is gone, so that what Alice writes to him waits. */
async function writeToTheDead({ alice, bob }: Town): Promise<void> {
  await bob.stop("SIGKILL");
  const { exitCode, stdout } = await talk(alice, ["hey", "leave-message", "bob", "are you there?"]);
  assert.equal(exitCode, 0, stdout);
}

async function restart({ alice, places }: Town): Promise<void> {
  const { port, url } = places.get(alice)!;
  await alice.serve(port, url);
}

async function leave(typing: Deno.ChildProcess): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await typing.output();
  await typing.stdin.close().catch(() => {});
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("signals end a server in good order, whatever it is doing", async (t) => {
  await using town = await openTown();
  const { alice } = town;
  await writeToTheDead(town);

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    await t.step(
      `${signal} while a letter is typed and another waits for a dead server`,
      async () => {
        const typing = await type(town);
        const { code, tookMs, below } = await end(town, signal);
        assert.equal(code, 0);
        assert(tookMs < END_MS, `it took ${tookMs} ms`);
        assert.notEqual(below.length, 0);
        assert.deepEqual(living(below), []);
        assert.throws(() => Deno.statSync(`${alice.home}/control.sock`), Deno.errors.NotFound);
        const client = await leave(typing);
        assert.notEqual(client.code, 0);
        assert.match(client.stderr, /^peri: cannot .*\n(hint: .*\n)?$/);
        await restart(town);
      },
    );
  }

  await t.step("SIGTERM while a pod is compiled leaves no compiler behind", async () => {
    const project = await readProject(new URL("rogue", import.meta.url).pathname);
    const { component } = await buildPod(project, `${alice.scene.folder}/pods`);
    const { pid } = alice;
    const installing = alice.start(["pod", "install", component, "--yes"]);
    const compilers = () =>
      descendants(pid!).filter((child) => commandOf(child.pid).includes("jco/main.ts"));
    await until(() => compilers().length > 0, "a compiler starts", 20_000);
    const { code, tookMs, below } = await end(town, "SIGTERM");
    assert.deepEqual(living(below), []);
    assert.equal(code, 0);
    assert(tookMs < END_MS, `it took ${tookMs} ms`);
    const { stderr } = await leave(installing);
    assert.doesNotMatch(stderr, /\bat .*\.ts:\d+/);
    await restart(town);
    assert.equal((await alice.run(["pod", "install", component, "--yes"])).code, 0);
  });

  await t.step("a pod host that is killed is replaced", async () => {
    const names = () => talk(alice, ["hey", "names"]);
    assert.equal((await names()).exitCode, 0);
    const hosts = descendants(alice.pid!);
    assert.notEqual(hosts.length, 0);
    hosts.forEach(({ pid }) => Deno.kill(pid, "SIGKILL"));
    // Whoever comes before that is noticed may be told that the process ended.
    await until(async () => (await names()).exitCode === 0, "the pod is back", 10_000);
    assert.deepEqual(living(hosts), []);
  });

  await t.step("SIGKILL leaves no pod host behind", async () => {
    assert.equal((await talk(alice, ["hey", "names"])).exitCode, 0);
    const typing = await type(town);
    const { code, below } = await end(town, "SIGKILL");
    assert.equal(code, 137);
    assert.notEqual(below.length, 0);
    await until(() => living(below).length === 0, "pod hosts end", ORPHAN_MS);
    const client = await leave(typing);
    assert.equal(client.code, 11);
    assert.match(client.stderr, /went away before it had answered\nhint: peri status/);
  });

  await t.step("what waited through all of it is delivered, and nothing half typed", async () => {
    await restart(town);
    const { port, url } = town.places.get(town.bob)!;
    await town.bob.serve(port, url);
    const texts = async () => (await letters(town.bob)).map(({ start }) => start);
    await until(async () => (await texts()).length > 0, "the letter arrives", 20_000);
    assert.deepEqual(await texts(), ["are you there?"]);
  });
});
