import { deepStrictEqual, throws } from "node:assert/strict";
import { SeededEntropy } from "../../adapters/memory/entropy.ts";
import type { Effects, Manifest, WantedAnswer, WantedPost } from "../../model/pod.ts";
import type { CapabilityId, FunctionId, FunctionName, InterfaceName } from "../../model/words.ts";
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

Deno.test("a run that does more than one transaction holds is told how to do it in parts", () => {
  const writes = Array.from(
    { length: 501 },
    (_, n) => ({ table: "rows", key: `${n}`, value: "1" }),
  );
  const cancels = writes.map(({ key }) => key);
  for (const much of [{ writes }, { cancels }]) {
    throws(
      () => checkEffects({ ...NOTHING, ...much }, MANIFEST, new SeededEntropy(1)),
      ({ kind, hint }) => kind === "too-large" && hint.includes("await this.run.pause()"),
    );
  }
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

Deno.test("an errand with a deadline waits for its time, within bounds", () => {
  const later = (wish: Partial<WantedPost>) => check({ ...ERRAND, ...wish }).errands[0]?.later;
  deepStrictEqual(later({ deadlineMs: 1 }), { delayMs: 1 });
  deepStrictEqual(later({ deadlineMs: 1.2, key: "tea" }), { delayMs: 2, key: "tea" });
  for (const deadlineMs of [0, -1, NaN, Infinity, 3_654 * 86_400_000]) {
    throws(() => later({ deadlineMs }), { kind: "invalid" }, `${deadlineMs}`);
  }
  throws(() => later({ deadlineMs: 1, key: "" }), { kind: "invalid" });
  const note = `"${"x".repeat(2_048)}"`;
  const continuation = { function: "later", note };
  throws(() => later({ deadlineMs: 1, continuation }), { kind: "too-large" });
  const twins = [1, 2].map((deadlineMs) => ({ ...ERRAND, deadlineMs, key: "tea" }));
  const all = { ...NOTHING, posts: twins };
  throws(() => checkEffects(all, MANIFEST, new SeededEntropy(1)), { kind: "invalid" });
});

Deno.test("answers and keys of other forms are refused, and ends take little room", () => {
  const handle = `${"A".repeat(40)}/hey/${"A".repeat(22)}`;
  const answer = (part: WantedAnswer["part"], to = handle) => ({ handle: to, part });
  const all = (effects: Partial<Effects>) =>
    checkEffects({ ...NOTHING, ...effects }, MANIFEST, new SeededEntropy(1));
  const ends = Array.from({ length: 190 }, () => answer({ end: true }));
  deepStrictEqual(all({ answers: ends }).answers.length, 190);
  const refused: Partial<Effects>[] = [
    { answers: [...ends, answer({ end: true })] },
    { answers: [answer({ end: true }, "nonsense")] },
    { answers: [answer({ item: "{" })] },
    { answers: [answer({ item: "[".repeat(40) + "]".repeat(40) })] },
    { cancels: [""] },
    { cancels: ["x".repeat(257)] },
    { cancels: ["\ud800"] },
    { cancels: Array.from({ length: 101 }, (_, at) => `${at}`) },
    { posts: [{ ...ERRAND, key: "no handle" }] },
  ];
  for (const effects of refused) {
    throws(() => all(effects), /cannot/, JSON.stringify(effects).slice(0, 80));
  }
});

Deno.test("a post to a stream needs somebody who takes its answers, and a key names one call", () => {
  const id = "f".repeat(64) as FunctionId;
  const type = { params: [], result: { stream: "u8" } };
  const offer = {
    interface: "test:it/news" as InterfaceName,
    capability: "c".repeat(64) as CapabilityId,
    functions: { ["follow" as FunctionName]: { id, type } },
  };
  const manifest = { needs: [offer], offers: [] } as unknown as Manifest;
  const post: WantedPost = {
    person: "A".repeat(40),
    pod: "news",
    capability: offer.capability,
    interface: offer.interface,
    function: "follow",
    functionId: id,
    arguments: "[]",
    continuation: { function: "listen", note: "1" },
    key: "k",
  };
  const check = (...posts: WantedPost[]) =>
    checkEffects({ ...NOTHING, posts }, manifest, new SeededEntropy(1)).posts;
  deepStrictEqual(check(post)[0]?.continuation, {
    then: "listen",
    note: "1",
    functionId: id,
    isStream: true,
  });
  deepStrictEqual(check(post)[0]?.key, "k");
  const { continuation: _, ...silent } = post;
  throws(() => check(silent), { kind: "invalid" });
  throws(() => check(post, post), { kind: "invalid" });
});
