/** What the words for the boxes ask for, and what they make of files. */

import assert from "node:assert/strict";
import { dispatch } from "../../cli/dispatch.ts";
import type { JsonRecord } from "../../runtime/model/control.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import type { Operation } from "../../runtime/ports/session.ts";
import { openWorld, type } from "./memory.ts";

const FILE = new TextEncoder().encode("sealed");

/** An operation that notes what it was asked for and says these records. */
function noting(asked: JsonRecord[], ...records: JsonRecord[]): Operation {
  return (args, session) => {
    asked.push(args);
    for (const record of records) session.item(record);
    return Promise.resolve(0);
  };
}

Deno.test("retry and drop pass on what was named", async () => {
  const asked: JsonRecord[] = [];
  const operations = { "outbox.retry": noting(asked), "outbox.drop": noting(asked) };
  await type(["outbox", "retry", "abcd"], { operations });
  await type(["outbox", "retry", "--to", "bob"], { operations });
  await type(["outbox", "drop", "--dead", "--yes"], { operations });
  assert.deepEqual(asked, [
    { letter: "abcd", all: false },
    { all: false, to: "bob" },
    { all: false, dead: true },
  ]);
});

Deno.test("what came of a retry is said in words", async () => {
  const record = { token: "t0", to: "AB/hey", function: "a:b/c#d" };
  const retry = noting([], { ...record, outcome: "again" }, { ...record, outcome: "waits" });
  const { stdout } = await type(["outbox", "retry", "--all"], {
    operations: { "outbox.retry": retry },
  });
  assert.equal(
    stdout,
    "t0 to AB/hey: on its way again\nt0 to AB/hey: waits until peri serve runs\n",
  );
});

Deno.test("a token that begins with a dash is taken behind --", async () => {
  const asked: JsonRecord[] = [];
  await type(["trace", "--", "-abcd"], { operations: { trace: noting(asked) } });
  assert.deepEqual(asked, [{ token: "-abcd" }]);
});

Deno.test("hops are a table, or one record a line", async () => {
  const hop = { hop: "taken", atMs: Date.UTC(2026, 0, 1), detail: "AB/hey", vouched: "receipt" };
  const operations = { trace: noting([], hop) };
  const { stdout } = await type(["trace", "abcd"], { operations });
  assert.match(
    stdout,
    /^TIME +HOP +DETAIL +VOUCHED BY\n\S+ \d\d:\d\d:00 +taken +AB\/hey +receipt\n$/,
  );
  const json = await type(["trace", "abcd", "--json"], { operations });
  assert.deepEqual(JSON.parse(json.stdout), hop);
});

Deno.test("an export is written to a new file, and nothing when nothing waits", async () => {
  const leaving: Operation = (_args, session) => {
    session.write(1, FILE);
    session.item({ from: "hey", to: "AB/hey", messages: 2, outcome: "left" });
    return Promise.resolve(0);
  };
  const full = openWorld({ operations: { "outbox.export": leaving } });
  assert.equal(await dispatch(["outbox", "export", "f"], full.context), 0);
  assert.deepEqual(full.files.get("f"), FILE);
  assert.equal(full.outcome().stdout, "2 for AB/hey\n");
  const empty = openWorld({ operations: { "outbox.export": noting([]) } });
  assert.equal(await dispatch(["outbox", "export", "f"], empty.context), 0);
  assert.equal(empty.files.size, 0);
  assert.match(empty.outcome().stdout, /Nothing waits/);
});

Deno.test("an export over a file that is there is refused before anything is sealed", async () => {
  const asked: JsonRecord[] = [];
  const world = { operations: { "outbox.export": noting(asked) }, files: { f: FILE } };
  assert.equal((await type(["outbox", "export", "f"], world)).code, 4);
  assert.deepEqual(asked, []);
});

Deno.test("an import sends the file and writes the replies beside it", async () => {
  const arriving: Operation = async (_args, session) => {
    const pieces: number[] = [];
    for await (const piece of session.input) pieces.push(...piece);
    session.write(1, new Uint8Array(pieces.reverse()));
    session.item({ envelope: "00", pod: "hey", outcome: "taken" });
    return 0;
  };
  const world = openWorld({ operations: { "inbox.import": arriving }, files: { f: FILE } });
  assert.equal(await dispatch(["inbox", "import", "f"], world.context), 0);
  assert.deepEqual(world.files.get("f.reply"), FILE.slice().reverse());
  assert.equal(world.outcome().stdout, "taken for hey\nthe receipts are in f.reply\n");
});

Deno.test("an import that is refused writes no replies", async () => {
  const refusing: Operation = () =>
    Promise.reject(new PeriError("damaged", { op: "read a file", subject: "torn" }));
  const world = openWorld({ operations: { "inbox.import": refusing }, files: { f: FILE } });
  assert.equal(await dispatch(["inbox", "import", "f"], world.context), 13);
  assert.equal(world.files.size, 0);
});
