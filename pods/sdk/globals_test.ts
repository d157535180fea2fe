import assert from "node:assert/strict";
import { installGlobals } from "./globals.ts";
import type { Host } from "./host.ts";
import { Run } from "./run.ts";

/** Runs a test with the guest's globals and puts Deno's back. */
function withGlobals(test: (lines: string[], setRun: (run?: Run) => void) => void): void {
  const { Date, Math: { random }, console, setTimeout, setInterval } = globalThis;
  const lines: string[] = [];
  let active: Run | undefined;
  const none = () => {};
  const host: Host = {
    log: (level, line) => lines.push(`${level} ${line}`),
    request: none,
    commit: none,
    suspend: none,
    finish: none,
  };
  installGlobals(() => active, host);
  try {
    test(lines, (run) => active = run);
  } finally {
    Object.assign(globalThis, { Date, console, setTimeout, setInterval });
    Object.assign(Math, { random });
  }
}

function openRun(seed: number): Run {
  const caller = { person: "" };
  const call = {
    invocation: 1,
    caller,
    interface: "",
    function: "",
    arguments: "[]",
    nowMs: 1e12,
    seed,
    many: false,
  };
  const refuse = () => {
    throw new Error("not asked");
  };
  const port = { id: "", request: refuse, waitForInput: refuse, wait: refuse, log: refuse };
  return new Run(call, { name: "x", version: "0.1.0", about: "" }, port);
}

Deno.test("time and chance are those of the run, and there is none between runs", () => {
  withGlobals((_, setRun) => {
    assert.throws(() => Math.random(), /only during a run/);
    assert.throws(() => Date.now(), /only during a run/);
    setRun(openRun(5));
    const first = [Math.random(), Math.random()];
    assert.equal(Date.now(), 1e12);
    assert.equal(new Date().toISOString(), "2001-09-09T01:46:40.000Z");
    assert.equal(new Date(2020, 1).getFullYear(), 2020);
    assert.ok(new Date() instanceof Date);
    setRun(openRun(5));
    assert.deepEqual([Math.random(), Math.random()], first);
    setRun(openRun(-5));
    assert.notDeepEqual([Math.random(), Math.random()], first);
  });
});

Deno.test("the console writes to the pod's log", () => {
  withGlobals((lines) => {
    console.log("a", { b: [1] }, null);
    console.error(new TypeError("slip"));
    assert.equal(lines[0], 'info a {"b":[1]} null');
    assert.match(lines[1]!, /^error TypeError: slip\n/);
  });
});

Deno.test("timers of the engine are refused with what to write instead", () => {
  withGlobals(() => {
    assert.throws(() => setTimeout(() => {}, 1), /await this\.sleep/);
    assert.throws(() => setInterval(() => {}, 1), /await this\.sleep/);
  });
});
