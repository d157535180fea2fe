import assert from "node:assert/strict";
import type { PodOutput, TableWrite } from "../../model/pod.ts";
import { encodeUtf8 } from "../../model/bytes.ts";
import { formatEvent } from "./events.ts";
import { MAX_FROM_HOST_BYTES, MAX_SLICE_BYTES } from "./protocol.ts";
import { Recall } from "./recall.ts";

type Request = PodOutput & { readonly kind: "request" };

const NO_EFFECTS = { writes: [], posts: [], answers: [], cancels: [], outputs: [] };

function ask(argument: unknown, step = 1, invocation = 1): Request {
  const text = typeof argument === "string" ? argument : JSON.stringify(argument);
  return { kind: "request", invocation, step, operation: "state-get", argument: text };
}

function finish(writes: readonly TableWrite[], invocation = 1): PodOutput {
  return {
    kind: "finish",
    invocation,
    effects: { ...NO_EFFECTS, writes },
    outcome: { ok: "null" },
  };
}

/** The periphery answers. */
function tell(recall: Recall, value: unknown, step = 1, invocation = 1): void {
  const outcome = { ok: JSON.stringify(value) };
  recall.told(formatEvent({ kind: "settled", invocation, step, outcome }));
}

/** Asks for a row and is told by the periphery. */
function learn(recall: Recall, key: string, value: string | null): void {
  assert.equal(recall.answer(ask({ table: "t", key })), undefined);
  tell(recall, value);
}

Deno.test("a row that was read is answered in the words of the periphery, and so is its absence", () => {
  const recall = new Recall();
  learn(recall, "a", '{"n":1}');
  learn(recall, "b", null);
  assert.equal(recall.answer(ask({ table: "t", key: "a" })), JSON.stringify('{"n":1}'));
  assert.equal(recall.answer(ask({ table: "t", key: "b" })), "null");
  assert.equal(recall.answer(ask({ table: "t", keys: ["b", "a"] })), '[null,"{\\"n\\":1}"]');
  assert.equal(recall.answer(ask({ table: "u", key: "a" })), undefined);
});

Deno.test("of several rows all have to be known, and of a part of an answer that part is", () => {
  const recall = new Recall();
  const keys = ["a", "b", "c"];
  assert.equal(recall.answer(ask({ table: "t", keys })), undefined);
  tell(recall, ["1", null]);
  assert.equal(recall.answer(ask({ table: "t", keys: ["a", "b"] }, 2)), '["1",null]');
  assert.equal(recall.answer(ask({ table: "t", keys }, 3)), undefined);
});

Deno.test("what a run wrote is known when it has ended well", () => {
  const recall = new Recall();
  recall.said(finish([{ table: "t", key: "a", value: "1" }, { table: "t", key: "b" }]));
  assert.equal(recall.answer(ask({ table: "t", key: "a" })), '"1"');
  assert.equal(recall.answer(ask({ table: "t", key: "b" })), "null");
  const writes = [{ table: "t", key: "a", value: "2" }];
  const effects = { ...NO_EFFECTS, writes };
  const error = { kind: "internal", op: "run", subject: "it broke" } as const;
  recall.said({ kind: "finish", invocation: 2, effects, outcome: { error } });
  assert.equal(recall.answer(ask({ table: "t", key: "a" })), '"1"');
  recall.said({ kind: "commit", invocation: 3, effects });
  assert.equal(recall.answer(ask({ table: "t", key: "a" })), '"2"');
  recall.said({ kind: "suspend", invocation: 3, effects: { ...NO_EFFECTS, writes: [writes[0]!] } });
  assert.equal(recall.answer(ask({ table: "t", key: "a" })), '"2"');
});

Deno.test("an answer that a write has overtaken is not kept", () => {
  const recall = new Recall();
  assert.equal(recall.answer(ask({ table: "t", key: "a" })), undefined);
  recall.said(finish([{ table: "t", key: "a", value: "2" }], 2));
  tell(recall, "1");
  assert.equal(recall.answer(ask({ table: "t", key: "a" }, 2)), '"2"');
  // Also where the write itself is too long to be kept.
  assert.equal(recall.answer(ask({ table: "t", key: "b" }, 3)), undefined);
  recall.said(finish([{ table: "t", key: "b", value: `"${"x".repeat(4_000)}"` }], 2));
  tell(recall, "1", 3);
  assert.equal(recall.answer(ask({ table: "t", key: "b" }, 4)), undefined);
});

Deno.test("an error and the answer to another question teach nothing", () => {
  const recall = new Recall();
  assert.equal(recall.answer(ask({ table: "t", key: "a" })), undefined);
  const error = { kind: "damaged", op: "read", subject: "it is gone" } as const;
  recall.told(formatEvent({ kind: "settled", invocation: 1, step: 1, outcome: { error } }));
  tell(recall, "1");
  tell(recall, "1", 2);
  assert.equal(recall.answer(ask({ table: "t", key: "a" }, 3)), undefined);
});

Deno.test("runs that end without their answers keep no later one from being known", () => {
  const recall = new Recall();
  for (let n = 1; n <= 100; n++) {
    assert.equal(recall.answer(ask({ table: "t", key: `never ${n}` }, 1, n)), undefined);
  }
  learn(recall, "a", "1");
  assert.equal(recall.answer(ask({ table: "t", key: "a" }, 2)), '"1"');
});

Deno.test("a value that is long is read where it stands, also when it was short before", () => {
  const recall = new Recall();
  learn(recall, "a", "1");
  recall.said(finish([{ table: "t", key: "a", value: `"${"x".repeat(4_000)}"` }]));
  assert.equal(recall.answer(ask({ table: "t", key: "a" })), undefined);
});

Deno.test("rows and their bytes are bounded, and those are kept that were used last", () => {
  const few = new Recall();
  const value = `"${"x".repeat(1_000)}"`;
  learn(few, "first", "1");
  for (let at = 0; at < 40; at++) {
    few.said(finish([{ table: "t", key: `key ${at}`, value }]));
    assert.equal(few.answer(ask({ table: "t", key: "first" })), '"1"');
  }
  const known = (recall: Recall, count: number) =>
    Array.from({ length: count }, (_, at) => recall.answer(ask({ table: "t", key: `key ${at}` })))
      .filter((answer) => answer !== undefined).length;
  assert.equal(known(few, 40), 32);
  const many = new Recall();
  for (let at = 0; at < 500; at++) {
    many.said(finish([{ table: "t", key: `key ${at}`, value: "1" }]));
  }
  assert.equal(known(many, 500), 256);
});

Deno.test("an instance that asks without end has to wait for its periphery now and then", () => {
  const recall = new Recall();
  learn(recall, "a", "1");
  const answers = Array.from({ length: 600 }, () => recall.answer(ask({ table: "t", key: "a" })));
  assert.equal(answers.findIndex((answer) => answer === undefined), 512);
  tell(recall, "1");
  assert.equal(recall.answer(ask({ table: "t", key: "a" })), '"1"');
});

Deno.test("however much it asks at once, what it is answered from here fits a frame with all it says", () => {
  const recall = new Recall();
  const value = `"${"\\\\".repeat(1_400)}"`;
  const keys = Array.from({ length: 9 }, (_, at) => `${at}`);
  recall.said(finish(keys.map((key) => ({ table: "t", key, value }))));
  const answers: string[] = [];
  for (;;) {
    const answer = recall.answer(ask({ table: "t", keys }));
    if (answer === undefined) break;
    answers.push(answer);
  }
  assert.ok(answers.length > 1);
  const frame = encodeUtf8(JSON.stringify(answers)).length;
  assert.ok(frame + MAX_SLICE_BYTES < MAX_FROM_HOST_BYTES / 1.2, `${frame} bytes`);
});

Deno.test("names of tables and keys do not run into each other", () => {
  const recall = new Recall();
  recall.said(finish([{ table: "a", key: "bc", value: "1" }]));
  recall.said(finish([{ table: "1 a", key: "bc", value: "2" }]));
  assert.equal(recall.answer(ask({ table: "ab", key: "c" })), undefined);
  assert.equal(recall.answer(ask({ table: "a", key: "bc" })), '"1"');
  assert.equal(recall.answer(ask({ table: "__proto__", key: "constructor" })), undefined);
});

Deno.test("requests out of form are left to the periphery", () => {
  const recall = new Recall();
  learn(recall, "a", "1");
  const list = { ...ask({ table: "t", prefix: "" }), operation: "state-list" };
  assert.equal(recall.answer(list), undefined);
  const long = { table: "t", key: "a", more: "x".repeat(4_000) };
  for (
    const argument of [
      ...["", "{", "null", "1", "[]", '"a"', long],
      ...[{ key: "a" }, { table: "t" }, { table: 1, key: "a" }, { table: "t", key: 1 }],
      ...[{ table: "t", key: "a", keys: [] }, { table: "t", key: "a", keys: null }],
      ...[{ table: "t", keys: "a" }, { table: "t", keys: ["a", 1] }, { table: "t", keys: {} }],
    ]
  ) assert.equal(recall.answer(ask(argument)), undefined, JSON.stringify(argument));
});

/** The same for a seed in every place. */
function dice(seed: number): (sides: number) => number {
  let state = seed * 2_654_435_761 >>> 0;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * sides);
  };
}

/**
 * Runs of one instance ask and write in any order, also at once as the contract allows. The
 * periphery answers when it comes to it, from what the instance had said by then or a little later.
 */
Deno.test("whatever is asked and written when, an answer from here is what the periphery says", () => {
  let answered = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const roll = dice(seed);
    const recall = new Recall();
    const rows = new Map<string, string>();
    const asked: { step: number; keys: string[]; isMany: boolean; texts: unknown[] }[] = [];
    const valueOf = (key: string) => rows.get(key) ?? null;
    for (let step = 1; step <= 120; step++) {
      const keys = Array.from({ length: 1 + roll(2) }, () => `k${roll(4)}`);
      const isMany = keys.length > 1;
      const doing = roll(4);
      if (doing === 0) {
        const size = roll(9) === 0 ? 5_000 : 3;
        const value = roll(4) === 0 ? undefined : JSON.stringify(`${step}`.padEnd(size, "x"));
        const writes = keys.map((key) =>
          value === undefined ? { table: "t", key } : { table: "t", key, value }
        );
        recall.said(finish(writes));
        for (const key of keys) value === undefined ? rows.delete(key) : rows.set(key, value);
      } else if (doing === 1 && asked.length > 0) {
        const [one] = asked.splice(roll(asked.length), 1);
        // It may have read before something else was heard that was written meanwhile.
        const texts = roll(2) === 0 ? one!.texts : one!.keys.map(valueOf);
        tell(recall, one!.isMany ? texts : texts[0], one!.step);
      } else {
        const request = ask(isMany ? { table: "t", keys } : { table: "t", key: keys[0] }, step);
        const answer = recall.answer(request);
        const texts = keys.map(valueOf);
        if (answer === undefined) asked.push({ step, keys, isMany, texts });
        else {
          answered++;
          assert.deepEqual(JSON.parse(answer), isMany ? texts : texts[0], `seed ${seed}`);
        }
      }
    }
  }
  assert.ok(answered > 1_000, `${answered} were answered from here`);
});
