/**
 * rogue: a pod that misbehaves when it is asked to, for tests of what becomes of its neighbours.
 *
 * @module
 */

import { Commands, Pod, type u32 } from "../../../pods/sdk/mod.ts";

const MIB = 1024 * 1024;

/** A verb for each thing that no pod should do. */
class Crimes extends Commands {
  readonly #notes = this.table<string>("notes");

  /** Does nothing wrong. */
  behave(): void {
    this.run.print("well behaved");
  }

  /** Says so and reads until the end. */
  async listen(): Promise<void> {
    this.run.print("listening");
    const heard = await this.run.readAll();
    this.run.print(`heard ${heard.length}`);
  }

  /** Throws what nobody expects. */
  throw(): void {
    throw new TypeError("it was too much for me");
  }

  /** Takes all memory there is. */
  eat(): void {
    const held: Uint8Array[] = [];
    for (;;) held.push(new Uint8Array(MIB).fill(1));
  }

  /** Keeps one value of some MiB, as a good pod may. */
  keep(mib: u32): void {
    this.#notes.put("kept", "k".repeat(mib * MIB - 2));
  }

  /** Says how long what it kept is. */
  async kept(): Promise<void> {
    this.run.print(`${(await this.#notes.get("kept"))?.length}`);
  }

  /** Keeps one value that is longer than any may be. */
  overfill(): void {
    this.keep(9);
  }

  /** Reads a large value as often as it may ask at once. */
  async swallow(): Promise<void> {
    this.keep(7);
    await this.run.pause();
    const all = await Promise.all(Array.from({ length: 900 }, () => this.#notes.get("kept")));
    this.run.print(`${all.length}`);
  }

  /** Keeps more at once than it may. */
  hoard(): void {
    for (let n = 0; n < 501; n++) this.#notes.put(`${n}`, "x");
  }
}

/** The pod. */
export default class Rogue extends Pod {
  readonly crimes = new Crimes(this);
}
