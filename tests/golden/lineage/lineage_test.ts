/** A lineage as it was first written. */

import assert from "node:assert/strict";
import { openPgp } from "../../../runtime/adapters/openpgp.ts";
import { checkLineage } from "../../../runtime/identity/succession/check.ts";
import { successionOf } from "../../../runtime/identity/succession/join.ts";
import { decodeLineage, encodeLineage } from "../../../runtime/identity/succession/lineage.ts";
import { idOf } from "../../../runtime/identity/succession/lines.ts";
import { formatRecovery, parseRecovery } from "../../../runtime/identity/succession/recovery.ts";
import {
  formatSuccession,
  parseSuccession,
} from "../../../runtime/identity/succession/succession.ts";

const SIGNED_MS = Date.UTC(2026, 10, 23, 10, 24, 0);
const bytesOf = (name: string) => Deno.readFileSync(new URL(name, import.meta.url));
const textOf = (name: string) => Deno.readTextFileSync(new URL(name, import.meta.url));

Deno.test("golden lineage: its texts say what they said and are written the same", () => {
  const [first, second] = [textOf("recovery-1.txt"), textOf("recovery-2.txt")];
  assert.equal(formatRecovery(parseRecovery(first)), first);
  assert.equal(formatRecovery(parseRecovery(second)), second);
  const { serial, replaces, friends } = parseRecovery(second);
  assert.deepEqual([serial, replaces, friends?.need, friends?.of.length], [2, idOf(first), 2, 3]);
  const document = textOf("succession.txt");
  const succession = parseSuccession(document);
  assert.equal(formatSuccession(succession), document);
  assert.deepEqual([succession.by, succession.reason, succession.serial], ["friends", "lost", 1]);
  assert.equal(succession.recovery, idOf(second));
});

Deno.test("golden lineage: it is believed, then and years later, and written the same", async () => {
  const bytes = bytesOf("lineage.cbor");
  const lineage = decodeLineage(bytes);
  assert.deepEqual(encodeLineage(lineage), bytes);
  const texts = [...lineage.recoveries, ...lineage.successions].map(({ document }) => document);
  assert.deepEqual(texts, ["recovery-1.txt", "recovery-2.txt", "succession.txt"].map(textOf));
  for (const nowMs of [SIGNED_MS, SIGNED_MS + 10 * 365 * 86_400_000]) {
    const pgp = openPgp({ nowMs: () => nowMs, sleep: () => Promise.resolve() });
    const held = await checkLineage(pgp, lineage, nowMs);
    assert.equal(successionOf(held)?.to, parseSuccession(textOf("succession.txt")).to);
  }
});
