/**
 * What a pod hears when its call does not succeed: each kind of docs/PROTOCOL.md, "What a caller is
 * told", from the caller's point of view.
 *
 * @module
 */

import assert from "node:assert/strict";
import { heard, hears, leftovers, settleTickers, tick, who } from "./ticker.ts";
import { Town } from "./town.ts";

const NOBODY = "F".repeat(40);

/** The one error Alice hears. */
async function errorAfter(
  act: (town: Town, alice: string, bob: string) => string[] | Promise<string[]>,
  passMs = 0,
): Promise<{ readonly kind: string; readonly subject: string } | undefined> {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  await tick(alice, ...await act(town, who(alice), who(bob)));
  await town.rest();
  if (passMs > 0) await town.clock.advance(passMs);
  const [said, ...more] = await hears(alice, 1);
  assert.deepEqual(more, []);
  await town.until(() => leftovers(alice, bob).length === 0, "nothing is left");
  return said?.error;
}

Deno.test("a function that nobody offers is answered with missing-implementation", async () => {
  const error = await errorAfter((_town, _alice, bob) => ["ask", bob, "nowhere"]);
  assert.equal(error?.kind, "missing-implementation");
  assert.match(error.subject, /test:ticker\/nowhere#nothing/);
});

Deno.test("a person whom nobody can be found under is answered with not-found", async () => {
  const error = await errorAfter((_town) => ["ask", "nobody at all", "x"]);
  assert.equal(error?.kind, "not-found");
});

Deno.test("a pod that nobody knows by the deadline is answered with not-found", async () => {
  const error = await errorAfter(() => ["ask", NOBODY, "x", "--ms", "60000"], 20 * 60_000);
  assert.equal(error?.kind, "not-found");
  assert.match(error.subject, new RegExp(NOBODY));
});

Deno.test("a pod that has been removed from its server is answered with not-found", async () => {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  await tick(alice, "ask", who(bob), "x");
  await hears(alice, 1);
  await bob.visit("pod.remove", { pod: "ticker" });
  await tick(alice, "ask", who(bob), "y", "--ms", "60000");
  await town.rest();
  await town.clock.advance(61_000);
  assert.equal((await hears(alice, 2))[1]?.error?.kind, "not-found");
});

Deno.test("a pod whose server does not answer by the deadline is answered with unreachable", async () => {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  await bob.stop();
  await tick(alice, "ask", who(bob), "x", "--ms", "60000");
  await town.rest();
  await town.clock.advance(61_000);
  assert.equal((await hears(alice, 1))[0]?.error?.kind, "unreachable");
});

Deno.test("a result that fits no message is answered with too-large", async () => {
  const error = await errorAfter((_town, _alice, bob) => ["ask", bob, "long"]);
  assert.equal(error?.kind, "too-large");
});

Deno.test("arguments that fit no message are refused before they leave", async () => {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  await assert.rejects(tick(alice, "ask", who(bob), "x".repeat(50_000)), { kind: "too-large" });
  assert.deepEqual(await heard(alice), []);
});

Deno.test("a pod that does not answer by the deadline is answered for with expired", async () => {
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  // The message arrives; what Bob's pod does with it never takes effect.
  bob.fault = (apply) => bob.commits > 0 ? Promise.resolve(false) : Promise.resolve(apply());
  bob.crashAfter();
  await tick(alice, "ask", who(bob), "x", "--ms", "60000");
  await town.rest();
  await town.clock.advance(61_000);
  const [said] = await hears(alice, 1);
  assert.equal(said?.error?.kind, "expired");
});

Deno.test("a refusal of the pod that was asked is heard as it was said", async () => {
  const error = await errorAfter((_town, _alice, bob) => ["ask", bob, "refuse"]);
  assert.deepEqual([error?.kind, error?.subject], ["denied", "not to you"]);
});

Deno.test("a stream that its pod refuses to open is heard as one error and stays closed", async () => {
  const error = await errorAfter((_town, _alice, bob) => ["follow", bob, "closed"]);
  assert.deepEqual([error?.kind, error?.subject], ["denied", "the topic is closed"]);
});
