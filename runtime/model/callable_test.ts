import assert from "node:assert/strict";
import { callableOf } from "./callable.ts";
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
