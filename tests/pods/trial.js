/**
 * A pod that does good and bad things by the name of the function that is called. Plain JavaScript:
 * the same text runs in the memory double and, made into a component, in a real pod host.
 *
 * @module
 */

const NOTHING = { writes: [], posts: [], answers: [], cancels: [], outputs: [] };

/** What only a real guest can do to its host. */
export const CRIMES = {
  spin() {
    for (;;);
  },
  eat() {
    const held = [];
    for (;;) held.push(new Uint8Array(1 << 20).fill(1));
  },
  recurse() {
    const deeper = (/** @type {number} */ depth) => deeper(depth + 1) + 1;
    return deeper(0);
  },
};

/**
 * The pod: takes events and says outputs, both in the shapes of `runtime/model/pod.ts`.
 *
 * @param {(output: any) => void} say
 * @param {Record<string, () => unknown>} crimes
 * @returns {(event: any) => void}
 */
export function openTrial(say, crimes = CRIMES) {
  const open = new Map();
  let calls = 0;
  const finish = (/** @type {number} */ invocation, /** @type {unknown} */ value) =>
    say({
      kind: "finish",
      invocation,
      effects: NOTHING,
      outcome: { ok: JSON.stringify(value ?? null) },
    });
  /** @type {Record<string, (call: any) => unknown>} */
  const functions = {
    echo: (call) => finish(call.invocation, JSON.parse(call.arguments)),
    count: (call) => finish(call.invocation, calls),
    about: ({ invocation, caller, nowMs, seed, handle }) =>
      finish(invocation, { caller, nowMs, seed, handle }),
    note(call) {
      say({ kind: "log", level: "info", line: "one" });
      say({ kind: "log", level: "warning", line: "two" });
      finish(call.invocation, null);
    },
    ask(call) {
      open.set(call.invocation, []);
      say({
        kind: "request",
        invocation: call.invocation,
        step: 1,
        operation: "state-get",
        argument: call.arguments,
      });
    },
    /** Says how far it had come when it was told that it has come back. */
    rest(call) {
      const { invocation } = call;
      open.set(invocation, 0);
      (async () => {
        for (let hop = 0; hop < 5000; hop++) {
          await null;
          open.set(invocation, hop + 1);
        }
      })();
      say({ kind: "request", invocation, step: 7, operation: "idle", argument: "{}" });
    },
    wait(call) {
      say({ kind: "suspend", invocation: call.invocation, effects: NOTHING });
    },
    work(call) {
      const effects = {
        writes: [{ table: "t", key: "a", value: "1" }, { table: "t", key: "b" }],
        posts: [
          post({}),
          post({ deadlineMs: 5000, continuation: { function: "then", note: "7" }, key: "k" }),
        ],
        answers: [
          { handle: "h", part: { tag: "item", val: "1" } },
          { handle: "h", part: { tag: "end" } },
          {
            handle: "i",
            part: { tag: "failed", val: { kind: "busy", op: "work", subject: "later" } },
          },
        ],
        cancels: ["c"],
        outputs: [{ fd: 1, data: new Uint8Array([1, 2, 3]) }],
      };
      say({ kind: "commit", invocation: call.invocation, effects });
      say({
        kind: "finish",
        invocation: call.invocation,
        effects: NOTHING,
        outcome: { error: { kind: "denied", op: "work", subject: "no", hint: "ask" } },
      });
    },
    /** Says as many lines as it is told. */
    chat(call) {
      const [lines] = JSON.parse(call.arguments);
      for (let line = 0; line < lines; line++) say({ kind: "log", level: "info", line: "more" });
      finish(call.invocation, null);
    },
    /** One request of control characters, which JSON writes as six. */
    mumble(call) {
      const { invocation } = call;
      const argument = "\u0001".repeat(6 << 20);
      say({ kind: "request", invocation, step: 1, operation: "state-get", argument });
    },
    /** Computes for some milliseconds. */
    compute(call) {
      let sum = 0;
      for (let step = 0; step < 150_000; step++) sum += step % 7;
      finish(call.invocation, sum);
    },
    fail() {
      throw new Error("it was too much for me");
    },
    flood() {
      for (let line = 0; line < 100_000; line++) say({ kind: "log", level: "info", line: "more" });
    },
    bloat() {
      const line = "x".repeat(1 << 20);
      for (let count = 0; count < 100; count++) say({ kind: "log", level: "info", line });
    },
    nonsense(call) {
      const effects = { ...NOTHING, outputs: [{ fd: 7, data: new Uint8Array(1) }] };
      say({ kind: "commit", invocation: call.invocation, effects });
    },
    never(call) {
      const effects = { ...NOTHING, posts: [post({ deadlineMs: NaN })] };
      say({ kind: "commit", invocation: call.invocation, effects });
    },
    spin: () => crimes.spin?.(),
    eat: () => crimes.eat?.(),
    recurse: () => crimes.recurse?.(),
    later: (call) =>
      Promise.resolve().then(() => crimes.spin?.()).then(() => finish(call.invocation, 0)),
    exit: () => crimes.exit?.(),
  };
  return (event) => {
    if (event.kind === "call") {
      calls++;
      return functions[event.function]?.(event);
    }
    if (event.kind === "settled") {
      const { invocation, step, outcome } = event;
      finish(invocation, step === 7 ? [open.get(invocation), outcome] : outcome);
    }
    if (event.kind === "chunk") finish(event.invocation, [...event.data]);
    if (event.kind === "cancel") finish(event.invocation, "cancelled");
  };
}

/** @param {object} more */
function post(more) {
  return {
    person: "A".repeat(40),
    pod: "hey",
    capability: "c",
    interface: "peri:hey/mail",
    function: "leave",
    functionId: "f",
    arguments: "[]",
    ...more,
  };
}
