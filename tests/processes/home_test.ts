/**
 * Homes in which a real server cannot begin, or not yet, or again.
 *
 * @module
 */
// needs: setpriv

import assert from "node:assert/strict";
import { Person } from "../../tools/demo/person.ts";
import { openStage, settle } from "./town.ts";

/** Root without the right to look over permissions; for anybody else nothing has to be done. */
const UNPRIVILEGED = Deno.uid() === 0
  ? `exec setpriv --bounding-set=-dac_override,-dac_read_search "$0" "$@"`
  : "";
const SERVE = ["serve", "--listen", "127.0.0.1:0"];

/** How a command ends that does not need any input. */
async function end(person: Person, args: readonly string[], before = "") {
  const child = person.start(args, before);
  await child.stdin.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function refuses(
  person: Person,
  args: readonly string[],
  code: number,
  says: RegExp,
  before = "",
): Promise<void> {
  const ended = await end(person, args, before);
  assert.match(ended.stderr, says);
  assert.match(ended.stderr, /^peri: cannot .*\nhint: .*\n$/);
  assert.equal(ended.stdout, "");
  assert.equal(ended.code, code);
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("a home that cannot be used is refused, and nothing is left in it", async (t) => {
  using stage = openStage();
  await t.step("one that may not be written", async () => {
    const person = new Person("reader", stage);
    Deno.chmodSync(person.home, 0o500);
    await refuses(person, SERVE, 5, /cannot open the home/, UNPRIVILEGED);
    assert.deepEqual(names(person.home), []);
  });
  await t.step("one below a file", async () => {
    const person = new Person("below", stage);
    Deno.removeSync(person.home);
    Deno.writeTextFileSync(person.home, "");
    await refuses(person, SERVE, 5, /cannot open the home/);
  });
  await t.step("one whose path is too long for a socket", async () => {
    const person = new Person("l".repeat(100), stage);
    await refuses(person, SERVE, 2, /control\.sock has \d+ bytes, a socket's path at most 107/);
    assert.deepEqual(names(person.home), []);
  });
});

Deno.test("a home outlives what happens to its server and its files", async (t) => {
  using stage = openStage();
  const { person, port, url } = await settle("alice", stage);
  const { home } = person;
  const socket = `${home}/control.sock`;
  const store = `${home}/state.kv`;
  /** Whether the pod and its state are as they were. */
  const isWhole = async () => (await end(person, ["hey", "names"])).code === 0;
  try {
    await t.step("a second server is told the pid of the first", async () => {
      const { pid } = person;
      await refuses(person, SERVE, 10, RegExp(`is in use by peri serve with pid ${pid}\n`));
      assert(await isWhole());
    });
    await t.step("after SIGKILL the old socket and lock are in nobody's way", async () => {
      await person.stop("SIGKILL");
      assert(Deno.statSync(socket).isSocket);
      assert.match(Deno.readTextFileSync(`${home}/lock`), /peri serve/);
      assert(await isWhole(), "a command opens the home itself");
      await person.serve(port, url);
      assert.equal(Deno.statSync(socket).mode! & 0o777, 0o600);
      assert(await isWhole(), "a command reaches the new server");
      assert.equal(await person.stop("SIGTERM"), 0);
      assert(!names(home).includes("control.sock"));
    });
    await t.step("commands that come at once without a server wait for each other", async () => {
      const codes = Array.from({ length: 4 }, isWhole);
      assert.deepEqual(await Promise.all(codes), [true, true, true, true]);
    });
    await t.step("a home or store that may only be read is refused at the start", async () => {
      Deno.chmodSync(home, 0o500);
      await refuses(person, SERVE, 5, /cannot open store: .*readonly/, UNPRIVILEGED);
      Deno.chmodSync(home, 0o700);
      Deno.chmodSync(store, 0o400);
      await refuses(person, SERVE, 5, /cannot open store: .*Permission denied/, UNPRIVILEGED);
      Deno.chmodSync(store, 0o600);
      assert(await isWhole());
    });
    await t.step("a store that is damaged is refused and left as it is", async () => {
      const bytes = Deno.readFileSync(store);
      for (const damaged of [bytes.slice(0, bytes.length / 2), bytes.map((byte) => ~byte)]) {
        Deno.writeFileSync(store, damaged);
        await refuses(person, SERVE, 13, /cannot open store: .*(malformed|not a database)/);
        assert.deepEqual(Deno.readFileSync(store), damaged);
      }
      Deno.writeFileSync(store, bytes);
      assert(await isWhole());
    });
  } finally {
    await person.stop("SIGKILL");
  }
});
