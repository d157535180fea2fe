/**
 * The verbs for petnames.
 *
 * @module
 */

import { Commands, formatColumns, type Pod, type Shown, shown } from "../../sdk/mod.ts";
import type { Admission } from "../admission.ts";
import type { Names, Petname } from "../names.ts";
import type { People } from "../people.ts";
import { formatFingerprint, formatShort } from "../show.ts";

/** Their methods. */
export class NameVerbs extends Commands {
  constructor(
    pod: Pod,
    private readonly given: Names,
    private readonly people: People,
    private readonly admission: Admission,
  ) {
    super(pod);
  }

  /**
   * Gives a person a name of yours, and lets them in if they wait.
   * @param person a fingerprint, which may stand in groups, a name or a user id
   * @complete petname known
   */
  async name(petname: string, person: string): Promise<string> {
    const found = await this.admission.find("give a name", person);
    const former = await this.given.nameOf(found);
    const before = await this.given.set(petname, found);
    const letters = await this.admission.settle(found);
    const was = former === undefined || former === petname ? "" : ` and no longer ${former}`;
    const free = before === undefined ? "" : `\n${formatShort(before)} has no name now`;
    const came = letters.map((n) => `\nletter ${n}: peri hey read ${n}`).join("");
    return `${formatShort(found)} is ${petname}${was}${free}${came}`;
  }

  /** Shows the names you gave. */
  async names(): Promise<Shown<Petname[]>> {
    return shown(await this.given.list(), (names) => {
      if (names.length === 0) return ["no names; peri hey name <petname> <person> gives one"];
      return formatColumns(names.map(({ name, person }) => [name, formatFingerprint(person)]));
    });
  }

  /**
   * Takes a name back.
   * @word petname
   * @complete petname known
   */
  async unname(petname: string): Promise<string> {
    const { name, person } = await this.given.remove(petname);
    return `${formatFingerprint(person)} is no longer ${name}`;
  }

  /** All names. */
  protected async known(): Promise<string[]> {
    return await this.people.words();
  }
}
