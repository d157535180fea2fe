import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { MemoryDisk } from "../adapters/memory/store.ts";
import { makePost } from "../../tests/sim/pod.ts";
import { makeVillage } from "../../tests/sim/village.ts";
import { formatPodRef } from "../model/words.ts";

Deno.test("a post is handled once, answered, and leaves nothing behind", async () => {
  const { people: [alice, bob], token, settle } = await makeVillage(1, ["alice", "bob"]);
  const first = token();
  strictEqual(await alice!.pod.post(makePost(bob!.resident.ref, first, '["hello"]')), true);
  await settle();

  const from = formatPodRef(alice!.resident.ref);
  const to = formatPodRef(bob!.resident.ref);
  deepStrictEqual(await bob!.pod.deeds(), [{ from, token: first, payload: '["hello"]' }]);
  deepStrictEqual(await alice!.pod.deeds(), [{
    from: to,
    token: first,
    payload: "",
    answer: { ok: '"did ["hello"]"' },
    end: true,
    index: 0,
    note: '["hello"]',
  }]);
  const kindsOf = (disk: MemoryDisk) => [...new Set(disk.rows().map(({ key }) => key[3]))].sort();
  deepStrictEqual(kindsOf(bob!.house.disk), ["deed", "from", "to"]);
  deepStrictEqual(kindsOf(alice!.house.disk), ["deed", "from", "to", "trace"]);
});
