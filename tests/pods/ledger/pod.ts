/**
 * A pod that keeps what it is told, in order, and writes all of it anew with every version.
 *
 * @module
 */

import { Commands, Pod, Refusal, type u32 } from "../../../pods/sdk/mod.ts";
import { Ledger as Notes } from "./client.ts";

/** Something it was told. */
interface Line {
  readonly n: u32;
  /** Which edition of the ledger was the current one then. */
  readonly heard: u32;
  /** Of which edition this line is. */
  readonly edition: u32;
}

/** What its person may say. */
class Verbs extends Commands {
  readonly #sent = this.table<number>("sent");
  readonly #note = this.posts("note", Notes, "note");

  /** Tells the ledger numbers, each of them once, however often it is said. */
  async tell(upTo: u32): Promise<void> {
    const owner = await this.run.owner();
    const from = await this.#sent.get("all") ?? 0;
    for (let n = from + 1; n <= upTo; n++) {
      await this.#note([{ person: owner, pod: "ledger" }], [n]);
    }
    this.#sent.put("all", Math.max(from, upTo));
  }

  /** Fills so many lines with nothing, so that there is more to be written anew. */
  async fill(from: u32, count: u32): Promise<void> {
    const filler = this.table<unknown>("filler");
    const edition = await this.table<number>("edition").get("all") ?? 0;
    for (let n = from; n < from + count; n++) {
      filler.put(`${n}`, { edition, text: "x".repeat(500) });
    }
  }

  /** What it was told, and whether all of it is of one edition. */
  async read(): Promise<string> {
    const edition = await this.table<number>("edition").get("all") ?? 0;
    const lines = await this.table<Line>("lines").list();
    for (const table of ["lines", "filler"]) {
      for await (const [key, row] of this.table<Line>(table).walk()) {
        if (row.edition === edition) continue;
        const subject = `${table} ${key} is of edition ${row.edition}, not ${edition}`;
        throw new Refusal("damaged", { op: "read", subject });
      }
    }
    return JSON.stringify({ edition, lines: lines.map(([, { n, heard }]) => [n, heard]) });
  }
}

/** Keeps what it is told. */
export default class Ledger extends Pod {
  readonly verbs = new Verbs(this);
  readonly #lines = this.table<Line>("lines");
  readonly #edition = this.table<number>("edition");

  /** Keeps a number. */
  async note(n: u32): Promise<void> {
    const edition = await this.#edition.get("all") ?? 0;
    const count = await this.#edition.get("lines") ?? 0;
    this.#lines.put(String(count).padStart(6, "0"), { n, heard: edition, edition });
    this.#edition.put("lines", count + 1);
  }

  protected override async migrate(): Promise<void> {
    const edition = (await this.#edition.get("all") ?? 0) + 1;
    for (const name of ["lines", "filler"]) {
      const table = this.table<Line>(name);
      for await (const [key, line] of table.walk()) table.put(key, { ...line, edition });
    }
    this.#edition.put("all", edition);
  }
}
