import assert from "node:assert/strict";
import { Watchdog } from "./watchdog.ts";

const epochOf = () =>
  new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
    .buffer as unknown as SharedArrayBuffer;

/** Computes as a guest does: this thread never comes back to its event loop. */
function compute(ms: number, epoch: SharedArrayBuffer): void {
  const flag = new Int32Array(epoch);
  const until = performance.now() + ms;
  while (performance.now() < until && Atomics.load(flag, 0) === 0);
}

/** A watchdog that has taken up its work. */
async function withWatchdog(run: (watchdog: Watchdog) => void | Promise<void>): Promise<void> {
  const watchdog = new Watchdog();
  try {
    const epoch = epochOf();
    watchdog.add(99, epoch);
    watchdog.begin(99, 1);
    while (Atomics.load(new Int32Array(epoch), 0) === 0) await new Promise((r) => setTimeout(r, 5));
    watchdog.end();
    await run(watchdog);
  } finally {
    watchdog.close();
  }
}

Deno.test("a slice over its limit is condemned and its epoch raised, others are left alone", async () => {
  await withWatchdog((watchdog) => {
    const [long, short] = [epochOf(), epochOf()];
    watchdog.add(1, long);
    watchdog.add(2, short);
    for (let slice = 0; slice < 20; slice++) {
      // Long, because other tests of this process use processor time too.
      watchdog.begin(2, 2_000);
      compute(5, short);
      assert.equal(watchdog.end(), false);
    }
    watchdog.begin(1, 50);
    compute(20_000, long);
    assert.equal(watchdog.end(), true);
    assert.equal(new Int32Array(long)[0], 1);
    assert.equal(new Int32Array(short)[0], 0);
  });
});

Deno.test("a watcher that fell asleep wakes up for the next slice", async () => {
  await withWatchdog(async (watchdog) => {
    const epoch = epochOf();
    watchdog.add(1, epoch);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    watchdog.begin(1, 50);
    compute(20_000, epoch);
    assert.equal(watchdog.end(), true);
  });
});
