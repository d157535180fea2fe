/**
 * A pod that does things later and again and again, and keeps when.
 *
 * @module
 */

import { Commands, type Occasion, Pod } from "../../../pods/sdk/mod.ts";

/** A sleep that has been begun. */
type Nap = { readonly name: string; readonly ms: number };

/** What its person may say. */
class Verbs extends Commands {
  readonly #log = this.table<number[]>("log");
  readonly #beats = this.table<number>("beats");
  readonly #nap = this.later("nap", (nap: Nap) => this.#sleep(nap));
  readonly #beat = this.every("beat", "1 s", (one) => this.#mark("beat", one), { catchUp: "all" });
  readonly #tidy = this.every("tidy", { daily: "03:30" }, (one) => this.#mark("tidy", one));

  /** Begins a sleep, from which nobody waits. */
  nap(name: string, ms: number): void {
    this.#nap.after(1, { name, ms }, { key: name });
  }

  /** Sleeps while somebody waits. */
  async sleepHere(ms: number): Promise<string> {
    await this.sleep(ms);
    return "awake";
  }

  /** When naps began and ended: their names and times. */
  async naps(): Promise<void> {
    for (const [name, times] of await this.#log.list()) {
      this.run.print(`${name} ${times.join(" ")}`);
    }
  }

  /** Moments that have had their runs: which schedule, when it was due, how often, and what it missed. */
  async beats(): Promise<void> {
    for (const [moment, count] of await this.#beats.list()) this.run.print(`${moment} ${count}`);
  }

  /** When both are due next. */
  async next(): Promise<string> {
    return `${await this.#beat.next()} ${await this.#tidy.next()}`;
  }

  async #sleep({ name, ms }: Nap): Promise<void> {
    await this.#note(name);
    await this.sleep(ms);
    await this.#note(name);
  }

  async #note(name: string): Promise<void> {
    this.#log.put(name, [...await this.#log.get(name) ?? [], this.run.nowMs]);
  }

  async #mark(schedule: string, { dueMs, missed }: Occasion): Promise<void> {
    const moment = `${schedule} ${dueMs} ${missed}`;
    this.#beats.put(moment, (await this.#beats.get(moment) ?? 0) + 1);
  }
}

/** See the module. */
export default class Clock extends Pod {
  readonly verbs = new Verbs(this);
}
