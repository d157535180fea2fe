/**
 * A pod that does what no pod should, by the first word of its command line: with the bare border to
 * its periphery (`wit/actor.wit`), past all that the SDK would keep it from.
 *
 * @module
 */

import * as host from "peri:pod/host@0.1.0";

const NOTHING = { writes: [], posts: [], answers: [], cancels: [], outputs: [] };
const MIB = 1 << 20;
const DEEP = "[".repeat(100_000);
const CURSED = "\u001b]0;gotcha\u0007\u001b[2J\u202e\u0000\r\n";

/** What has been asked of the periphery, by its step, and what waits for that. */
const waiting = new Map();
/** The call that the crime is done in. */
let current;
/** Where a message's run can be told apart. */
const isVisit = () => current.interface === "peri:face/command";

const finish = (value = 0, effects = NOTHING) =>
  host.finish(current.invocation, effects, { tag: "ok", val: JSON.stringify(value) });

const ask = (operation, argument, step = 1) =>
  host.request(current.invocation, step, operation, argument);

/** Asks, and ends the run when it is answered. */
function askAndEnd(operation, argument) {
  waiting.set(current.invocation, { call: current });
  ask(operation, argument);
}

const write = (table, key, value = "1") => ({ table, key, value });
const withWrites = (...writes) => finish(0, { ...NOTHING, writes });
const withPosts = (...posts) => finish(0, { ...NOTHING, posts });

const post = (more = {}) => ({
  person: current.caller.person,
  pod: current.pod,
  capability: DEEDS.capability,
  interface: DEEDS.interface,
  function: "dare",
  functionId: DEEDS.functions.dare.id,
  arguments: '["nothing"]',
  ...more,
});

/** Crimes by their names; what each should lead to is in `villain_test.ts`. */
const CRIMES = {
  behave: () =>
    finish(0, {
      ...NOTHING,
      outputs: [{ fd: 1, data: bytesOf("well behaved\n") }],
    }),

  // Time.
  loop() {
    for (;;);
  },
  regexp: () => finish(/^(a+)+$/.test(`${"a".repeat(60)}b`) ? 1 : 0),
  microtasks() {
    const again = () => Promise.resolve().then(again);
    again();
  },
  later: () => Promise.resolve().then(CRIMES.loop),
  digits: () => finish(String(2n ** 10_000_000n).length),
  stuck: () => new Promise(() => {}),

  // Memory.
  eat() {
    const held = [];
    for (;;) held.push(new Uint8Array(MIB).fill(1));
  },
  texts() {
    let text = "x";
    for (;;) text += text;
  },
  recurse: () => CRIMES.recurse() + 1,
  nest() {
    let nested = [];
    for (;;) nested = [nested];
  },

  // What is said.
  lines() {
    for (let n = 0; n < 100_000; n++) host.log("info", "more");
  },
  chatter() {
    for (let n = 0; n < 1_500; n++) host.log("info", `line ${n}`);
    finish();
  },
  curses() {
    for (const level of ["info", CURSED, "x".repeat(MIB)]) host.log(level, CURSED);
    finish();
  },
  surrogates: () => host.log("info", "\ud800"),
  print: () =>
    finish(0, {
      ...NOTHING,
      outputs: Array.from({ length: 64 }, () => ({ fd: 1, data: new Uint8Array(MIB) })),
    }),

  // Requests.
  requests() {
    for (let n = 0; n < 1_900; n++) ask("state-get", '{"table":"t","key":"k"}', n);
  },
  requestsAtOnce() {
    for (let n = 0; n < 10_000; n++) ask("state-get", '{"table":"t","key":"k"}', n);
  },
  lists() {
    for (let n = 0; n < 900; n++) ask("state-list", '{"table":"t","limit":1000}', n);
    finish();
  },
  twice() {
    ask("state-get", '{"table":"t","key":"k"}', 7);
    ask("state-get", '{"table":"t","key":"k"}', 7);
  },
  others: () => host.request(current.invocation + 1_000, 1, "state-get", "{}"),
  after() {
    const { invocation } = current;
    finish();
    host.request(invocation, 1, "state-get", '{"table":"t","key":"k"}');
  },
  finishTwice() {
    finish();
    finish();
  },
  commitAfter() {
    finish();
    host.commit(current.invocation, NOTHING);
  },
  readTwice() {
    ask("input-read", "{}", 1);
    ask("input-read", "{}", 2);
  },
  operation: () => askAndEnd("x".repeat(100_000), "{}"),
  proto: () => askAndEnd("__proto__", "{}"),
  number: () => askAndEnd("state-list", `{"table":"t","limit":${"9".repeat(8_000)}}`),
  exponent: () => askAndEnd("state-list", '{"table":"t","limit":1e400}'),
  long: () => askAndEnd("state-get", JSON.stringify({ table: "x".repeat(MIB), key: "k" })),
  deep: () => askAndEnd("state-get", DEEP),
  torn: () => askAndEnd("state-get", "{"),
  notRecord: () => askAndEnd("state-get", "[1]"),
  pollute: () => askAndEnd("state-get", '{"__proto__":{"table":"t","key":"k"}}'),
  secrets: () => askAndEnd("state-get", '{"table":"../../resident","key":"0"}'),
  nobody: () => askAndEnd("person-find", JSON.stringify({ text: CURSED.repeat(10_000) })),

  // Effects.
  writes: () => withWrites(...Array.from({ length: 1_900 }, (_, n) => write("t", `${n}`))),
  table: () => withWrites(write("\u0000\u202e/../__proto__", "k")),
  key: () => withWrites(write("t", "\u0000".repeat(600))),
  value: () => withWrites(write("t", "k", DEEP)),
  giant: () => withWrites(write("t", "k", `"${"x".repeat(9 * MIB)}"`)),
  hoard: () => withWrites(...Array.from({ length: 7 }, (_, n) => write("h", `${n}`, fat(MIB)))),
  inherit: () => withWrites(write("__proto__", "constructor", '{"__proto__":{"polluted":true}}')),
  posts: () => withPosts(...Array.from({ length: 1_900 }, () => post())),
  forged: () => withPosts(post({ functionId: "0".repeat(64) })),
  deepPost: () => withPosts(post({ arguments: DEEP })),
  fatPost: () => withPosts(post({ arguments: JSON.stringify([fat(60_000)]) })),
  cursedPost: () => withPosts(post({ person: CURSED, pod: "../../x" })),
  endless: () => withPosts(post({ deadlineMs: Infinity })),
  never: () => withPosts(post({ deadlineMs: NaN })),
  keys: () => withPosts(post({ key: "k" }), post({ key: "k" })),
  errands: () => withPosts(...Array.from({ length: 100 }, () => errand({ deadlineMs: 1 }))),
  answers: () => withAnswers(1_900, `${current.caller.person}/hey/${"A".repeat(22)}`),
  foreign: () => withAnswers(1, `${current.caller.person}/hey/${"A".repeat(22)}`),
  handles: () => withAnswers(1, CURSED),
  cancels: () =>
    finish(0, { ...NOTHING, cancels: Array.from({ length: 1_900 }, (_, n) => `${n}`) }),
  stream: () => finish(0, { ...NOTHING, outputs: [{ fd: 77, data: new Uint8Array(1) }] }),

  // Results.
  noJson: () => host.finish(current.invocation, NOTHING, { tag: "ok", val: "{" }),
  deepResult: () => host.finish(current.invocation, NOTHING, { tag: "ok", val: DEEP }),
  fatResult: () => finish(fat(60_000)),
  exitCode: () => finish(1e9),
  failure: () =>
    host.finish(current.invocation, NOTHING, {
      tag: "err",
      val: { kind: CURSED, op: CURSED, subject: "x".repeat(MIB), hint: CURSED },
    }),

  // Its own ground.
  globals() {
    for (const prototype of [Object.prototype, Array.prototype, String.prototype, Map.prototype]) {
      for (const name of ["then", "get", "tag", "val", "toString", "length", "map", "kind"]) {
        try {
          Object.defineProperty(prototype, name, { get: () => fat(10), configurable: true });
        } catch {
          // Not all can be taken.
        }
      }
    }
    globalThis.Promise = globalThis.JSON = undefined;
    finish();
  },
  throw() {
    throw { payload: CURSED, message: { toString: () => CRIMES.loop() } };
  },
};

const bytesOf = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const fat = (size) => "x".repeat(size);

const errand = (more) => ({
  person: "",
  pod: "",
  capability: "",
  interface: "",
  function: "",
  functionId: "",
  arguments: "1",
  continuation: { function: "again", note: "1" },
  ...more,
});

const withAnswers = (count, handle) =>
  finish(0, {
    ...NOTHING,
    answers: Array.from({ length: count }, () => ({ handle, part: { tag: "item", val: "1" } })),
  });

function take(call) {
  current = { ...call, seed: call.seed >>> 0 };
  if (!isVisit()) return finish(null);
  const [[crime]] = JSON.parse(call.arguments);
  return CRIMES[crime]();
}

function settle({ invocation, outcome }) {
  const asked = waiting.get(invocation);
  if (asked === undefined) return;
  waiting.delete(invocation);
  current = asked.call;
  finish(outcome.tag === "ok" ? 0 : 3);
}

export const guest = {
  async dispatch(events) {
    for (const { tag, val } of events) {
      if (tag === "call") await take(val);
      if (tag === "settled") settle(val);
    }
  },
};
