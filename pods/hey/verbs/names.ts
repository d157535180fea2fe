/**
 * The verbs for petnames.
 *
 * @module
 */

import { readFlags, type Run } from "../../sdk/mod.ts";
import type { Names } from "../names.ts";
import type { People } from "../people.ts";
import { formatColumns, formatFingerprint, formatShort } from "../show.ts";
import { checkNoMore, refuseUsage } from "./usage.ts";

const USAGE = {
  name: "peri hey name <petname> <person>",
  names: "peri hey names [--json]",
  unname: "peri hey unname <petname>",
};

/** Handlers of the verbs for petnames; each takes the words after its verb. */
export class NameVerbs {
  constructor(
    private readonly run: Run,
    private readonly names: Names,
    private readonly people: People,
  ) {}

  /** `name <petname> <person>`; a fingerprint may stand in groups. */
  async name([name, ...who]: readonly string[]): Promise<void> {
    const op = "give a name";
    if (name === undefined || who.length === 0) {
      throw refuseUsage(op, "who gets which is not said", USAGE.name);
    }
    const { person } = await this.people.find(op, who.join(" "));
    const former = await this.names.nameOf(person);
    const before = await this.names.set(name, person);
    const was = former === undefined || former === name ? "" : ` and no longer ${former}`;
    this.run.print(`${formatShort(person)} is ${name}${was}`);
    if (before !== undefined) this.run.print(`${formatShort(before)} has no name now`);
  }

  /** `names [--json]` */
  async list(words: readonly string[]): Promise<void> {
    const op = "list names";
    const { given, words: rest } = readFlags(op, words, ["json"]);
    checkNoMore(op, rest, USAGE.names);
    const names = await this.names.list();
    if (given.has("json")) {
      for (const { name, person } of names) this.run.printJson({ name, person });
      return;
    }
    const rows = names.map(({ name, person }) => [name, formatFingerprint(person)]);
    const none = `no names; ${USAGE.name} gives one`;
    this.run.print(names.length === 0 ? none : formatColumns(rows).join("\n"));
  }

  /** `unname <petname>` */
  async unname([name, ...rest]: readonly string[]): Promise<void> {
    const op = "take a name back";
    if (name === undefined) throw refuseUsage(op, "which is not said", USAGE.unname);
    checkNoMore(op, rest, USAGE.unname);
    const { name: taken, person } = await this.names.remove(name);
    this.run.print(`${formatFingerprint(person)} is no longer ${taken}`);
  }

  /** All names, for completion. */
  async words(): Promise<string[]> {
    return (await this.names.list()).map(({ name }) => name);
  }
}
