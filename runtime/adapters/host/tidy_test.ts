import assert from "node:assert/strict";
import { Tidy } from "./tidy.ts";

/** Runs timers by hand, one after the other. */
function withTimers(test: (pass: () => void) => void): void {
  const { setTimeout, clearTimeout } = globalThis;
  const { unrefTimer } = Deno;
  let set: (() => void) | undefined;
  globalThis.setTimeout = ((run: () => void) => (set = run, 1)) as unknown as typeof setTimeout;
  globalThis.clearTimeout = () => set = undefined;
  Deno.unrefTimer = () => {};
  const pass = () => {
    const run = set;
    set = undefined;
    run?.();
  };
  try {
    test(pass);
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
    Deno.unrefTimer = unrefTimer;
  }
}

Deno.test("memory is looked for when many pods have ended, once, and never while guests run", () => {
  withTimers((pass) => {
    let isBusy = true;
    let collected = 0;
    const tidy = new Tidy({ isBusy: () => isBusy, collect: () => collected++ });
    for (let pod = 0; pod < 7; pod++) tidy.ended();
    pass();
    assert.equal(collected, 0, "a few are not worth the while");
    for (let pod = 0; pod < 5; pod++) tidy.ended();
    pass();
    assert.equal(collected, 0, "guests run");
    isBusy = false;
    pass();
    pass();
    assert.equal(collected, 1);
    tidy.ended();
    pass();
    assert.equal(collected, 1);
  });
});
