import assert from "node:assert/strict";
import { dispatch } from "../../cli/dispatch.ts";
import type { Permission, Workshop } from "../../cli/context.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import type { Operation } from "../../runtime/ports/session.ts";
import { openWorld, type } from "./memory.ts";

const ALICE = "A".repeat(40) as Permission["person"];
const COMPONENT = new TextEncoder().encode("component").toBase64();

/** What a periphery asks to be signed, as the signer of these tests reads it. */
function documentOf(changes: Partial<Permission> = {}): string {
  return JSON.stringify({
    person: ALICE,
    pod: "pond",
    endpoint: "http://alice.example",
    capabilities: [{ interface: "pod:pond/pond" }],
    podKey: ALICE,
    serial: 1,
    expiresMs: 2_000_000_000_000,
    ...changes,
  });
}

const built = JSON.stringify({
  built: { name: "pond", version: "0.1.0", component: COMPONENT, savedMs: -1_200 },
});

/** A workshop that says lines, and what it was asked. */
function workshopOf(lines: readonly string[]) {
  const asked: unknown[] = [];
  let stops = 0;
  const workshop: Workshop = {
    run: (tool, args) => {
      asked.push([tool, ...args]);
      return Promise.resolve(3);
    },
    start: (tool, args) => {
      asked.push([tool, ...args]);
      return {
        lines: (async function* () {
          yield* lines;
        })(),
        stop: () => Promise.resolve(void stops++),
      };
    },
  };
  return { workshop, asked, stops: () => stops };
}

/** A periphery that has these documents signed, one for each install. */
function peripheryOf(documents: readonly string[], pods: readonly string[] = []) {
  const installs: unknown[] = [];
  const list: Operation = (_args, session) => {
    for (const name of pods) session.item({ name });
    return Promise.resolve(0);
  };
  const install: Operation = async (args, session) => {
    for await (const _ of session.input);
    const document = documents[installs.push(args) - 1]!;
    if (document === "") throw new PeriError("invalid", { op: "install pod", subject: "no" });
    await session.sign(ALICE, document);
    return 0;
  };
  return { installs, operations: { "pod.list": list, "pod.install": install } };
}

/** Develops what the lines are about, with the answers typed on a terminal. */
async function develop(
  lines: readonly string[],
  documents: readonly string[],
  { pods = [], input = ["y\r"] }: { pods?: readonly string[]; input?: string[] } = {},
) {
  const signed: string[] = [];
  const { workshop, asked, stops } = workshopOf(lines);
  const { installs, operations } = peripheryOf(documents, pods);
  const ran = await type(["pod", "dev", "pond"], {
    terminal: true,
    input,
    workshop,
    operations,
    signer: {
      parseBehalf: (document) => JSON.parse(document) as Permission,
      signBehalf: (_person, document) => Promise.resolve(new Uint8Array([signed.push(document)])),
    },
  });
  return { ...ran, signed, asked, installs, stops: stops() };
}

const count = (text: string, part: string) => text.split(part).length - 1;

Deno.test("the first version is looked at and signed, later ones reload in one line", async () => {
  const { stdout, stderr, signed, asked, installs, stops } = await develop(
    [built, built, built],
    [documentOf(), documentOf({ serial: 2 }), documentOf({ serial: 3 })],
  );
  assert.deepEqual(asked, [["author/watch", "pond"]]);
  assert.equal(signed.length, 3);
  assert.equal(count(stderr, "You are about to sign"), 1);
  assert.equal(count(stderr, "Sign this?"), 1);
  assert.equal(count(stdout, "pond reloaded in 1.2 s"), 2);
  assert.deepEqual(installs.map((args) => (args as { upgrade: boolean }).upgrade), [
    false,
    true,
    true,
  ]);
  assert.ok(stops >= 1);
});

Deno.test("a pod that is there already is upgraded from the first version on", async () => {
  const { installs } = await develop([built], [documentOf()], { pods: ["hey", "pond"] });
  assert.equal((installs[0] as { upgrade: boolean }).upgrade, true);
});

Deno.test("what a new version answers besides is said, and needs no other yes", async () => {
  const capabilities = [{ interface: "pod:pond/pond" }, { interface: "pod:pond/mail" }];
  const { stdout, signed } = await develop(
    [built, built],
    [documentOf(), documentOf({ capabilities })],
  );
  assert.match(stdout, /it answers pod:pond\/mail from now on/);
  assert.equal(signed.length, 2);
});

Deno.test("a periphery that slips in another pod's behalf is not signed for silently", async () => {
  for (const change of [{ pod: "hey" }, { endpoint: "http://mallory.example" }]) {
    const { stderr, signed } = await develop(
      [built, built],
      [documentOf(), documentOf(change)],
      { input: ["y\r", "n\r"] },
    );
    assert.equal(count(stderr, "Sign this?"), 2);
    assert.equal(signed.length, 1);
    assert.match(stderr, /you said no/);
  }
});

Deno.test("a mistake is shown and the version before goes on", async () => {
  const failed = JSON.stringify({ failed: "pod.ts:12:7: \x1b[31mno Map here" });
  const { stdout, stderr, installs } = await develop(
    [failed, built, failed, built],
    [documentOf(), documentOf()],
  );
  assert.equal(count(stderr, "pod.ts:12:7: ·[31mno Map here\n"), 2);
  assert.equal(count(stderr, "the version before goes on"), 1);
  assert.equal(installs.length, 2);
  assert.match(stdout, /reloaded/);
});

Deno.test("a mistake of types is shown beside, and what has it runs all the same", async () => {
  const mistyped = JSON.stringify({ mistyped: "pod.ts:12:7: \x1b[31mno such field" });
  const { stderr, installs } = await develop([built, mistyped], [documentOf()]);
  assert.equal(count(stderr, "pod.ts:12:7: ·[31mno such field\n"), 1);
  assert.equal(count(stderr, "it runs all the same"), 1);
  assert.equal(installs.length, 1);
});

Deno.test("a version that the periphery refuses is told, and the next one is tried", async () => {
  const { stdout, stderr } = await develop([built, built, built], [documentOf(), "", documentOf()]);
  assert.match(stderr, /cannot install pod: no/);
  assert.equal(count(stdout, "reloaded"), 1);
});

Deno.test("a folder without a pod, and a person who says no, end it", async () => {
  const refused = {
    kind: "not-found",
    subject: "there is no pod.json in /x",
    hint: "peri pod new",
  };
  const nothing = await develop([JSON.stringify({ refused })], []);
  assert.equal(nothing.code, 3);
  assert.match(
    nothing.stderr,
    /cannot develop a pod: there is no pod\.json in \/x\nhint: peri pod new\n$/,
  );
  const no = await develop([built], [documentOf()], { input: ["n\r"] });
  assert.deepEqual([no.code, no.signed], [5, []]);
});

Deno.test("Ctrl-C ends it well", async () => {
  const end = Promise.withResolvers<void>();
  const workshop: Workshop = {
    run: () => Promise.resolve(0),
    start: () => ({
      lines: (async function* () {
        await end.promise;
        yield* [] as string[];
      })(),
      stop: () => Promise.resolve(end.resolve()),
    }),
  };
  const { context, interrupt } = openWorld({ workshop });
  const code = dispatch(["pod", "dev"], context);
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  interrupt();
  assert.equal(await code, 0);
});

Deno.test("new, build and test are programs of the workshop, whose exit code is peri's", async () => {
  const words: readonly (readonly [string, unknown])[] = [
    ["new pond", ["author/new", "pond"]],
    ["new pond --wit a.wit", ["author/new", "pond", "--wit", "a.wit"]],
    ["build", ["author/build", "."]],
    ["build pond --out x.wasm", ["author/build", "pond", "--out", "x.wasm"]],
    ["test", ["author/try", "."]],
    ["test pond -- --filter shy", ["author/try", "pond", "--filter", "shy"]],
  ];
  for (const [line, program] of words) {
    const { workshop, asked } = workshopOf([]);
    const { code } = await type(["pod", ...line.split(" ")], { workshop });
    assert.deepEqual([code, asked], [3, [program]], line);
  }
});
