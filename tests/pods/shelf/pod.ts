/**
 * A pod of files: whatever people keep, and notes that are rows of a table.
 *
 * @module
 */

import { FileFace, type Folder, folder, rows, shelf } from "../../../pods/sdk/files/mod.ts";
import { Commands, Pod, Refusal, type Table, type u32 } from "../../../pods/sdk/mod.ts";

/** A note as it is kept. */
interface Note {
  readonly text: string;
  /** How often it was saved. */
  readonly saves: number;
}

class ShelfFiles extends FileFace {
  protected override readonly root: Folder;

  constructor(pod: Pod, notes: Table<Note>) {
    super(pod);
    this.root = folder({
      "about.txt": "What you keep is in files.\n",
      files: shelf(pod, "files"),
      notes: rows(notes, {
        ending: ".txt",
        removable: true,
        text: ({ text }) => text,
        save: (text, _key, before) => {
          if (text.includes("refuse me")) {
            throw new Refusal("denied", { op: "keep a note", subject: "it asks to be refused" });
          }
          return { text, saves: (before?.saves ?? 0) + 1 };
        },
      }),
    });
  }
}

/** What is done besides. */
class ShelfVerbs extends Commands {
  constructor(pod: Pod, private readonly notes: Table<Note>) {
    super(pod);
  }

  /** How often a note was saved. */
  async saves(name: string): Promise<u32> {
    return (await this.notes.get(name))?.saves ?? 0;
  }

  /** Makes many notes. */
  fill(from: u32, count: u32): void {
    for (let n = from; n < from + count; n++) {
      this.notes.put(`note-${String(n).padStart(5, "0")}`, { text: `note ${n}\n`, saves: 1 });
    }
  }
}

/** The pod. */
export default class Shelf extends Pod {
  readonly #notes = this.table<Note>("notes");
  /** @hidden */
  readonly files = new ShelfFiles(this, this.#notes);
  readonly verbs = new ShelfVerbs(this, this.#notes);
}
