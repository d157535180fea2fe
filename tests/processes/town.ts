/**
 * People with real servers, keys and the hey pod, for tests and benches.
 *
 * @module
 */

import { Person, type Scene } from "../../tools/demo/person.ts";
import { lendPrograms } from "../helpers/programs.ts";
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

/** Where somebody's server is. */
export interface Place {
  /** The port it listens on, at the address of `url`. */
  readonly port: number;
  /** How others reach it. */
  readonly url: string;
  /** What is typed in its shell before it starts. */
  readonly before?: string;
}

/** A person who has settled in, and where others reach them. */
export interface Settled extends Place {
  readonly person: Person;
}

/** A key, a running server, claimed, with the hey pod or others. Takes some seconds. */
export async function settle(
  name: string,
  scene: Scene,
  place: Place = freePlace(),
  pods: readonly string[] = ["hey"],
): Promise<Settled> {
  const settled = { person: new Person(name, scene), ...place };
  const { person } = settled;
  try {
    if (pods.includes("hey")) (await lendPrograms())(person.home);
    await person.types("key", "init", "--name", name);
    await serve(settled);
    await person.types("claim", "--yes");
    for (const pod of pods) await person.types("pod", "install", pod, "--yes");
    return settled;
  } catch (error) {
    await person.stop("SIGKILL");
    throw error;
  }
}

/** Starts somebody's server where it was. */
export async function serve({ person, port, url, before }: Settled): Promise<void> {
  await person.serve(port, url, before);
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
export async function openTown(places?: readonly [Place, Place]): Promise<Town> {
  const stage = openStage();
  const people: Settled[] = [];
  const close = async () => {
    await Promise.all(people.map(({ person }) => person.stop("SIGKILL")));
    stage[Symbol.dispose]();
  };
  try {
    const settling = ["alice", "bob"].map(async (name, index) => {
      const settled = await settle(name, stage, places?.[index]);
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

/** A place of one's own on this machine. */
export function freePlace(): Place {
  const port = freePort();
  return { port, url: `http://127.0.0.1:${port}` };
}

/** Ports from here on are free on most machines, and no connection is given one by itself. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;

/** A port that nobody listens on. */
export function freePort(): number {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    try {
      using _listener = Deno.listen({ hostname: "127.0.0.1", port });
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
