/**
 * The verbs for groups.
 *
 * @module
 */

import { cleanLine, type Json, readFingerprint, readFlags, type Run } from "../../sdk/mod.ts";
import { Audiences } from "../audience.ts";
import { type Group, groupMember, type Groups, isGroupName, type Member } from "../groups.ts";
import type { NameOf, People } from "../people.ts";
import { formatColumns, formatFingerprint, formatPeople, formatShort } from "../show.ts";
import { checkNoMore, refuseUsage } from "./usage.ts";

const USAGE = {
  group: "peri hey group <name> [add|remove <who…>] [--json]",
  groups: "peri hey groups [--json]",
  ungroup: "peri hey ungroup <name>",
};

/** Members that are named in a list of groups. */
const SHOWN = 4;

/** Handlers of the verbs for groups; each takes the words after its verb. */
export class GroupVerbs {
  constructor(
    private readonly run: Run,
    private readonly groups: Groups,
    private readonly people: People,
  ) {}

  /** `group <name> [add|remove <who…>] [--json]` */
  async group(words: readonly string[]): Promise<void> {
    const op = "show a group";
    const { given, words: [name, change, ...who] } = readFlags(op, words, ["json"]);
    if (name === undefined) throw refuseUsage(op, "which one is not said", USAGE.group);
    if (change === undefined) return await this.#show(op, name, given.has("json"));
    if (change !== "add" && change !== "remove") {
      const subject = `${JSON.stringify(cleanLine(change, 40))} is neither add nor remove`;
      throw refuseUsage("change a group", subject, USAGE.group);
    }
    if (given.has("json")) throw refuseUsage("change a group", "--json only shows", USAGE.group);
    if (change === "add") await this.#add(name, who);
    else await this.#remove(name, who);
  }

  /** `groups [--json]` */
  async list(words: readonly string[]): Promise<void> {
    const op = "list groups";
    const { given, words: rest } = readFlags(op, words, ["json"]);
    checkNoMore(op, rest, USAGE.groups);
    const nameOf = await this.people.openNames();
    const groups = await this.groups.list();
    const rows: string[][] = [];
    for (const group of groups) {
      const people = (await this.groups.people(op, group.name)).length;
      const members = group.members.map((member) => recordOf(member, nameOf));
      if (given.has("json")) this.run.printJson({ group: group.name, people, members });
      else rows.push([`@${group.name}`, countOf(people), shownOf(group.members, nameOf)]);
    }
    if (given.has("json")) return;
    const none = "no groups; peri hey group <name> add <who…> makes one";
    this.run.print(groups.length === 0 ? none : formatColumns(rows).join("\n"));
  }

  /** `ungroup <name>` */
  async ungroup([name, ...rest]: readonly string[]): Promise<void> {
    const op = "delete a group";
    if (name === undefined) throw refuseUsage(op, "which one is not said", USAGE.ungroup);
    checkNoMore(op, rest, USAGE.ungroup);
    const group = await this.groups.delete(op, name);
    this.run.print(`@${group.name} is gone; its people stay`);
  }

  /** All groups with their sign, for completion. */
  async words(): Promise<string[]> {
    return (await this.groups.list()).map(({ name }) => `@${name}`);
  }

  async #show(op: string, name: string, isJson: boolean): Promise<void> {
    const group = await this.groups.find(op, name);
    const nameOf = await this.people.openNames();
    if (isJson) {
      for (const member of group.members) this.run.printJson(recordOf(member, nameOf));
      return;
    }
    const rows: string[][] = [];
    for (const member of group.members) {
      const about = "person" in member
        ? formatFingerprint(member.person)
        : countOf((await this.groups.people(op, member.group)).length);
      rows.push([labelOf(member, nameOf), about]);
    }
    this.run.print(formatColumns(rows).join("\n"));
  }

  async #add(name: string, who: readonly string[]): Promise<void> {
    const members = await this.#members("add to a group", who);
    const added = await this.groups.add(name, members);
    const nameOf = await this.people.openNames();
    const { name: called } = await this.groups.find("add to a group", name);
    const what = added.length === 0 ? "nobody new" : shownOf(added, nameOf);
    this.run.print(`added ${what} to @${called} (${await this.#count(called)})`);
  }

  async #remove(name: string, who: readonly string[]): Promise<void> {
    const op = "remove from a group";
    const { name: called, members: before } = await this.groups.find(op, name);
    const removed = await this.groups.remove(name, await this.#members(op, who));
    const what = removed.length === 0 ? "nobody" : shownOf(removed, await this.people.openNames());
    const isGone = removed.length === before.length;
    const rest = isGone ? "it is empty and gone" : await this.#count(called);
    this.run.print(`removed ${what} from @${called} (${rest})`);
  }

  /** Whom words mean; a fingerprint may stand in groups of digits. All must be known. */
  async #members(op: string, words: readonly string[]): Promise<Member[]> {
    const all = words.join(" ");
    const parts = readFingerprint(all) === undefined ? words.flatMap(Audiences.parts) : [all];
    if (parts.length === 0) throw refuseUsage(op, "who is not said", USAGE.group);
    const members: Member[] = [];
    for (const part of parts) {
      if (isGroupName(part)) members.push(groupMember((await this.groups.find(op, part)).name));
      else members.push({ person: await this.people.personOf(op, part) });
    }
    return members;
  }

  async #count(name: string): Promise<string> {
    return countOf((await this.groups.people("count a group", name)).length);
  }
}

function countOf(people: number): string {
  return people === 1 ? "1 person" : `${people} people`;
}

function shownOf(members: Group["members"], nameOf: NameOf): string {
  const shown = members.slice(0, SHOWN).map((member) => labelOf(member, nameOf));
  return formatPeople(shown, members.length);
}

function labelOf(member: Member, nameOf: NameOf): string {
  if ("group" in member) return `@${member.group}`;
  return nameOf(member.person) ?? formatShort(member.person);
}

function recordOf(member: Member, nameOf: NameOf): { readonly [key: string]: Json } {
  if ("group" in member) return { group: member.group };
  return { person: member.person, name: nameOf(member.person) ?? null };
}
