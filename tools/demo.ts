/**
 * The main job, end to end: Alice leaves Bob a message, through real pods, between two real
 * peripheries. Run by `deno task demo`; ends non-zero when anything was not as promised.
 *
 * @module
 */

import { join } from "node:path";
import { Person, type Scene } from "./demo/person.ts";
import { Wire } from "./demo/wire.ts";

const root = new URL("..", import.meta.url).pathname;
const keep = Deno.args.includes("--keep");
const say = (line: string) => console.log(line);
const started = performance.now();

/** Messages sent while Bob's server is killed. */
const BURST = 20;
/** Longest wait for the burst to arrive. */
const ARRIVAL_MS = 20_000;

function heading(text: string): void {
  say(`\n── ${text}`);
}

/** Insists on a promise of the demo. */
function promised(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not as promised: ${what}`);
  say(`  ✓ ${what}`);
}

async function deno(...args: string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...args],
    cwd: root,
    stdout: "inherit",
    stderr: "piped",
  }).output();
  if (code !== 0) throw new Error(`${args[0]}: ${new TextDecoder().decode(stderr)}`);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function fingerprintOf(person: Person): Promise<string> {
  const [key] = await person.records<{ fingerprint: string }>("key", "list");
  return key!.fingerprint;
}

/** A key, a claimed server, the hey pod: what every person does once. */
async function settleIn(person: Person, port: number, url: string): Promise<void> {
  const name = person.name[0]!.toUpperCase() + person.name.slice(1);
  await person.types("key", "init", "--name", name);
  await person.serve(port, url);
  await person.types("claim", "--yes");
  await person.types("pod", "install", "hey", "--yes");
}

async function befriend(from: Person, to: Person, url: string): Promise<void> {
  const owner = await fingerprintOf(to);
  await from.types("friend", "add", url, "--owner", owner, "--name", to.name, "--yes");
}

/** Waits until `count` gives `wanted` or time is up; returns the last count. */
async function settle(count: () => Promise<number>, wanted: number): Promise<number> {
  const end = performance.now() + ARRIVAL_MS;
  let seen = await count();
  while (seen < wanted && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    seen = await count();
  }
  return seen;
}

interface Letter {
  readonly n: number;
  readonly start: string;
}

const letters = (person: Person) => person.records<Letter>("hey", "list", "--all");

/** The requests that carry messages. Who lives where (`/peri/v1/book`) is public and signed. */
function envelopes(bytes: Uint8Array): Uint8Array[] {
  const text = new TextDecoder("latin1").decode(bytes);
  return [...text.matchAll(/POST \/peri\/v1\/envelopes/g)].map(({ index }) => {
    const [, size = "0"] = /content-length: (\d+)/i.exec(text.slice(index)) ?? [];
    return bytes.subarray(index, text.indexOf("\r\n\r\n", index) + 4 + Number(size));
  });
}

function showWire(bytes: Uint8Array, secrets: readonly string[]): void {
  const posts = envelopes(bytes);
  const first = posts[0]?.subarray(0, 448) ?? new Uint8Array();
  for (let at = 0; at < first.length; at += 32) {
    const row = first.subarray(at, at + 32);
    const readable = [...row].map((byte) =>
      byte > 31 && byte < 127 ? String.fromCharCode(byte) : "·"
    );
    say(`  ${row.toHex().padEnd(64)}  ${readable.join("")}`);
  }
  const size = posts.reduce((sum, post) => sum + post.length, 0);
  promised(size > 0, `${size} bytes of messages crossed the wire to bob; "to" is bob's pod key`);
  const text = posts.map((post) => new TextDecoder("latin1").decode(post)).join("\n");
  for (const secret of secrets) {
    promised(!text.includes(secret), `none of them reads ${JSON.stringify(secret)}`);
  }
}

async function talk(alice: Person, bob: Person, wire: Wire): Promise<void> {
  heading("Alice leaves Bob a message");
  const hello = "Hello Bob, the capybaras are back at the pond.";
  await wire.take();
  const before = performance.now();
  await alice.types("hey", "leave-message", "bob", hello);
  await settle(async () => (await letters(bob)).length, 1);
  say(`  (${Math.round(performance.now() - before)} ms, with the start of each command)`);
  await bob.types("hey", "list");
  await bob.types("hey", "read", "1");
  await bob.types("hey", "answer", "1", "On my way!");
  await settle(async () => (await letters(alice)).length, 1);
  await alice.types("hey", "list");
  const [reply] = await letters(alice);
  const answer = await alice.types("hey", "read", String(reply!.n));
  promised(answer.includes("On my way!"), "Alice reads Bob's answer");
  heading("What crossed the wire");
  const person = await fingerprintOf(alice);
  showWire(await wire.take(), ["capybaras", "alice", "peri:hey/mail", person]);
}

async function crash(alice: Person, bob: Person, port: number, url: string): Promise<void> {
  heading(`Bob's server is killed while ${BURST} messages are on the way`);
  const earlier = (await letters(bob)).length;
  const sending = (async () => {
    for (let n = 1; n <= BURST; n++) {
      const { code, stderr } = await alice.run(["hey", "leave-message", "bob", `number ${n}`]);
      if (code !== 0) throw new Error(`message ${n} was not taken: ${stderr}`);
    }
  })();
  await settle(async () => (await letters(bob)).length - earlier, 3);
  say(`bob$ kill -9 ${bob.pid}`);
  await bob.stop("SIGKILL");
  await sending;
  say(`  alice's server has taken all ${BURST}`);
  await bob.serve(port, url);
  await settle(async () => (await letters(bob)).length - earlier, BURST);
  const texts = (await letters(bob)).map((letter) => letter.start);
  const arrived = texts.filter((text) => text.startsWith("number "));
  const different = new Set(arrived);
  promised(different.size === BURST, `lost: ${BURST - different.size} of ${BURST}`);
  promised(arrived.length === different.size, `doubled: ${arrived.length - different.size}`);
  const ordered = arrived.map((text) => Number(text.slice(7)));
  const sorted = ordered.toSorted((a, b) => a - b);
  const kept = JSON.stringify(ordered) === JSON.stringify(sorted) ||
    JSON.stringify(ordered.toReversed()) === JSON.stringify(sorted);
  promised(kept, "in the order in which Alice wrote them");
}

function farewell(alice: Person, bob: Person, wire: Wire): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  heading(`Everything was as promised, in ${seconds} s`);
  if (keep) {
    say(`Both servers run on (${alice.pid}, ${bob.pid}). Be Alice:`);
    say(`  export PERI_HOME=${alice.home} PERI_PASSPHRASE_FILE=${alice.passphraseFile}`);
    say(`  ${alice.scene.peri} hey list`);
    say(
      `When you are done:  kill ${alice.pid} ${bob.pid} ${wire.pid}; sleep 2; rm -rf ${alice.scene.folder}`,
    );
  } else {
    say("Next, for yourself:");
    say("  npx -y deno@2.9 task install     puts `peri` on your PATH");
    say("  peri key init --name You         makes your key");
    say("  peri serve                       runs your periphery; then peri claim");
    say("  npx -y deno@2.9 task demo --keep leaves Alice and Bob running");
  }
}

/** What runs; ended in the reverse order when the demo fails or is interrupted. */
const running: (() => Promise<unknown>)[] = [];

async function story(scene: Scene): Promise<void> {
  const alice = new Person("alice", scene);
  const bob = new Person("bob", scene);
  const [alicePort, bobPort] = [freePort(), freePort()];
  const wire = await Wire.open(bobPort, join(scene.folder, "wire"));
  running.push(() => wire.close(), () => alice.stop("SIGKILL"), () => bob.stop("SIGKILL"));
  const aliceUrl = `http://127.0.0.1:${alicePort}`;
  const bobUrl = `http://127.0.0.1:${wire.port}`;
  heading("Two people, two servers");
  await settleIn(alice, alicePort, aliceUrl);
  await settleIn(bob, bobPort, bobUrl);
  heading("The servers become friends");
  await befriend(alice, bob, bobUrl);
  await befriend(bob, alice, aliceUrl);
  await talk(alice, bob, wire);
  await crash(alice, bob, bobPort, bobUrl);
  if (!keep) {
    const codes = await Promise.all([alice.stop("SIGTERM"), bob.stop("SIGTERM")]);
    await wire.close();
    promised(codes.every((code) => code === 0), "both servers ended quietly");
  }
  farewell(alice, bob, wire);
  [alice, bob].forEach((person) => person.release());
}

/** Resolves at the first Ctrl-C, which must leave as little behind as the end of the story. */
function untilInterrupt(): Promise<"interrupted"> {
  return new Promise((resolve) => {
    Deno.addSignalListener("SIGINT", () => resolve("interrupted"));
  });
}

async function play(folder: string): Promise<number> {
  say("Building the pods and a `peri` for this demo");
  await deno("pods/build/build.ts");
  await deno("tools/install.ts", "--to", join(folder, "bin"), "--quiet");
  await story({ folder, peri: join(folder, "bin", "peri"), say });
  return 0;
}

const folder = await Deno.makeTempDir({ prefix: "peri-demo-" });
const failed = (error: unknown) => {
  console.error(`\ndemo: ${error instanceof Error ? error.message : error}`);
  return 1;
};
const ended = await Promise.race([play(folder).catch(failed), untilInterrupt()]);
if (ended !== 0) { for (const end of running.toReversed()) await end(); }
if (ended !== 0 || !keep) await Deno.remove(folder, { recursive: true });
Deno.exit(ended === "interrupted" ? 130 : ended);
