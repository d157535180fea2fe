import assert from "node:assert/strict";
import { callableOf, newlyCallable } from "./callable.ts";
import type { Offer } from "./pod.ts";

const offer = (name: string, capability = name) =>
  ({ interface: name, capability, functions: {} }) as unknown as Offer;

Deno.test("a pod may call what it needs and what it offers, each once, and no face by offering one", () => {
  const needs = [offer("test:a/needed"), offer("test:a/both"), offer("test:a/changed", "old")];
  const offers = ["peri:face/command", "test:a/both", "test:a/changed", "test:a/own"].map((name) =>
    offer(name)
  );
  assert.deepEqual(
    callableOf({ needs, offers }).map(({ interface: name, capability }) => `${name} ${capability}`),
    [
      "test:a/needed test:a/needed",
      "test:a/both test:a/both",
      "test:a/changed old",
      "test:a/changed test:a/changed",
      "test:a/own test:a/own",
    ],
  );
  const petnames = offer("peri:face/petnames");
  assert.deepEqual(callableOf({ needs: [petnames], offers: [] }), [petnames]);
});

Deno.test("of another version that is new which the one before might not call, function by function", () => {
  const need = (name: string, ids: Record<string, string>) =>
    ({
      interface: name,
      capability: name,
      functions: Object.fromEntries(
        Object.entries(ids).map(([of, id]) => [of, { id, type: null }]),
      ),
    }) as unknown as Offer;
  const before = { needs: [need("a", { one: "1", two: "2" })], offers: [need("own", { x: "3" })] };
  const after = {
    needs: [need("a", { one: "1", two: "22" }), need("b", { one: "1" }), need("own", { x: "3" })],
    offers: [need("peri:face/command", { run: "4" })],
  };
  const shown = newlyCallable(after, before).map((
    { interface: name, functions },
  ) => [name, Object.keys(functions)]);
  assert.deepEqual(shown, [["a", ["two"]], ["b", ["one"]]]);
  assert.deepEqual(newlyCallable(before, before), []);
  assert.equal(newlyCallable(before, undefined).length, 2);
});
