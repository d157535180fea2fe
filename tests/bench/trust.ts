/**
 * The web of trust weighed for one person, on a graph of 100,000 people with a million
 * certifications, against walking the same edges with nothing looked at.
 *
 * @module
 */

import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { Trust } from "../../runtime/identity/trust/evaluate.ts";
import { NONE, TrustGraph } from "../../runtime/identity/trust/graph.ts";
import { domainRegex } from "../../runtime/identity/trust/regex.ts";
import type { Fingerprint } from "../../runtime/model/words.ts";
import type { Group } from "../../tools/bench/row.ts";

const PEOPLE = 100_000;
const EACH = 10;
const NOW_MS = Date.UTC(2026, 10, 23);

function fingerprint(person: number): Fingerprint {
  return person.toString(16).toUpperCase().padStart(40, "0") as Fingerprint;
}

function userIdOf(person: number): string {
  return `Person ${person} <person${person}@example.org>`;
}

/** Everybody has signed ten of the others; `depth` by how far they are trusted to. */
function makeGraph(depth: number, regex?: string): TrustGraph {
  const chance = new DataView(new SeededEntropy("trust").bytes(65_536).buffer);
  let at = 0;
  let state = 1;
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + chance.getUint32(at = (at + 4) % 65_532)) >>> 0;
    return state % PEOPLE;
  };
  const graph = new TrustGraph();
  for (let person = 0; person < PEOPLE; person++) {
    const key = { revoked: false, userIds: [userIdOf(person)] };
    graph.setKey(fingerprint(person), key);
  }
  for (let person = 0; person < PEOPLE; person++) {
    for (let n = 0; n < EACH; n++) {
      const other = draw();
      if (other === person) continue;
      graph.put({
        issuer: fingerprint(person),
        subject: fingerprint(other),
        userId: userIdOf(other),
        isRevocation: false,
        createdMs: NOW_MS,
        depth,
        amount: depth === 0 ? 0 : 120,
        ...(regex === undefined ? {} : { regex }),
      });
    }
  }
  return graph;
}

/** How many a plain breadth-first search meets within five steps. */
function walk({ names, firstBy, nextBy, subjects }: TrustGraph, root: number): number {
  const seen = new Uint8Array(names.length);
  seen[root] = 1;
  let found = 1;
  for (let round = 0, here = [root]; round < 5 && here.length > 0; round++) {
    const next: number[] = [];
    for (const person of here) {
      for (let edge = firstBy[person]!; edge !== NONE; edge = nextBy[edge]!) {
        const other = subjects[edge]!;
        if (seen[other] === 1) continue;
        seen[other] = 1;
        found++;
        next.push(other);
      }
    }
    here = next;
  }
  return found;
}

function timed(work: () => unknown): Promise<number> {
  const startMs = performance.now();
  if (!work()) throw new Error("nothing was found");
  return Promise.resolve(performance.now() - startMs);
}

/** See the module. */
const group: Group = async function* () {
  const rows: [string, TrustGraph][] = [
    ["everybody trusts everybody to certify", makeGraph(5)],
    ["the same, within a domain", makeGraph(5, domainRegex("example.org"))],
  ];
  for (const [row, graph] of rows) {
    yield {
      row,
      floor: "breadth-first search",
      unit: "ms",
      runs: 15,
      ours: () => timed(() => new Trust(graph, fingerprint(7), NOW_MS).standing(fingerprint(7))),
      against: () => timed(() => walk(graph, 7)),
    };
  }
  const plain = rows[0]![1];
  const trust = new Trust(plain, fingerprint(7), NOW_MS);
  const anybody = (n: number) => fingerprint((n * 7_919) % PEOPLE);
  yield {
    row: "asked of 1,000 people, weighed before",
    floor: "looked up in a map",
    unit: "ms",
    runs: 15,
    ours: () =>
      timed(() => {
        let found = 0;
        for (let n = 0; n < 1_000; n++) found += trust.standing(anybody(n)).distance ?? 0;
        return found;
      }),
    against: () =>
      timed(() => {
        let found = 0;
        for (let n = 0; n < 1_000; n++) found += plain.person(anybody(n)) ?? 0;
        return found;
      }),
  };
};

export default group;
