/**
 * Turns of questions: so many at once, few of them to one server, and who waits for one that does
 * not answer is told with it. So a server that says nothing keeps nobody from asking others.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";
import type { ServerUrl } from "../model/words.ts";

interface Line {
  asking: number;
  readonly waiting: Turn[];
}

type Turn = PromiseWithResolvers<void>;

/** See the module. */
export class Turns {
  readonly #lines = new Map<ServerUrl, Line>();
  #free: number;

  /**
   * @param most questions at once
   * @param perServer of these to one server
   */
  constructor(most: number, private readonly perServer: number) {
    this.#free = most;
  }

  /**
   * Asks when it is this question's turn; servers take turns.
   *
   * @throws {PeriError} as `ask`; `unreachable` also when the server did not answer one before it.
   */
  async take<Answer>(server: ServerUrl, ask: () => Promise<Answer>): Promise<Answer> {
    await this.#enter(server);
    try {
      return await ask();
    } catch (thrown) {
      if (thrown instanceof PeriError && thrown.kind === "unreachable") this.#tell(server, thrown);
      throw thrown;
    } finally {
      this.#leave(server);
    }
  }

  #enter(server: ServerUrl): Promise<void> {
    const line = this.#lines.get(server) ?? { asking: 0, waiting: [] };
    const turn = Promise.withResolvers<void>();
    line.waiting.push(turn);
    this.#lines.set(server, line);
    this.#next();
    return turn.promise;
  }

  #leave(server: ServerUrl): void {
    const line = this.#lines.get(server)!;
    line.asking--;
    this.#free++;
    this.#lines.delete(server);
    // It goes to the end of the servers.
    if (line.asking > 0 || line.waiting.length > 0) this.#lines.set(server, line);
    this.#next();
  }

  #next(): void {
    for (const line of this.#lines.values()) {
      while (this.#free > 0 && line.asking < this.perServer && line.waiting.length > 0) {
        this.#free--;
        line.asking++;
        line.waiting.shift()!.resolve();
      }
      if (this.#free === 0) return;
    }
  }

  #tell(server: ServerUrl, why: PeriError): void {
    for (const turn of this.#lines.get(server)!.waiting.splice(0)) turn.reject(why);
  }
}
