import assert from "node:assert/strict";
import { PeriError } from "../../model/errors.ts";
import { type ClientMessage, decodeServerMessage, encodeMessage } from "../../model/control.ts";
import { encodeFrame, FRAME, FrameReader } from "../../model/frame.ts";
import { type Fingerprint, parseFingerprint } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import { Input } from "./input.ts";
import { type Caller, type Line, serveSession } from "./session.ts";

const OWNER = parseFingerprint("A".repeat(40));
const GUEST = parseFingerprint("B".repeat(40));
const silent = { info() {}, warn() {}, error() {} };

/** A line whose client says `said` and then waits; what the server sends is collected. */
class TestLine implements Line {
  readonly incoming = new Input();
  readonly heard: unknown[] = [];
  readonly #reader = new FrameReader();
  closed = false;

  constructor(...said: (ClientMessage | Uint8Array)[]) {
    for (const piece of said) this.says(piece);
  }

  says(piece: ClientMessage | Uint8Array): void {
    void this.incoming.push(piece instanceof Uint8Array ? piece : encodeMessage(piece));
  }

  send(piece: Uint8Array): Promise<void> {
    for (const { type, content } of this.#reader.push(piece)) {
      if (type !== FRAME.message) {
        this.heard.push([type, new TextDecoder().decode(content)]);
        continue;
      }
      const message = decodeServerMessage(content);
      this.heard.push(message);
      if ("ask" in message) this.onAsk(message.ask.id);
    }
    return Promise.resolve();
  }

  onAsk: (id: number) => void = () => {};

  close(): void {
    this.closed = true;
    this.incoming.end();
  }
}

const open = (operation: string): ClientMessage => ({
  open: { v: 1, operation, arguments: { n: 1 }, terminal: false },
});

async function serve(
  line: TestLine,
  operation: Operation,
  caller: Caller = { person: null },
): Promise<unknown[]> {
  const desk = {
    operations: new Map([["try", operation], ["claim", operation]]),
    open: new Set(["claim"]),
    owner: () => OWNER,
    log: silent,
  };
  await serveSession(line, desk, caller);
  return line.heard;
}

Deno.test("an operation's items, output and exit code reach the client in order", async () => {
  const line = new TestLine(open("try"));
  const heard = await serve(line, (args, session) => {
    session.item({ got: args.n, person: session.person });
    session.write(1, new TextEncoder().encode("out"));
    session.write(2, new TextEncoder().encode("err"));
    return Promise.resolve(7);
  });
  assert.deepEqual(heard, [
    { item: { got: 1, person: OWNER } },
    [FRAME.output, "out"],
    [FRAME.errors, "err"],
    { end: { exitCode: 7 } },
  ]);
  assert.ok(line.closed);
});

Deno.test("nobody acts for another person than the one they have come in as", async () => {
  const says = (operation: string, person?: Fingerprint): ClientMessage => ({
    open: { v: 1, operation, arguments: {}, terminal: false, ...(person && { person }) },
  });
  const acts = async (caller: Fingerprint | null, operation: string, person?: Fingerprint) => {
    let actor: Fingerprint | undefined;
    const [first] = await serve(new TestLine(says(operation, person)), (_, session) => {
      actor = session.person;
      return Promise.resolve(0);
    }, { person: caller }) as [{ error?: { kind: string } }];
    return actor ?? first.error?.kind;
  };
  for (const caller of [null, OWNER]) {
    assert.equal(await acts(caller, "try"), OWNER);
    assert.equal(await acts(caller, "try", OWNER), OWNER);
    assert.equal(await acts(caller, "try", GUEST), "denied");
  }
  assert.equal(await acts(GUEST, "try"), GUEST);
  assert.equal(await acts(GUEST, "try", OWNER), "denied");
  // What makes sure itself who asks, is asked for by whoever has this computer; it tells whose key.
  assert.equal(await acts(null, "claim", GUEST), GUEST);
  assert.equal(await acts(GUEST, "claim", OWNER), "denied");
});

Deno.test("standard input reaches the operation until its end", async () => {
  const input = [encodeFrame(FRAME.input, new TextEncoder().encode("abc"))];
  const line = new TestLine(open("try"), ...input, encodeFrame(FRAME.input, new Uint8Array()));
  const heard = await serve(line, async (_, session) => {
    let size = 0;
    for await (const piece of session.input) size += piece.length;
    return size;
  });
  assert.deepEqual(heard, [{ want: "input" }, { end: { exitCode: 3 } }]);
});

Deno.test("a typed error crosses with its kind and hint, an unexpected one without its stack", async () => {
  const refused = await serve(new TestLine(open("try")), () => {
    throw new PeriError("denied", { op: "try", subject: "no", hint: "ask" });
  });
  assert.deepEqual(refused, [{ error: { kind: "denied", op: "try", subject: "no", hint: "ask" } }]);
  const broken = await serve(new TestLine(open("try")), () => {
    throw new TypeError("x is undefined");
  });
  assert.deepEqual(broken, [
    { error: { kind: "internal", op: "do that", subject: "x is undefined" } },
  ]);
});

Deno.test("the person answers what the operation asks", async () => {
  const line = new TestLine(open("try"));
  line.onAsk = (ask) =>
    line.says({ reply: { ask, value: ask === 1 ? { yes: true } : { signature: "AQI=" } } });
  const heard = await serve(line, async (_, session) => {
    assert.equal(await session.confirm("really?", []), true);
    return (await session.sign(OWNER, "text")).length;
  });
  assert.deepEqual(heard.at(-1), { end: { exitCode: 2 } });
});

Deno.test("a client that leaves does not keep an operation waiting for its answer", async () => {
  const line = new TestLine(open("try"));
  line.onAsk = () => line.incoming.end();
  const heard = await serve(line, async (_, session) => {
    await session.sign(OWNER, "text");
    return 0;
  });
  assert.deepEqual(heard.at(-1), {
    error: { kind: "denied", op: "ask the person", subject: "they left before they answered" },
  });
});

Deno.test("an interrupt reaches the operation", async () => {
  const line = new TestLine(open("try"), { interrupt: true });
  const heard = await serve(line, async (_, session) => {
    while (!session.interrupted.aborted) await Promise.resolve();
    return 130;
  });
  assert.deepEqual(heard, [{ end: { exitCode: 130 } }]);
});

Deno.test("garbage instead of an open message is refused and the line closed", async () => {
  for (
    const garbage of [new Uint8Array(64).fill(255), encodeFrame(FRAME.message, new Uint8Array())]
  ) {
    const line = new TestLine(garbage);
    line.incoming.end();
    const [first] = await serve(line, () => Promise.resolve(0)) as { error: { kind: string } }[];
    assert.equal(first?.error.kind, "damaged");
    assert.ok(line.closed);
  }
});

Deno.test("an operation nobody wrote is named", async () => {
  const [first] = await serve(new TestLine(open("pod.fly")), () => Promise.resolve(0)) as {
    error: { kind: string; op: string; hint?: string };
  }[];
  assert.deepEqual([first?.error.kind, first?.error.op], ["missing-implementation", "do pod.fly"]);
  assert.match(first?.error.hint ?? "", /peri status/);
});

Deno.test("documents that are signed together come back in order, in as many asks as they need", async () => {
  const documents = Array.from({ length: 450 }, (_, at) => `${at} ${"x".repeat(at % 7)}`);
  documents.push("y".repeat(16_000), ...Array.from({ length: 20 }, () => "z".repeat(15_000)));
  const line = new TestLine(open("try"));
  const asked: number[] = [];
  line.onAsk = (ask) => {
    const { documents } = (line.heard.at(-1) as { ask: { documents: string[] } }).ask;
    asked.push(documents.length);
    const signatures = documents.map((text) => btoa(text.slice(0, 20)));
    line.says({ reply: { ask, value: { signatures } } });
  };
  await serve(line, async (_, session) => {
    const signed = await session.signAll(OWNER, documents);
    const read = signed.map((bytes) => new TextDecoder().decode(bytes));
    assert.deepEqual(read, documents.map((text) => text.slice(0, 20)));
    return 0;
  });
  assert.ok(asked.every((count) => count <= 200) && asked.length > 3, String(asked));
  assert.deepEqual(line.heard.at(-1), { end: { exitCode: 0 } });
});

Deno.test("fewer signatures than documents, or none, are no answer", async () => {
  for (const signatures of [[], ["AQI="], ["AQI=", 7], "AQI="]) {
    const line = new TestLine(open("try"));
    line.onAsk = (ask) => line.says({ reply: { ask, value: { signatures } } });
    const heard = await serve(line, async (_, session) => {
      await session.signAll(OWNER, ["a", "b"]);
      return 0;
    });
    const { error } = heard.at(-1) as { error: { kind: string } };
    assert.equal(error.kind, "damaged");
  }
});
