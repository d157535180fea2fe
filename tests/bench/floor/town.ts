/**
 * Alice and Bob with a real server each, friends, both with the hey pod; spoken to through their
 * control sockets, so that no command line has to start.
 *
 * @module
 */

import { runSession } from "../../../cli/session.ts";
import { dialControl } from "../../../runtime/adapters/control_line.ts";
import { controlSocket } from "../../../runtime/model/home.ts";
import { Person } from "../../../tools/demo/person.ts";
import { formatLauncher } from "../../../tools/install/launcher.ts";
import { tempFolder } from "./process.ts";

const root = new URL("../../..", import.meta.url).pathname.replace(/\/$/, "");

/** Two people who know each other. Closing it ends their servers and removes their homes. */
export interface Town extends AsyncDisposable {
  readonly alice: Person;
  readonly bob: Person;
  /** The `peri` program. */
  readonly peri: string;
}

/** Makes keys, starts servers, claims them, installs pods, makes friends. Takes some seconds. */
export async function openTown(): Promise<Town> {
  const folder = tempFolder();
  const peri = `${folder.path}/peri`;
  Deno.writeTextFileSync(peri, formatLauncher({ deno: Deno.execPath(), root }), { mode: 0o755 });
  const scene = { folder: folder.path, peri, say: () => {} };
  const [alice, bob] = [new Person("alice", scene), new Person("bob", scene)];
  const town: Town = {
    alice,
    bob,
    peri,
    async [Symbol.asyncDispose]() {
      await Promise.all([alice.stop("SIGTERM"), bob.stop("SIGTERM")]);
      folder[Symbol.dispose]();
    },
  };
  try {
    const [aliceUrl, bobUrl] = [await settle(alice), await settle(bob)];
    await befriend(alice, bob, bobUrl);
    await befriend(bob, alice, aliceUrl);
    return town;
  } catch (error) {
    await town[Symbol.asyncDispose]();
    throw error;
  }
}

/** Runs a command of a pod on a running server; its standard output. @throws when it fails. */
export async function askPod(person: Person, argv: readonly string[]): Promise<string> {
  const line = await dialControl(controlSocket(person.home));
  if (line === undefined) throw new Error(`${person.name}'s server does not run`);
  const said: string[] = [];
  const [pod, ...rest] = argv;
  const open = { operation: "pod.run", arguments: { pod: pod!, argv: rest }, terminal: false };
  const exitCode = await runSession(line, open, {
    item: () => {},
    note: () => {},
    output: (_, bytes) => void said.push(new TextDecoder().decode(bytes)),
    ask: () => Promise.reject(new Error("nobody answers questions here")),
  });
  if (exitCode === 0) return said.join("");
  throw new Error(`${argv.join(" ")} ended with ${exitCode}: ${said.join("")}`);
}

async function settle(person: Person): Promise<string> {
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  await person.types("key", "init", "--name", person.name);
  await person.serve(port, url);
  await person.types("claim", "--yes");
  await person.types("pod", "install", "hey", "--yes");
  return url;
}

async function befriend(from: Person, to: Person, url: string): Promise<void> {
  const [key] = await to.records<{ fingerprint: string }>("key", "list");
  const owner = key!.fingerprint;
  await from.types("friend", "add", url, "--owner", owner, "--name", to.name, "--yes");
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
