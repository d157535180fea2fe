import { equal, match } from "node:assert/strict";
import { decodeUtf8 } from "../../model/bytes.ts";
import { SSH_LOOK_MS } from "../../model/ssh/limits.ts";
import { parseFingerprint } from "../../model/words.ts";
import { MemoryClock } from "../../adapters/memory/clock.ts";
import { openSshGate } from "./gate.ts";

const ALICE = parseFingerprint("A1".repeat(20));

/** A gate at which Alice is in until she is not, and a command that goes on until it is interrupted. */
function setUp({ isDeaf = false } = {}) {
  const clock = new MemoryClock();
  const state = { isIn: true, fails: false };
  const over = new AbortController();
  let errors = "";
  const reader = Promise.withResolvers<void>();
  const gate = openSshGate({
    door: {
      byKey: () => Promise.resolve(ALICE),
      byToken: () => Promise.resolve(ALICE),
      isIn: () => state.fails ? Promise.reject(new Error("disk")) : Promise.resolve(state.isIn),
    },
    desk: { operations: new Map(), owner: () => ALICE, log: silent },
    commands: {
      pods: () => [],
      screens: { has: () => false, verbs: () => Promise.resolve([]) },
      run: async (_argv, { interrupted }) => {
        if (isDeaf) return 0;
        await new Promise((done) => interrupted.addEventListener("abort", done));
        return 130;
      },
    },
    clock,
    log: silent,
  });
  const channel = {
    incoming: { async *[Symbol.asyncIterator]() {} },
    interrupted: over.signal,
    write(_fd: 1 | 2, bytes: Uint8Array) {
      errors += decodeUtf8(bytes);
      // The client reads nothing.
      return reader.promise;
    },
    close: () => over.abort(),
  };
  const guest = { person: ALICE, user: "nobody" };
  const serve = () => gate.serve(guest, { kind: "command", command: "hey watch" }, channel);
  return { clock, state, serve, said: () => errors, over: over.signal };
}

const silent = { info() {}, warn() {}, error() {} };

// Mallory has a copy of Alice's key and is in. Alice revokes the key, and what Mallory has begun would
// go on for weeks.
Deno.test("a session that goes on ends soon after its person may be in no longer", async () => {
  const { clock, state, serve, said, over } = setUp();
  const served = serve();
  await clock.advance(3 * SSH_LOOK_MS);
  state.fails = true;
  await clock.advance(SSH_LOOK_MS);
  equal(over.aborted, false);
  [state.fails, state.isIn] = [false, false];
  await clock.advance(SSH_LOOK_MS);
  equal(await served, 130);
  match(said(), /^peri: .*your key is revoked/);
});

Deno.test("nobody looks after a session that is over", async () => {
  const { clock, serve } = setUp({ isDeaf: true });
  equal(await serve(), 0);
  equal(clock.untilNextMs(), undefined);
});
