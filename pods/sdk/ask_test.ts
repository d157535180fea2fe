import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { askAll } from "./ask.ts";
import { Refusal } from "./refusal.ts";

/** Questions that are answered when a test says so. */
class Questions {
  readonly asked = new Map<string, PromiseWithResolvers<number>>();
  readonly ask = (of: string) => {
    const question = Promise.withResolvers<number>();
    this.asked.set(of, question);
    return question.promise;
  };
}

const refusal = () => new Refusal("expired", { op: "answer", subject: "too late" });

Deno.test("all are asked at once, and told of in the order in which they answer", async () => {
  const { asked, ask } = new Questions();
  const told = askAll(["bob", "carol", "dave"], ask);
  const first = told.next();
  deepStrictEqual([...asked.keys()], ["bob", "carol", "dave"]);
  asked.get("carol")!.resolve(3);
  deepStrictEqual((await first).value, { of: "carol", ok: 3 });
  asked.get("dave")!.reject(refusal());
  asked.get("bob")!.resolve(0);
  const { value } = await told.next();
  deepStrictEqual([value!.of, value!.error?.kind], ["dave", "expired"]);
  deepStrictEqual((await told.next()).value, { of: "bob", ok: 0 });
  strictEqual((await told.next()).done, true);
});

Deno.test("nobody to ask is nothing to tell", async () => {
  deepStrictEqual(await Array.fromAsync(askAll([], new Questions().ask)), []);
});

Deno.test("a mistake of the author is no answer, however it comes", async () => {
  const { asked, ask } = new Questions();
  const told = askAll(["bob", "carol"], ask);
  const first = told.next();
  asked.get("bob")!.resolve(1);
  asked.get("carol")!.reject(new TypeError("a bug"));
  strictEqual((await first).value!.ok, 1);
  await rejects(told.next(), /a bug/);
  const at = askAll(["bob"], () => {
    throw new TypeError("another");
  });
  await rejects(at.next(), /another/);
});

Deno.test("whoever leaves early is not held up by those who say nothing, nor by what they say", async () => {
  const { asked, ask } = new Questions();
  const heard: string[] = [];
  const loop = (async () => {
    for await (const { of } of askAll(["bob", "carol"], ask)) {
      heard.push(of);
      break;
    }
  })();
  await null;
  asked.get("carol")!.resolve(1);
  await loop;
  asked.get("bob")!.reject(refusal());
  deepStrictEqual(heard, ["carol"]);
});
