import assert from "node:assert/strict";
import { dispatch } from "../../cli/dispatch.ts";
import { Interrupted, type Line, runSession } from "../../cli/session.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { encodeMessage } from "../../runtime/model/control.ts";
import { encodeFrame, FRAME } from "../../runtime/model/frame.ts";
import type { Operation } from "../../runtime/ports/session.ts";
import { dial, openWorld, type } from "./memory.ts";

const open = { operation: "status", arguments: {}, terminal: false };
const deaf = {
  item() {},
  note() {},
  output() {},
  ask: () => Promise.resolve({}),
};

/** A line on which a periphery says some pieces and hangs up; `broken` is thrown after them. */
function lineOf(pieces: readonly Uint8Array[], broken?: Error): Line & { closed: number } {
  return {
    closed: 0,
    incoming: (async function* () {
      yield* pieces;
      if (broken !== undefined) throw broken;
    })(),
    send: () => Promise.resolve(),
    close() {
      this.closed++;
      return Promise.resolve();
    },
  };
}

const isKind = (kind: string) => (thrown: unknown) =>
  thrown instanceof PeriError && thrown.kind === kind;

Deno.test("a session ends with its exit code and closes its line", async () => {
  const line = lineOf([encodeMessage({ end: { exitCode: 42 } })]);
  assert.equal(await runSession(line, open, deaf), 42);
  assert.equal(line.closed, 1);
});

Deno.test("a periphery that goes away is unreachable, however it goes", async () => {
  const half = encodeFrame(FRAME.output, new Uint8Array(9)).slice(0, 7);
  const reset = new Deno.errors.ConnectionReset("reset");
  for (const line of [lineOf([]), lineOf([half]), lineOf([], reset)]) {
    await assert.rejects(runSession(line, open, deaf), isKind("unreachable"));
    assert.equal(line.closed, 1);
  }
});

Deno.test("a periphery that is gone before anything is said to it is as unreachable", async () => {
  const why = new PeriError("unreachable", { op: "reach far", subject: "connection refused" });
  const deafLine = (line: Line): Line => ({
    ...line,
    send: () => Promise.reject(new Deno.errors.BrokenPipe("broken")),
  });
  await assert.rejects(runSession(deafLine(lineOf([], why)), open, deaf), why);
  const asked = encodeMessage({ ask: { id: 1, kind: "confirm", question: "?", details: [] } });
  const lost = runSession(deafLine(lineOf([asked])), open, deaf);
  await assert.rejects(lost, isKind("unreachable"));
});

Deno.test("a periphery that talks nonsense is damaged", async () => {
  const line = lineOf([new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n")]);
  await assert.rejects(runSession(line, open, deaf), isKind("damaged"));
});

Deno.test("output comes in order and whole, however long", async () => {
  const size = 3_000_000;
  const long: Operation = (_args, session) => {
    for (let at = 0; at < size; at += 100_000) {
      session.write(1, new Uint8Array(100_000).fill(at / 100_000));
    }
    return Promise.resolve(0);
  };
  const seen: number[] = [];
  let total = 0;
  const code = await runSession(dial({ status: long }), open, {
    ...deaf,
    async output(_fd, bytes) {
      await Promise.resolve();
      total += bytes.length;
      if (seen.at(-1) !== bytes[0]) seen.push(bytes[0]!);
    },
  });
  assert.equal(code, 0);
  assert.equal(total, size);
  assert.deepEqual(seen, Array.from({ length: 30 }, (_, at) => at));
});

Deno.test("Ctrl-C reaches the operation, whose exit code counts", async () => {
  const { context, outcome, interrupt } = openWorld({
    operations: {
      "pod.run": async (_args, session) => {
        session.write(1, new TextEncoder().encode("waiting"));
        await new Promise((resolve) => session.interrupted.addEventListener("abort", resolve));
        return 99;
      },
    },
  });
  const ended = dispatch(["hey", "wait"], context);
  while (outcome().stdout === "") await new Promise((resolve) => setTimeout(resolve, 1));
  interrupt();
  assert.equal(await ended, 99);
});

Deno.test("an operation that fails after Ctrl-C is interrupted: 130, and nothing said", async () => {
  const { context, outcome, interrupt } = openWorld({
    operations: {
      status: async (_args, session) => {
        session.item({ ready: true });
        await new Promise((resolve) => session.interrupted.addEventListener("abort", resolve));
        throw new PeriError("internal", { op: "go on", subject: "stopped" });
      },
    },
  });
  const ended = dispatch(["status", "--json"], context);
  while (outcome().stdout === "") await new Promise((resolve) => setTimeout(resolve, 1));
  interrupt();
  assert.equal(await ended, 130);
  assert.equal(outcome().stderr, "");
});

Deno.test("a second Ctrl-C does not wait for the periphery", async () => {
  let interrupt = () => {};
  const hung = Promise.withResolvers<void>();
  const line: Line = {
    incoming: (async function* () {
      yield encodeMessage({ note: "started" });
      await hung.promise;
      throw new Deno.errors.Interrupted("closed");
    })(),
    send: () => Promise.resolve(),
    close: () => Promise.resolve(hung.resolve()),
  };
  const ended = runSession(line, open, {
    ...deaf,
    note() {
      interrupt();
      interrupt();
    },
    onInterrupt(listener) {
      interrupt = listener;
      return () => {};
    },
  });
  await assert.rejects(ended, Interrupted);
});

Deno.test("who no longer reads ends the command quietly", async () => {
  const { context } = openWorld({
    operations: {
      "pod.list": (_args, session) => Promise.resolve(session.item({ name: "a" }) ?? 0),
    },
  });
  const broken = {
    ...context,
    streams: {
      ...context.streams,
      stdout: {
        isTerminal: false,
        columns: undefined,
        write: () => Promise.reject(new Deno.errors.BrokenPipe("gone")),
      },
    },
  };
  assert.equal(await dispatch(["pod", "list"], broken), 141);
});

Deno.test("arguments that were not given are not sent", async () => {
  let given: unknown;
  const spy: Operation = (args) => {
    given = args;
    return Promise.resolve(0);
  };
  const argv = ["friend", "add", "https://bob.example/"];
  assert.equal((await type(argv, { operations: { "friend.add": spy } })).code, 0);
  assert.deepEqual(given, { url: "https://bob.example" });
});
