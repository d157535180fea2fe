/**
 * Effects that a run may not have.
 *
 * @module
 */

import assert from "node:assert/strict";
import { counter, type Guest } from "../../../tests/helpers/guest.ts";
import { World } from "../../../tests/helpers/world.ts";

const BAD_EFFECTS: Record<string, [Guest, string]> = {
  "a post to a person that is none": [(run) => run.post({ person: "bob" }), "invalid"],
  "arguments that are no list": [(run) => run.post({ arguments: "{}" }), "invalid"],
  "arguments that are no JSON": [(run) => run.post({ arguments: "[" }), "invalid"],
  "arguments nested too deep": [
    (run) => run.post({ arguments: "[".repeat(40) + "]".repeat(40) }),
    "invalid",
  ],
  "a note that is no JSON": [
    (run) => run.post({ continuation: { function: "f", note: "x" } }),
    "invalid",
  ],
  "a deadline that is no number": [(run) => run.post({ deadlineMs: NaN }), "invalid"],
  "a post beyond the manifest": [(run) => run.post({ functionId: "1".repeat(64) }), "denied"],
  "a key that is no Unicode": [(run) => run.put("t", "\ud800", 1), "invalid"],
  "a table without a name": [(run) => run.put("", "k", 1), "invalid"],
  "a key too long": [(run) => run.put("t", "k".repeat(600), 1), "too-large"],
  "a value too long": [(run) => run.put("t", "k", "v".repeat(9 * 1024 * 1024)), "too-large"],
  "too many posts": [(run) => {
    for (let n = 0; n < 101; n++) run.post({});
  }, "too-large"],
  "too many writes": [(run) => {
    for (let n = 0; n < 501; n++) run.put("t", String(n), 1);
  }, "too-large"],
  "a result of another type": [() => "one", "invalid"],
  "a part of a run for a message": [async (run) => void await run.read(), "invalid"],
};

for (const [name, [guest, kind]] of Object.entries(BAD_EFFECTS)) {
  Deno.test(`${name} fails the run and nothing of it happens`, async () => {
    const world = await World.open();
    const ref = await world.install(async (run) => {
      if (run.args[0] === 2) return await counter(run);
      run.put("count", "sum", 100);
      const result = await guest(run);
      return result === undefined ? 1 : result;
    });
    world.deliver(ref, 1, 2);
    await world.until(world.isDone(ref));
    const [bad, good] = world.outcomes(ref);
    assert.ok(bad && "error" in bad, JSON.stringify(bad));
    assert.equal(bad.error.kind, kind, bad.error.subject);
    assert.deepEqual(good, { ok: "2" }, "the next run sees nothing of it");
    await world.stop();
  });
}
