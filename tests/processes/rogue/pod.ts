/**
 * rogue: a pod that misbehaves when it is asked to, for tests of what becomes of its neighbours.
 *
 * @module
 */

import { Pod, type Run } from "../../../pods/sdk/mod.ts";

const MIB = 1024 * 1024;

/** The pod: a verb for each thing that no pod should do. */
export default class Rogue extends Pod {
  readonly #notes = this.table<string>("notes");

  constructor(run: Run) {
    super(run);
    this.#declare("behave", "Does nothing wrong.", () => this.run.print("well behaved"));
    this.#declare("listen", "Says so and reads until the end.", () => this.#listen());
    this.#declare("throw", "Throws what nobody expects.", () => {
      throw new TypeError("it was too much for me");
    });
    this.#declare("loop", "Never comes back.", () => {
      for (;;);
    });
    this.#declare("eat", "Takes all memory there is.", eat);
    this.#declare("recurse", "Calls itself for ever.", () => void recurse(0));
    this.#declare("print", "Prints without end.", () => this.#print());
    this.#declare("log", "Writes into its log without end.", () => this.#log());
    this.#declare("hoard", "Keeps more at once than it may.", () => this.#hoard());
  }

  #declare(name: string, about: string, crime: () => void | Promise<void>): void {
    this.verb(name, "", about, crime);
  }

  async #listen(): Promise<void> {
    this.run.print("listening");
    const heard = await this.run.readAll();
    this.run.print(`heard ${heard.length}`);
  }

  #print(): void {
    const line = "x".repeat(MIB);
    for (;;) this.run.print(line);
  }

  #log(): void {
    const line = "x".repeat(MIB);
    for (;;) this.run.log("info", line);
  }

  #hoard(): void {
    const text = "x".repeat(50_000);
    for (let n = 0; n < 20; n++) this.#notes.put(`${n}`, text);
  }
}

function eat(): void {
  const held: Uint8Array[] = [];
  for (;;) held.push(new Uint8Array(MIB).fill(1));
}

function recurse(depth: number): number {
  return recurse(depth + 1) + 1;
}
