/**
 * People with real servers, keys and the hey pod, for tests and benches.
 *
 * @module
 */

import { Person, type Scene } from "../../tools/demo/person.ts";
import { formatLauncher } from "../../tools/install/launcher.ts";

const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** A `peri` of this checkout in a folder of its own; closing it removes the folder. */
export interface Stage extends Scene, Disposable {}

/** Makes a stage. */
export function openStage(): Stage {
  // Short, because the path of a Unix socket may have 107 bytes.
  const folder = Deno.makeTempDirSync({ dir: "/tmp", prefix: "town-" });
  const peri = `${folder}/peri`;
  Deno.writeTextFileSync(peri, formatLauncher({ deno: Deno.execPath(), root }), { mode: 0o755 });
  return {
    folder,
    peri,
    say: () => {},
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

/** A person who has settled in, and where others reach them. */
export interface Settled {
  readonly person: Person;
  readonly port: number;
  readonly url: string;
}

/** A key, a running server, claimed, with the hey pod. Takes some seconds. */
export async function settle(name: string, scene: Scene): Promise<Settled> {
  const person = new Person(name, scene);
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  try {
    await person.types("key", "init", "--name", name);
    await person.serve(port, url);
    await person.types("claim", "--yes");
    await person.types("pod", "install", "hey", "--yes");
    return { person, port, url };
  } catch (error) {
    await person.stop("SIGKILL");
    throw error;
  }
}

/** Has one person know another, by the other's name. */
export async function befriend(from: Settled, to: Settled): Promise<void> {
  const { person: { name } } = to;
  const [key] = await to.person.records<{ fingerprint: string }>("key", "list");
  const owner = key!.fingerprint;
  await from.person.types("friend", "add", to.url, "--owner", owner, "--name", name, "--yes");
}

/** Two people who know each other. Closing it ends their servers and removes their homes. */
export interface Town extends AsyncDisposable {
  readonly alice: Person;
  readonly bob: Person;
  /** Where they are reached. */
  readonly places: ReadonlyMap<Person, Settled>;
  /** The `peri` program. */
  readonly peri: string;
}

/** Settles Alice and Bob, who make friends. Takes some seconds. */
export async function openTown(): Promise<Town> {
  const stage = openStage();
  const people: Settled[] = [];
  const close = async () => {
    await Promise.all(people.map(({ person }) => person.stop("SIGKILL")));
    stage[Symbol.dispose]();
  };
  try {
    const settling = ["alice", "bob"].map(async (name) => {
      const settled = await settle(name, stage);
      people.push(settled);
      return settled;
    });
    await Promise.allSettled(settling);
    const [alice, bob] = [await settling[0]!, await settling[1]!];
    await Promise.all([befriend(alice, bob), befriend(bob, alice)]);
    return {
      alice: alice.person,
      bob: bob.person,
      places: new Map(people.map((settled) => [settled.person, settled])),
      peri: stage.peri,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A port that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
