/**
 * What ends a real server, and what is left of it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { appendSection } from "../../pods/build/component.ts";
import { buildOnce } from "../helpers/programs.ts";
import { letters, talk } from "./client.ts";
import { openTown, type Town } from "./town.ts";
import { commandOf, descendants, type Known, living } from "./tree.ts";
import { until } from "./wait.ts";

/** Longest time from a signal to the end of the server. */
const END_MS = 15_000;
/** Time a child has to notice that its parent is gone. */
const ORPHAN_MS = 15_000;

/** A pod that does as it is told. */
async function buildRogue(): Promise<string> {
  return await buildOnce(new URL("rogue", import.meta.url).pathname);
}

/** Somebody at a prompt: the pod reads standard input and has not seen its end. */
async function type({ alice }: Town): Promise<Typing> {
  const child = alice.start(["rogue", "listen"]);
  const output = child.stdout.getReader();
  const { value } = await output.read();
  assert.equal(new TextDecoder().decode(value), "listening\n");
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("half a line"));
  return {
    async end() {
      const [{ code }, stderr] = await Promise.all([child.status, text(child.stderr)]);
      await Promise.all([output.cancel(), writer.close().catch(() => {})]);
      return { code, stderr };
    },
  };
}

interface Typing {
  /** Resolves when the command has ended by itself. */
  end(): Promise<{ readonly code: number; readonly stderr: string }>;
}

async function text(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream).text();
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

Deno.test("signals end a server in good order, whatever it is doing", async (t) => {
  await using town = await openTown();
  const { alice } = town;
  const component = await buildRogue();
  await alice.types("pod", "install", component, "--yes");
  await writeToTheDead(town);

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    await t.step(
      `${signal} while somebody types and a letter waits for a dead server`,
      async () => {
        const typing = await type(town);
        const { code, tookMs, below } = await end(town, signal);
        assert.equal(code, 0);
        assert(tookMs < END_MS, `it took ${tookMs} ms`);
        assert.notEqual(below.length, 0);
        assert.deepEqual(living(below), []);
        assert.throws(() => Deno.statSync(`${alice.home}/control.sock`), Deno.errors.NotFound);
        const client = await typing.end();
        assert.equal(client.code, 10);
        assert.match(
          client.stderr,
          /^peri: cannot run a command: the server is ending\nhint: peri/,
        );
        await restart(town);
      },
    );
  }

  await t.step("SIGTERM while a pod is compiled leaves no compiler behind", async () => {
    // The same pod by another hash, which is not in the cache.
    const fresh = `${alice.scene.folder}/fresh.wasm`;
    const bytes = appendSection(Deno.readFileSync(component), "note", new Uint8Array(1));
    Deno.writeFileSync(fresh, bytes);
    const { pid } = alice;
    const installing = alice.start(["pod", "install", fresh, "--as", "fresh", "--yes"]);
    const compilers = () =>
      descendants(pid!).filter((child) => commandOf(child.pid).includes("jco/main.ts"));
    await until(() => compilers().length > 0, "a compiler starts", 20_000);
    const { code, tookMs, below } = await end(town, "SIGTERM");
    assert.deepEqual(living(below), []);
    assert.equal(code, 0);
    assert(tookMs < END_MS, `it took ${tookMs} ms`);
    await installing.stdin.close();
    const said = new TextDecoder().decode((await installing.output()).stderr);
    assert.doesNotMatch(said, /\bat .*\.ts:\d+/);
    await restart(town);
    // Whether the first one was done in the time a server has to end or not.
    await alice.types("pod", "install", fresh, "--as", "again", "--yes");
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
    const client = await typing.end();
    assert.equal(client.code, 11);
    assert.match(client.stderr, /went away before it had answered\nhint: peri status/);
  });

  await t.step("what waited through all of it is delivered, once", async () => {
    await restart(town);
    const { port, url } = town.places.get(town.bob)!;
    await town.bob.serve(port, url);
    const texts = async () => (await letters(town.bob)).map(({ start }) => start);
    await until(async () => (await texts()).length > 0, "the letter arrives", 20_000);
    assert.deepEqual(await texts(), ["are you there?"]);
  });
});
