/**
 * Real servers with many pods and with none.
 *
 * @module
 */

import { Person } from "../../../tools/demo/person.ts";
import { askPod } from "../../processes/client.ts";
import { freePort, openStage, type Stage } from "../../processes/town.ts";
import { familyOf, memoryOf } from "./memory.ts";
import { seedHome } from "./seed.ts";

/** A server is looked at when it has had so long to come to rest. */
const REST_MS = 1_000;

/** A home whose server is started and ended again. */
export interface Crowd {
  /** Milliseconds until the server is ready; it is ended then. */
  start(): Promise<number>;
  /** MiB of the server and its hosts, started afresh, when so many pods have been used. */
  memory(used: number): Promise<number>;
}

/** Makes homes. Closing it removes them. */
export class Crowds implements Disposable {
  readonly #stage: Stage = openStage();

  /** Makes a home and runs its server once, as what is done at the first start alone counts not. */
  async make(name: string, components: readonly Uint8Array[], pods: number): Promise<Crowd> {
    const person = new Person(name, this.#stage);
    const port = freePort();
    const url = `http://127.0.0.1:${port}`;
    await seedHome({ home: person.home, url, components, pods });
    const serve = async () => {
      const startMs = performance.now();
      await person.serve(port, url);
      return performance.now() - startMs;
    };
    await serve();
    const use = (at: number) => askPod(person, [`pod-${at}`, "noop"]);
    if (pods > 0) { for (const at of components.keys()) await use(at); }
    await person.stop("SIGTERM");
    return {
      async start() {
        const tookMs = await serve();
        await person.stop("SIGTERM");
        return tookMs;
      },
      async memory(used) {
        await serve();
        for (let at = 0; at < used; at++) await use(at);
        await new Promise((resolve) => setTimeout(resolve, REST_MS));
        const memory = memoryOf(familyOf(person.pid!)) / 1024;
        await person.stop("SIGTERM");
        return memory;
      },
    };
  }

  [Symbol.dispose](): void {
    this.#stage[Symbol.dispose]();
  }
}
