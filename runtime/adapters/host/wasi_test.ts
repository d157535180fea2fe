import assert from "node:assert/strict";
import { encodeUtf8 } from "../../model/bytes.ts";
import { isKnownImport } from "../jco/world.ts";
import { makeWasi } from "./wasi.ts";

type Functions = Record<string, (...args: unknown[]) => unknown>;

function open() {
  const lines: string[] = [];
  const wasi = makeWasi({ line: (text) => lines.push(text) });
  return { lines, get: (name: string) => wasi[`wasi:${name}`] as Functions };
}

interface Output {
  write(bytes: Uint8Array): void;
}

Deno.test("every interface that components may import is there, and no other", () => {
  for (const name of Object.keys(makeWasi({ line() {} }))) {
    assert(isKnownImport(`${name}@0.2.0`), name);
  }
  assert(!isKnownImport("wasi:sockets/tcp@0.2.0"));
  assert(!isKnownImport("wasi:filesystem/types@0.3.0"));
});

Deno.test("there are no files, no environment, no arguments and no input", () => {
  const { get } = open();
  assert.deepEqual(get("cli/environment").getEnvironment!(), []);
  assert.deepEqual(get("cli/environment").getArguments!(), []);
  assert.deepEqual(get("filesystem/preopens").getDirectories!(), []);
  const input = get("cli/stdin").getStdin!() as { read(): void };
  assert.throws(() => input.read());
});

Deno.test("output becomes lines of the log, of bounded length", () => {
  const { lines, get } = open();
  const output = get("cli/stdout").getStdout!() as Output;
  output.write(encodeUtf8("one\ntw"));
  output.write(encodeUtf8("o\n"));
  assert.deepEqual(lines, ["one", "two"]);
  for (let count = 0; count < 100; count++) output.write(new Uint8Array(10_000).fill(65));
  output.write(encodeUtf8("\n"));
  assert(lines.at(-1)!.length <= 32_768);
});

Deno.test("chance is real and bounded; the number of streams too", () => {
  const { get } = open();
  const bytes = get("random/random").getRandomBytes!;
  assert.notDeepEqual(bytes(16n), bytes(16n));
  assert.throws(() => bytes(10n ** 12n), /too many/);
  const seeds = get("random/insecure-seed").insecureSeed!;
  assert.notDeepEqual(seeds(), seeds());
  const take = () => get("cli/stdin").getStdin!() as Disposable;
  assert.throws(() => {
    for (let count = 0; count < 2_000; count++) take();
  }, /too many streams/);
});

Deno.test("streams that are given back can be taken again", () => {
  const { get } = open();
  for (let count = 0; count < 5_000; count++) {
    (get("cli/stdin").getStdin!() as Disposable)[Symbol.dispose]();
  }
});
