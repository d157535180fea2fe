/**
 * A real server whose disk takes nothing more, and then does again.
 *
 * @module
 */
// needs: prlimit

import assert from "node:assert/strict";
import { letters, talk } from "./client.ts";
import { openStage, openTown, settle, type Town } from "./town.ts";
import { until } from "./wait.ts";

/** SIGXFSZ would end a process that writes beyond its limit; ignored, the write fails. */
const MAY_FAIL = "trap '' XFSZ";
/** Room for some letters, far from all. */
const ROOM_BYTES = 200_000;
const LETTER_BYTES = 4_000;
const MAX_WRITTEN = 300;
/** Longest time until all is delivered when there is room again. */
const SETTLE_MS = 30_000;
/** Longest time until who was turned away comes again when the other is heard of. */
const SOON_MS = 25_000;

/** A way to fill the disk of Alice's home. */
interface Filling {
  readonly name: string;
  /** Readies her home, whose server does not run. False: it cannot be done here. */
  ready(town: Town): boolean;
  /** Leaves this much room to her running server. */
  fill(town: Town, roomBytes: number): void;
  free(town: Town): void;
  /** Undoes what `ready` did; her server does not run. */
  end(town: Town): void;
}

function run(program: string, ...args: readonly string[]): boolean {
  const command = new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" });
  return command.outputSync().success;
}

function limitFiles({ alice }: Town, limit: string): void {
  // The limit ends with its process.
  if (alice.pid === undefined) return;
  assert(run("prlimit", "--pid", `${alice.pid}`, `--fsize=${limit}:unlimited`));
}

/** Bytes of the largest file of the store. */
function largest({ alice: { home } }: Town): number {
  return Math.max(...["", "-wal"].map((end) => Deno.statSync(`${home}/state.kv${end}`).size));
}

/** No file may grow: what a quota does too. Works everywhere. */
const limit: Filling = {
  name: "no file may grow",
  ready: () => true,
  fill: (town, roomBytes) => limitFiles(town, `${roomBytes && largest(town) + roomBytes}`),
  free: (town) => limitFiles(town, "unlimited"),
  end: () => {},
};

/** A file system without room, where mounting is allowed. */
const small: Filling = {
  name: "a file system is full",
  ready({ alice: { home } }) {
    const aside = `${home}.aside`;
    Deno.renameSync(home, aside);
    Deno.mkdirSync(home, { mode: 0o700 });
    const isMounted = tryMount(home);
    if (isMounted && run("sh", "-c", `cp -a "$0/." "$1"`, aside, home)) return true;
    if (isMounted) run("umount", home);
    Deno.removeSync(home);
    Deno.renameSync(aside, home);
    assert(!isMounted, "a home of one pod needs little room");
    return false;
  },
  fill({ alice }, roomBytes) {
    const filler = `${alice.home}/filler`;
    // It ends with an error, when there is no room left.
    run("sh", "-c", 'cat /dev/zero > "$0"', filler);
    Deno.truncateSync(filler, Math.max(0, Deno.statSync(filler).size - roomBytes));
  },
  free: ({ alice }) => Deno.removeSync(`${alice.home}/filler`),
  end: ({ alice }) => void run("umount", alice.home),
};

function tryMount(folder: string): boolean {
  try {
    return run("mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "none", folder);
  } catch {
    return false;
  }
}

/** Writes until she is refused; what she was told is taken. */
async function writeToTheEdge({ alice }: Town, name: string): Promise<string[]> {
  const taken: string[] = [];
  for (let n = 0; n < MAX_WRITTEN; n++) {
    const text = `${name} ${n} `;
    const argv = ["hey", "leave-message", "bob", text.padEnd(LETTER_BYTES, "x")];
    const { exitCode, error } = await talk(alice, argv);
    if (exitCode === 0) taken.push(text);
    else {
      assert.equal(exitCode, 9, error?.message);
      assert(taken.length > 0, "there was room for some");
      return taken;
    }
  }
  throw new Error(`all ${MAX_WRITTEN} letters were taken`);
}

/** Her server dies where its disk ended: it has all that it took, and nothing that it refused. */
async function playEdge(town: Town, filling: Filling): Promise<void> {
  const { alice, bob, places } = town;
  const before = (await letters(bob)).length;
  filling.fill(town, ROOM_BYTES);
  const taken = await writeToTheEdge(town, filling.name);
  await alice.stop("SIGKILL");
  filling.free(town);
  const { port, url } = places.get(alice)!;
  await alice.serve(port, url, MAY_FAIL);
  const isOver = async () => (await letters(bob)).length >= before + taken.length;
  await until(isOver, "what was taken arrives", SETTLE_MS);
  const arrived = (await letters(bob)).slice(before);
  assert.deepEqual(arrived.map(({ start }) => start.replace(/x+…?$/, "")), taken);
}

/** Her server goes on through all of it. */
async function playFull(town: Town, filling: Filling): Promise<void> {
  const { alice, bob } = town;
  const before = { here: (await letters(alice)).length, there: (await letters(bob)).length };
  const tag = filling.name;
  const leave = (text: string) => alice.run(["hey", "leave-message", "bob", `${tag}: ${text}`]);
  assert.equal((await leave("before")).code, 0);

  filling.fill(town, 0);
  for (let n = 0; n < 3; n++) {
    const { code, stdout, stderr } = await leave(`refused ${n}`);
    assert.equal(code, 9, stderr);
    assert.match(stderr, /^peri: cannot write store: .*\nhint: make room on the disk/);
    assert.equal(stdout, "");
  }
  assert.equal((await alice.run(["hey", "list"])).code, 0, "what is there can be read");
  const inbound = await talk(bob, ["hey", "leave-message", "alice", `${tag}: inbound`]);
  assert.equal(inbound.exitCode, 0);
  await until(() => isTold(town), "bob is told to come again", SETTLE_MS);

  filling.free(town);
  assert.equal((await leave("after")).code, 0);
  // He was told half a minute; hearing of her he comes at once.
  await until(async () => (await letters(alice)).length > before.here, "it arrives", SOON_MS);
  await until(async () => (await letters(bob)).length > before.there + 1, "so do hers", SOON_MS);
  const texts = async (person: typeof alice, from: number) =>
    (await letters(person)).slice(from).map(({ start }) => start);
  assert.deepEqual(await texts(alice, before.here), [`${tag}: inbound`]);
  assert.deepEqual(await texts(bob, before.there), [`${tag}: before`, `${tag}: after`]);
}

async function isTold({ bob }: Town): Promise<boolean> {
  const waiting = await bob.records<{ reason?: string }>("outbox", "list");
  return waiting.some(({ reason }) => reason === "busy");
}

Deno.test("a server whose disk is full refuses, loses nothing and goes on when there is room", async (t) => {
  await using town = await openTown();
  const { alice, places } = town;
  const { port, url } = places.get(alice)!;
  for (const filling of [limit, small]) {
    await t.step(filling.name, async () => {
      await alice.stop("SIGTERM");
      let isReady = false;
      try {
        isReady = filling.ready(town);
        await alice.serve(port, url, MAY_FAIL);
        if (isReady) {
          await playFull(town, filling);
          await playEdge(town, filling);
        } else console.log(`not tried: ${filling.name} (mounting is not allowed here)`);
        assert.equal(await alice.stop("SIGTERM"), 0);
      } finally {
        await alice.stop("SIGKILL");
        if (isReady) filling.end(town);
      }
    });
  }
});

Deno.test("a home on a full disk, without a server, says what to do and is as it was", async () => {
  using stage = openStage();
  const { person } = await settle("alice", stage);
  await person.stop("SIGTERM");
  const child = person.start(["hey", "list"], `${MAY_FAIL}; ulimit -f 0`);
  await child.stdin.close();
  const { code, stderr } = await child.output();
  const said = new TextDecoder().decode(stderr);
  assert.equal(code, 9, said);
  assert.match(
    said,
    /^peri: cannot open the home: .*\nhint: make room on its disk; nothing is lost/,
  );
  assert.equal((await person.run(["hey", "list"])).code, 0);
});
