/**
 * What people see of capabilities: of pods through a server, of files without one.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Inspector } from "../../cli/context.ts";
import { encodeUtf8 } from "../../runtime/model/bytes.ts";
import type { JsonRecord } from "../../runtime/model/control.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import type { ShownInterface } from "../../runtime/model/shown.ts";
import { readInterfaces } from "../../runtime/adapters/wit/main.ts";
import type { Operation } from "../../runtime/ports/session.ts";
import { type, type World } from "./memory.ts";

const OLD = `package a:birds;
/// Birds.
interface sightings {
  /// Tells of one.
  report: func(count: u32) -> u32;
  total: func() -> u64;
}`;
const NEW = OLD.replace("count: u32", "count: u64");
const MORE = OLD.replace("total:", "near: func(); total:");

const inspector: Inspector = {
  component: () =>
    Promise.reject(new PeriError("invalid", { op: "read", subject: "no component" })),
  document: (shown) => Promise.resolve(shown.map((one) => ({ ...one, about: "Documented." }))),
  wit: async (text) => {
    try {
      return await readInterfaces({ main: text, others: [] });
    } catch (thrown) {
      throw new PeriError("invalid", { op: "read WIT", subject: (thrown as Error).message });
    }
  },
};

const files = Object.fromEntries(
  Object.entries({ "old.wit": OLD, "new.wit": NEW, "more.wit": MORE, "bad.wit": "interface x" })
    .map(([name, text]) => [name, encodeUtf8(text)]),
);
const OFFLINE: World = { files, inspector };
const [old] = await readInterfaces({ main: OLD, others: [] }) as [ShownInterface];
const [newer] = await readInterfaces({ main: NEW, others: [] }) as [ShownInterface];

const says = (...records: readonly unknown[]): Operation => (_args, session) => {
  for (const record of records) session.item(record as JsonRecord);
  return Promise.resolve(0);
};

/** A server with a pod that offers the old interface and one that needs a function of it. */
const ONLINE: World = {
  ...OFFLINE,
  operations: {
    "capability.show": (args, session) => {
      const found = { birds: old, later: { ...newer, supersedes: [old.capability] } };
      const pod = Object.hasOwn(found, String(args.pod)) && found[args.pod as keyof typeof found];
      if (!pod) throw new PeriError("not-found", { op: "find a pod", subject: `${args.pod}` });
      session.item(pod as unknown as JsonRecord);
      return Promise.resolve(0);
    },
    "capability.source": says({ wit: "what it carries" }),
    "capability.list": says(
      {
        interface: old.interface,
        capability: old.capability,
        supersedes: [],
        functions: Object.fromEntries(old.functions.map(({ name, id }) => [name, id])),
        offeredBy: ["birds"],
        neededBy: ["watcher"],
      },
      {
        interface: old.interface,
        capability: "0".repeat(64),
        supersedes: [],
        functions: { total: old.functions[1]!.id },
        offeredBy: [],
        neededBy: ["counter"],
      },
    ),
  },
};

Deno.test("a WIT file is shown with its docs, fingerprint and hashes, without a server", async () => {
  const { code, stdout } = await type(["capability", "show", "old.wit"], OFFLINE);
  assert.equal(code, 0);
  assert.match(
    stdout,
    new RegExp(`^interface +a:birds/sightings\ncapability +${old.capability}\n\n`),
  );
  assert.match(stdout, /\/\/\/ Birds\.\ninterface sightings \{\n {2}\/\/\/ Tells of one\./);
  for (const { name, id } of old.functions) {
    assert.match(stdout, new RegExp(`^ +${name} +${id}$`, "m"));
  }
  assert.ok(!stdout.includes("offered by"));
});

Deno.test("a pod is shown with the pods that offer and need it, a function of it at least", async () => {
  const { stdout } = await type(["capability", "show", "birds"], ONLINE);
  assert.match(stdout, /^offered by +birds$/m);
  assert.match(stdout, /^needed by +counter, watcher$/m);
  const { stdout: json } = await type(["capability", "show", "birds", "--json"], ONLINE);
  const record = JSON.parse(json);
  assert.equal(record.about, "Documented.");
  assert.deepEqual(record.neededBy, ["counter", "watcher"]);
  assert.deepEqual(record.functions[0].type, { params: [["count", "u32"]], result: "u32" });
});

Deno.test("an edit that breaks callers is told in words, with whom it breaks, and exit code 7", async () => {
  const { code, stdout } = await type(["capability", "diff", "old.wit", "new.wit"], ONLINE);
  assert.equal(code, 7);
  assert.equal(
    stdout,
    "a:birds/sightings: another capability\n" +
      "  callers built for old.wit cannot call report: parameter count was u32, is u64\n" +
      "  of your pods this breaks watcher\n",
  );
});

Deno.test("an edit that breaks nobody, or none at all, has exit code 0", async () => {
  const more = await type(["capability", "diff", "old.wit", "more.wit"], OFFLINE);
  assert.deepEqual([more.code, more.stdout.includes("\n  near is new\n")], [0, true]);
  assert.match(more.stdout, /whoever was built for the first can call the second/);
  const same = await type(["capability", "diff", "old.wit", "birds"], ONLINE);
  assert.deepEqual([same.code, same.stdout], [0, "a:birds/sightings: the same capability\n"]);
  const back = await type(["capability", "diff", "more.wit", "old.wit"], OFFLINE);
  assert.deepEqual([back.code, /cannot call near: it is gone/.test(back.stdout)], [7, true]);
});

Deno.test("what supersedes the old interface is named", async () => {
  const { stdout } = await type(["capability", "diff", "birds", "later"], ONLINE);
  assert.match(stdout, /^ {2}a:birds\/sightings supersedes it$/m);
  const { stdout: json } = await type(["capability", "diff", "birds", "later", "--json"], ONLINE);
  const { before, after, breaks, functions, pods, supersededBy } = JSON.parse(json);
  assert.deepEqual([before, after, breaks], [old.capability, newer.capability, true]);
  assert.deepEqual(functions, [{
    function: "report",
    kind: "changed",
    reasons: ["parameter count was u32, is u64"],
  }]);
  assert.deepEqual([pods, supersededBy], [["watcher"], "a:birds/sightings"]);
});

Deno.test("what cannot be read is refused with its name and kind", async () => {
  const refused = async (world: World, ...words: string[]) => {
    const { code, stderr, stdout } = await type(["capability", "show", ...words], world);
    assert.equal(stdout, "");
    return [code, stderr.split("\n")[0]] as const;
  };
  const [code, text] = await refused(OFFLINE, "bad.wit");
  assert.deepEqual([code, /^peri: cannot read bad\.wit: /.test(text!)], [2, true]);
  assert.equal((await refused(OFFLINE, "gone.wit"))[0], 3);
  assert.equal((await refused(ONLINE, "nobody"))[0], 3);
  assert.equal((await refused(OFFLINE, "x.wasm"))[0], 3);
  const empty = { ...OFFLINE, files: { "e.wit": encodeUtf8("package a:b; interface c {}") } };
  assert.match((await refused(empty, "e.wit"))[1]!, /it offers nothing that others can call/);
});

Deno.test("capabilities of all pods are a table, and whole with --json", async () => {
  const { stdout } = await type(["capability", "list"], ONLINE);
  const [head, first] = stdout.split("\n");
  assert.match(head!, /^INTERFACE +CAPABILITY +OFFERED BY +NEEDED BY +FUNCTIONS$/);
  assert.equal(
    first!.replaceAll(/ +/g, " "),
    `a:birds/sightings ${old.capability.slice(0, 12)} birds watcher report, total`,
  );
  const { stdout: json } = await type(["capability", "list", "--json"], ONLINE);
  assert.equal(JSON.parse(json.split("\n")[0]!).capability, old.capability);
});
