/** What certifications are worth, on small graphs written as lines. */

import assert from "node:assert/strict";
import type { Fingerprint } from "../../model/words.ts";
import { Trust } from "./evaluate.ts";
import { type KeyState, type Signed, TrustGraph } from "./graph.ts";
import { pathsTo } from "./paths.ts";
import { domainRegex } from "./regex.ts";

const NOW_MS = Date.UTC(2026, 10, 23);

function named(name: string): Fingerprint {
  const digits = [...name].map((letter) => letter.charCodeAt(0).toString(16)).join("");
  return digits.toUpperCase().padStart(40, "0") as Fingerprint;
}

const userIdOf = (name: string) => `${name} <${name}@example.org>`;

/** `alice bob 1 120` says that alice certifies bob with depth 1 and amount 120; both are 0 if absent. */
function graphOf(...lines: string[]): TrustGraph {
  const graph = new TrustGraph();
  for (const line of lines) put(graph, line);
  return graph;
}

function put(graph: TrustGraph, line: string, more: Partial<Signed> = {}): void {
  const [issuer, subject, depth = 0, amount = 0] = line.split(" ");
  for (const name of [issuer!, subject!]) know(graph, name);
  graph.put({
    issuer: named(issuer!),
    subject: named(subject!),
    userId: userIdOf(subject!),
    isRevocation: false,
    createdMs: NOW_MS,
    depth: Number(depth),
    amount: Number(amount),
    ...more,
  });
}

function know(graph: TrustGraph, name: string, state: Partial<KeyState> = {}): void {
  graph.setKey(named(name), { revoked: false, userIds: [userIdOf(name)], ...state });
}

/** Distances of people from alice; `-` without a way. */
function distances(graph: TrustGraph, ...names: string[]): string {
  const trust = new Trust(graph, named("alice"), NOW_MS);
  return names.map((name) => trust.standing(named(name)).distance ?? "-").join(" ");
}

Deno.test("whom one has signed is near; what they sign counts only when they are trusted to", () => {
  const graph = graphOf("alice bob", "bob carol", "alice dave 1 120", "dave erin", "erin frank");
  const seen = distances(graph, "alice", "bob", "carol", "dave", "erin", "frank", "nobody");
  assert.equal(seen, "0 1 - 1 2 - -");
});

Deno.test("two partial words are one full one, and one alone is not enough", () => {
  const graph = graphOf("alice bob 1 60", "alice carol 1 60", "bob dave", "bob erin", "carol erin");
  assert.equal(distances(graph, "dave", "erin"), "- 2");
  put(graph, "carol dave");
  assert.equal(distances(graph, "dave"), "2");
});

Deno.test("words on two user ids are not added up", () => {
  const graph = graphOf("alice bob 1 60", "alice carol 1 60", "bob dave");
  put(graph, "carol dave", { userId: "Dave too" });
  know(graph, "dave", { userIds: [userIdOf("dave"), "Dave too"] });
  assert.equal(distances(graph, "dave"), "-");
});

Deno.test("a chain is as long as the first says, whatever the others say", () => {
  const lines = ["b c 9 120", "c d 9 120", "d e 9 120", "e f 9 120", "f g 9 120"];
  const chain = (depth: number) =>
    distances(graphOf(`alice b ${depth} 120`, ...lines), "b", "c", "d", "e", "f", "g");
  assert.equal(chain(0), "1 - - - - -");
  assert.equal(chain(1), "1 2 - - - -");
  assert.equal(chain(3), "1 2 3 4 - -");
  assert.equal(chain(255), "1 2 3 4 5 -", "five steps at most");
});

Deno.test("nobody on a way can give more than they have", () => {
  const graph = graphOf("alice bob 2 60", "bob carol 1 255", "carol dave", "alice carol");
  const trust = new Trust(graph, named("alice"), NOW_MS);
  assert.equal(trust.standing(named("carol")).distance, 1);
  assert.equal(trust.standing(named("dave")).distance, null);
  assert.equal(pathsTo(graph, trust, named("dave"))[0]?.amount, 60);
});

Deno.test("of what one round offers the greatest amount is taken, and then the deepest", () => {
  const graph = graphOf("alice bob 1 60", "alice carol 3 120", "bob dave", "carol dave 1 60");
  put(graph, "alice erin 2 120");
  put(graph, "erin dave 1 120");
  put(graph, "dave frank");
  assert.equal(distances(graph, "dave", "frank"), "2 3");
});

Deno.test("who is only signed may become one who counts by another's word", () => {
  const graph = graphOf("alice bob", "alice carol 2 120", "carol bob 1 120", "bob dave");
  assert.equal(distances(graph, "bob", "dave"), "1 3");
});

Deno.test("a scope bounds whom somebody certifies, and all behind them", () => {
  const graph = graphOf("bob dave 1 120", "dave frank");
  put(graph, "alice bob 2 120", { regex: domainRegex("example.org") });
  for (const by of ["bob", "dave"]) {
    put(graph, `${by} erin`, { userId: "Erin <erin@evil.example>" });
  }
  know(graph, "erin", { userIds: ["Erin <erin@evil.example>"] });
  assert.equal(distances(graph, "bob", "dave", "frank", "erin"), "1 2 3 -");
  put(graph, "alice bob 2 120", { regex: "(" });
  assert.equal(distances(graph, "bob", "dave"), "1 -", "an expression that is none takes nobody");
  const hidden = "Erin <erin@evil.example>\u202e<x@example.org>";
  put(graph, "alice bob 2 120", { regex: "example.org>$" });
  put(graph, "bob erin", { userId: hidden });
  know(graph, "erin", { userIds: [hidden] });
  assert.equal(distances(graph, "erin"), "-", "characters that cannot be seen fit nothing");
});

Deno.test("what was taken back, has expired, or is of a key that has ended counts for nothing", () => {
  const graph = graphOf("alice bob 1 120", "bob carol");
  const both = () => distances(graph, "bob", "carol");
  put(graph, "bob carol", { isRevocation: true });
  assert.equal(both(), "1 -");
  put(graph, "bob carol", { expiresMs: NOW_MS });
  assert.equal(both(), "1 -");
  put(graph, "bob carol", { expiresMs: NOW_MS + 1 });
  assert.equal(both(), "1 2");
  know(graph, "carol", { userIds: ["Another"] });
  assert.equal(both(), "1 -", "her key disowns the user id");
  know(graph, "carol", { expiresMs: NOW_MS });
  assert.equal(both(), "1 -");
  know(graph, "carol");
  know(graph, "bob", { revoked: true });
  assert.equal(both(), "- -");
  know(graph, "bob");
  graph.drop(named("alice"), named("bob"), userIdOf("bob"));
  assert.equal(both(), "- -");
  put(graph, "alice bob 1 120");
  graph.end(named("alice"));
  assert.equal(both(), "- -", "her own key has ended");
});

Deno.test("people who certify each other in a ring come no nearer by it", () => {
  const graph = graphOf(
    "x y 5 120",
    "y z 5 120",
    "z x 5 120",
    "x alice 5 120",
    "alice alice 5 120",
  );
  assert.equal(distances(graph, "alice", "x", "y", "z"), "0 - - -");
  put(graph, "alice x 5 120");
  assert.equal(distances(graph, "x", "y", "z"), "1 2 3");
});

Deno.test("ways are shown with all that was signed on them, the shortest first", () => {
  const graph = graphOf(
    "alice bob 1 120",
    "bob carol",
    "alice carol",
    "alice dave 1 60",
    "dave carol",
  );
  const trust = new Trust(graph, named("alice"), NOW_MS);
  const [user] = pathsTo(graph, trust, named("carol"));
  assert.equal(user?.amount, 120);
  const shown = user!.paths.map(({ amount, steps }) =>
    `${amount}: ${steps.map((step) => `${step.userId.split(" ")[0]} ${step.depth}`).join(", ")}`
  );
  assert.deepEqual(shown.slice(0, 1), ["120: carol 0"]);
  assert.deepEqual(shown.slice(1).sort(), ["120: bob 1, carol 0", "60: dave 1, carol 0"]);
  assert.deepEqual(pathsTo(graph, trust, named("nobody")), []);
});

Deno.test("of a graph of any shape nobody is near without an unbroken chain", () => {
  // A reference that tries all ways, on 300 graphs drawn at random.
  let state = 7;
  const draw = (n: number) => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) % n;
  const names = ["alice", "b", "c", "d", "e", "f"];
  for (let round = 0; round < 300; round++) {
    const lines = new Map<string, [string, string, number]>();
    for (let n = 0; n < 10; n++) {
      const [by, of] = [names[draw(6)]!, names[1 + draw(5)]!];
      if (by !== of) lines.set(`${by} ${of}`, [by, of, draw(4)]);
    }
    const graph = graphOf(
      ...[...lines.values()].map(([by, of, depth]) => `${by} ${of} ${depth} 120`),
    );
    const near = new Set<string>();
    const search = (at: string, depth: number, seen: string[]) => {
      for (const [by, of, given] of lines.values()) {
        if (by !== at || seen.includes(of) || seen.length > 5) continue;
        near.add(of);
        const left = Math.min(given, depth) - 1;
        if (left >= 0) search(of, left, [...seen, of]);
      }
    };
    search("alice", 255, ["alice"]);
    const expected = names.slice(1).map((name) => near.has(name));
    const trust = new Trust(graph, named("alice"), NOW_MS);
    const found = names.slice(1).map((name) => trust.standing(named(name)).certified);
    const isWithin = found.every((certified, index) => !certified || expected[index]);
    assert.ok(isWithin, [...lines.values()].join("; "));
  }
});
