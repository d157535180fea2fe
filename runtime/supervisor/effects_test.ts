import { deepStrictEqual, throws } from "node:assert/strict";
import { SeededEntropy } from "../adapters/memory/entropy.ts";
import type { Manifest, WantedPost } from "../model/pod.ts";
import { checkEffects } from "./effects.ts";

const MANIFEST = { needs: [], offers: [] } as unknown as Manifest;
const ERRAND: WantedPost = {
  person: "",
  pod: "",
  capability: "",
  interface: "",
  function: "",
  functionId: "",
  arguments: '["go on"]',
  continuation: { function: "later", note: "7" },
};
const NOTHING = { writes: [], posts: [], answers: [], cancels: [], outputs: [] };

const check = (post: WantedPost) =>
  checkEffects({ ...NOTHING, posts: [post] }, MANIFEST, new SeededEntropy(1));

Deno.test("a post without interface and recipient is an errand", () => {
  const { posts, errands } = check(ERRAND);
  deepStrictEqual([posts, errands], [[], [{
    continuation: { then: "later", note: "7" },
    payload: '["go on"]',
  }]]);
});

Deno.test("errands for others, without continuation or with other texts than JSON are refused", () => {
  const { continuation: _, ...silent } = ERRAND;
  const refused: WantedPost[] = [
    { ...ERRAND, person: "B".repeat(40) },
    { ...ERRAND, pod: "other" },
    { ...ERRAND, arguments: "[" },
    { ...ERRAND, continuation: { function: "", note: "7" } },
    { ...ERRAND, continuation: { function: "later", note: "x" } },
    silent,
  ];
  for (const post of refused) throws(() => check(post), { kind: "invalid" }, JSON.stringify(post));
});
