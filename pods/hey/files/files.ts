/**
 * hey as files: a folder for each person, in it the letters from and to them. A new file there is a
 * letter that is sent.
 *
 * @module
 */

import {
  branch,
  FileFace,
  type Folder,
  folder,
  type Listed,
  type Node,
} from "../../sdk/files/mod.ts";
import type { Pod } from "../../sdk/mod.ts";
import type { Petname } from "../names.ts";
import { formatFingerprint } from "../show.ts";
import { Correspondence } from "./letters.ts";
import type { FileParts } from "./parts.ts";
import { formatProfile, saveProfile } from "./profile.ts";

const README = `What you see here is your hey pod.

people/NAME/          the letters from and to somebody you have given a name
people/NAME/new.txt   save a new file there, under any name, and it is sent as a letter
people/NAME/7-re.txt  a name that begins with the number of their letter and -re answers it
profile.txt           what others see of you; change it and save
fingerprint.txt       of your key
`;

/** The tree. */
export class HeyFiles extends FileFace {
  protected override readonly root: Folder;

  constructor(pod: Pod, private readonly parts: FileParts) {
    super(pod);
    const { profile } = parts;
    this.root = folder({
      "README.txt": README,
      "fingerprint.txt": {
        text: async () => `${formatFingerprint(await this.run.owner())}\n`,
      },
      "profile.txt": {
        text: async () => formatProfile(await profile.get()),
        write: (text) => saveProfile(profile, text),
      },
      people: this.#people(),
    });
  }

  /** Everybody with a name. */
  #people(): Folder {
    const { names } = this.parts;
    return {
      look: async (name) => {
        const person = await names.personOf(name);
        // Each name once: `Bob` leads nowhere when the folder is called `bob`.
        const called = person && await names.nameOf(person);
        return called === name ? this.#personOf({ name, person: person! }) : undefined;
      },
      list: async (after, limit) => {
        const all = (await names.list()).sort((a, b) => a.name < b.name ? -1 : 1);
        const part = all.filter(({ name }) => after === undefined || name > after).slice(0, limit);
        return part.map((one): Listed => [one.name, this.#personOf(one)]);
      },
    };
  }

  #personOf({ name, person }: Petname): Node {
    return branch(name, () => new Correspondence(this.parts, { name, person }));
  }
}
