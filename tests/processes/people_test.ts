/**
 * What people do to `peri` while it works for them: no server, Ctrl-C, closed streams.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Person } from "../../tools/demo/person.ts";
import { type Letter, letters } from "./client.ts";
import { openTown } from "./town.ts";
import { pause, until } from "./wait.ts";

const SETTLE_MS = 30_000;
const LEAVE = ["hey", "leave-message", "bob"];

/** A command in the middle of a shell's line, with what it is given to read. */
async function shell(person: Person, args: readonly string[], line: string, input = "") {
  const child = person.start(args, `${line}; exit`);
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Starts a letter, types half of it, presses Ctrl-C. */
async function interrupt(person: Person): Promise<{ code: number; stderr: string }> {
  const child = person.start([...LEAVE, "-"]);
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("half a lett"));
  // It reads; before that there would be nothing to interrupt.
  await pause(700);
  child.kill("SIGINT");
  const { code, stderr } = await child.output();
  await writer.close().catch(() => {});
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("people may leave, press Ctrl-C or look away at any time", async (t) => {
  await using town = await openTown();
  const { alice, bob } = town;
  const texts = async (from: Promise<Letter[]>) => (await from).map(({ start }) => start);
  const restart = async () => {
    const { port, url } = town.places.get(alice)!;
    await alice.serve(port, url);
  };

  await t.step("without a server a message waits in the home until one runs", async () => {
    assert.equal(await alice.stop("SIGTERM"), 0);
    const left = await alice.run([...LEAVE, "while I was out"]);
    assert.deepEqual(left, {
      code: 0,
      stdout: "left for bob (waits until bob's server takes it)\n",
      stderr: "",
    });
    const [waiting] = await alice.records<{ state: string }>("outbox", "list");
    assert.equal(waiting?.state, "waiting");
    assert.deepEqual(await letters(bob), []);
    const { code } = await interrupt(alice);
    assert.equal(code, 130, "Ctrl-C, when the pod runs in the command's own process");
    await restart();
    await until(async () => (await letters(bob)).length > 0, "it arrives", SETTLE_MS);
    await until(
      async () => (await letters(alice, "--sent"))[0]?.fate === "delivered",
      "its sender knows",
      SETTLE_MS,
    );
  });

  await t.step("Ctrl-C while a letter is typed ends it with 130 and leaves nothing", async () => {
    assert.deepEqual(await interrupt(alice), { code: 130, stderr: "" });
    assert.deepEqual(await texts(letters(alice, "--sent")), ["while I was out"]);
  });

  await t.step("a reader that has enough ends a command quietly", async () => {
    for (let n = 0; n < 3; n++) await alice.run([...LEAVE, "x".repeat(16_000)]);
    for (
      const args of [["hey", "list", "--sent"], ["pod", "list", "--json"], ["hey", "read", "2"]]
    ) {
      const { stdout, stderr } = await shell(alice, args, `"$0" "$@" | head -c 3`);
      assert.equal(stdout.length, 3);
      assert.equal(stderr, "");
    }
  });

  await t.step("streams that are closed or full", async () => {
    const ask = ["hey", "names"];
    const said = await shell(alice, ask, `"$0" "$@" <&- 2>&-; echo $?`);
    assert.equal(said.stderr, "");
    assert.match(said.stdout, /^.*bob.*\n0\n$/);
    assert.deepEqual(await shell(alice, ask, `"$0" "$@" >&-`), { stdout: "", stderr: "" });
    const full = await shell(alice, ask, `"$0" "$@" >/dev/full; echo $?`);
    assert.equal(full.stdout, "9\n");
    assert.match(full.stderr, /^peri: cannot write the output: No space left.*\nhint: .*\n$/);
  });

  await t.step("a server goes on when nobody reads what it says", async () => {
    assert.equal(await alice.stop("SIGTERM"), 0);
    const { port } = town.places.get(alice)!;
    const args = ["serve", "--listen", `127.0.0.1:${port}`];
    const piped = alice.start(args, `"$0" "$@" 2>&1 | head -n 1; exit`);
    await piped.stdin.close();
    const lines = piped.stdout.pipeThrough(new TextDecoderStream()).getReader();
    assert.match((await lines.read()).value ?? "", /^peri serves/);
    assert.equal((await alice.run([...LEAVE, "is anybody reading?"])).code, 0);
    const [status] = await alice.records<{ serving: boolean }>("status");
    assert.equal(status?.serving, true);
    await until(
      async () => (await texts(letters(bob))).includes("is anybody reading?"),
      "it delivers",
      SETTLE_MS,
    );
    Deno.kill(Number(Deno.readTextFileSync(`${alice.home}/lock`).split("\n")[0]), "SIGTERM");
    await Promise.all([piped.status, lines.cancel(), piped.stderr.cancel()]);
  });
});
