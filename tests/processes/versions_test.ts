/**
 * Versions that take each other's place while messages come all the while and the server is killed
 * in the middle: each message is kept once and in order, by one of them, and whatever the pod keeps
 * is of one edition.
 *
 * `SEED=17` chooses the moments again, as far as a machine does the same twice; `UPGRADES`, `ROWS`
 * and `KILLS` make it longer or shorter.
 *
 * @module
 */

import assert from "node:assert/strict";
import { buildPod } from "../../pods/build/build.ts";
import { appendSection, MANIFEST_SECTION } from "../../pods/build/component.ts";
import { encodeManifest } from "../../pods/build/manifest.ts";
import { readProject } from "../../pods/build/project.ts";
import { Person } from "../../tools/demo/person.ts";
import { concatBytes } from "../../runtime/model/bytes.ts";
import { openChance } from "./chance.ts";
import { talk } from "./client.ts";
import { SEED, setting } from "./haunt.ts";
import { freePort, openStage, serve, type Settled } from "./town.ts";
import { pause, until } from "./wait.ts";
import { logs, together } from "./writer.ts";

const UPGRADES = setting("UPGRADES", 1);
/** In the middle of upgrades, which are begun again. */
const KILLS = setting("KILLS", 2);
const ROWS = setting("ROWS", 600);

/** Lines of one turn. */
const FILL = 200;
/** Longest time from the last message until it is kept. */
const SETTLE_MS = 60_000;
const STEP_MS = 20;
/** Within which a server is killed that is changing a version. */
const KILL_MS = 900;

/** What the ledger says. */
interface Book {
  readonly edition: number;
  /** A number and the edition that was the current one when it came. */
  readonly lines: readonly [n: number, heard: number][];
}

/** Says something to a pod until a server has lived to answer. */
async function say(person: Person, ...argv: readonly string[]): Promise<string> {
  for (;;) {
    const said = await talk(person, argv).catch(() => undefined);
    if (said?.exitCode === 0) return said.stdout;
    if (said?.error?.kind === "damaged") throw said.error;
    await pause(STEP_MS);
  }
}

async function readBook(person: Person): Promise<Book> {
  return JSON.parse(await say(person, "ledger", "read"));
}

/** The same pod as two versions, built once. */
async function buildVersions(folder: string): Promise<readonly string[]> {
  const project = await readProject(new URL("../pods/ledger", import.meta.url).pathname);
  const { manifest, component } = await buildPod(project, folder);
  const bytes = await Deno.readFile(component);
  const next = { ...manifest, version: "0.2.0" };
  // The manifest is the last section.
  const [old, stamp] = [manifest, next].map((one) =>
    appendSection(new Uint8Array(), MANIFEST_SECTION, encodeManifest(one))
  );
  const plain = bytes.subarray(0, bytes.length - old!.length);
  await Deno.writeFile(`${folder}/next.wasm`, concatBytes([plain, stamp!]));
  return [component, `${folder}/next.wasm`];
}

/** Upgrades until it has been done; the server is killed on the way `kills` times. */
async function upgrade(
  settled: Settled,
  component: string,
  kills: number,
  chance: () => number,
): Promise<void> {
  const { person } = settled;
  for (;;) {
    const upgrading = person.run([
      "pod",
      "install",
      component,
      "--as",
      "ledger",
      "--upgrade",
      "--yes",
    ]);
    if (kills-- > 0) {
      await pause(chance() * KILL_MS);
      await person.stop("SIGKILL");
      await upgrading;
      await serve(settled);
    } else {
      const { code, stderr } = await upgrading;
      assert.equal(code, 0, stderr);
      return;
    }
  }
}

Deno.test("versions take each other's place as a whole, whatever dies, and no message is lost", async () => {
  const chance = openChance(SEED);
  console.log(`replay: SEED=${SEED} UPGRADES=${UPGRADES} ROWS=${ROWS} KILLS=${KILLS}`);
  using stage = openStage();
  const person = new Person("alice", stage);
  const port = freePort();
  const settled = { person, port, url: `http://127.0.0.1:${port}` };
  try {
    const building = buildVersions(`${stage.folder}/pods`);
    await person.types("key", "init", "--name", "Alice");
    await serve(settled);
    await person.types("claim", "--yes");
    const components = await building;
    for (const name of ["ledger", "sender"]) {
      await person.types("pod", "install", components[0]!, "--as", name, "--yes");
    }
    for (let n = 0; n < ROWS; n += FILL) await say(person, "ledger", "fill", `${n}`, `${FILL}`);
    let told = 0;
    const ended = new AbortController();
    const tell = async (stopped: AbortSignal) => {
      while (!stopped.aborted && !ended.signal.aborted) {
        await say(person, "sender", "tell", `${told += 3}`);
        await pause(STEP_MS);
      }
    };
    const change = async () => {
      for (let n = 0; n < UPGRADES; n++) {
        const kills = Math.max(0, Math.ceil((KILLS - n) / UPGRADES));
        await upgrade(settled, components[(n + 1) % 2]!, kills, chance);
      }
      ended.abort();
    };
    await together((stopped) => [tell(stopped), change()]);
    let book = await readBook(person);
    await until(
      async () => (book = await readBook(person)).lines.length >= told,
      `${told} messages are kept`,
      SETTLE_MS,
    );
    assert.deepEqual(book.lines.map(([n]) => n), Array.from({ length: told }, (_, n) => n + 1));
    const heard = book.lines.map(([, edition]) => edition);
    assert.deepEqual(heard, heard.toSorted((a, b) => a - b), "no version comes back");
    assert.ok(book.edition >= UPGRADES, `edition ${book.edition}`);
    await person.types("pod", "rollback", "ledger", "--yes");
    const before = await readBook(person);
    // An upgrade that had happened when its server died was done once more.
    assert.ok(book.edition - before.edition <= 1, `edition ${before.edition}`);
    assert.deepEqual(before.lines, book.lines.slice(0, before.lines.length));
    console.log(`${told} messages, editions ${[...new Set(heard)].join(" ")}`);
  } catch (error) {
    console.log(logs([person]));
    throw error;
  } finally {
    await person.stop("SIGKILL");
  }
});
