/**
 * The verbs for groups.
 *
 * @module
 */

import {
  Commands,
  formatColumns,
  type Pod,
  readFingerprint,
  Refusal,
  type Shown,
  shown,
} from "../../sdk/mod.ts";
import { Audiences } from "../audience.ts";
import { type Group, groupMember, type Groups, isGroupName, type Member } from "../groups.ts";
import { type NameOf, type People, showPerson } from "../people.ts";
import { formatFingerprint, formatPeople } from "../show.ts";

/** Members that are named in a list of groups. */
const SHOWN = 4;

/** A member as a record: a person with what they are called, or a group. */
export interface MemberRecord {
  person?: string;
  name?: string | null;
  group?: string;
}

/** A group as a record. */
export interface GroupRecord {
  group: string;
  /** With those of the groups in it, each once. */
  people: number;
  members: MemberRecord[];
}

/** Their methods. */
export class GroupVerbs extends Commands {
  constructor(
    pod: Pod,
    private readonly made: Groups,
    private readonly people: People,
    private readonly audiences: Audiences,
  ) {
    super(pod);
  }

  /**
   * Shows or changes a group; `@name` means it where people are meant.
   * @param who names, fingerprints and groups
   * @complete name bare
   * @complete who known
   */
  async group(
    name: string,
    change?: "add" | "remove",
    ...who: string[]
  ): Promise<Shown<MemberRecord[]>> {
    if (change === undefined) return await this.#show(name);
    return change === "add" ? await this.#add(name, who) : await this.#remove(name, who);
  }

  /** Shows your groups. */
  async groups(): Promise<Shown<GroupRecord[]>> {
    const nameOf = await this.people.openNames();
    const groups = await this.made.list();
    const records: GroupRecord[] = [];
    for (const { name, members } of groups) {
      const people = (await this.made.people("list groups", name)).length;
      records.push({
        group: name,
        people,
        members: members.map((member) => recordOf(member, nameOf)),
      });
    }
    return shown(records, () => {
      if (groups.length === 0) return ["no groups; peri hey group <name> add <who…> makes one"];
      return formatColumns(groups.map(({ name, members }, at) => [
        `@${name}`,
        countOf(records[at]!.people),
        shownOf(members, nameOf),
      ]));
    });
  }

  /**
   * Deletes a group; its people stay.
   * @word name
   * @complete name bare
   */
  async ungroup(name: string): Promise<string> {
    const group = await this.made.delete("delete a group", name);
    return `@${group.name} is gone; its people stay`;
  }

  /** Names of all groups. */
  protected async bare(): Promise<string[]> {
    return (await this.made.list()).map(({ name }) => name);
  }

  /** Everybody who can be meant. */
  protected async known(): Promise<string[]> {
    return await this.audiences.words();
  }

  async #show(name: string): Promise<Shown<MemberRecord[]>> {
    const op = "show a group";
    const { members } = await this.made.find(op, name);
    const nameOf = await this.people.openNames();
    const rows: string[][] = [];
    for (const member of members) {
      const about = "person" in member
        ? formatFingerprint(member.person)
        : countOf((await this.made.people(op, member.group)).length);
      rows.push([labelOf(member, nameOf), about]);
    }
    return shown(members.map((member) => recordOf(member, nameOf)), () => formatColumns(rows));
  }

  async #add(name: string, who: readonly string[]): Promise<Shown<MemberRecord[]>> {
    const op = "add to a group";
    const added = await this.made.add(name, await this.#members(op, who));
    const { name: called, members } = await this.made.find(op, name);
    const people = (await this.made.people(op, called)).length;
    const nameOf = await this.people.openNames();
    const what = added.length === 0 ? "nobody new" : shownOf(added, nameOf);
    return shown(
      members.map((member) => recordOf(member, nameOf)),
      () => [`added ${what} to @${called} (${countOf(people)})`],
    );
  }

  async #remove(name: string, who: readonly string[]): Promise<Shown<MemberRecord[]>> {
    const op = "remove from a group";
    const { name: called, members } = await this.made.find(op, name);
    const removed = await this.made.remove(name, await this.#members(op, who));
    const isGone = removed.length === members.length;
    const left = isGone ? [] : (await this.made.find(op, name)).members;
    const people = isGone ? [] : await this.made.people(op, called);
    const nameOf = await this.people.openNames();
    const what = removed.length === 0 ? "nobody" : shownOf(removed, nameOf);
    const rest = isGone ? "it is empty and gone" : countOf(people.length);
    return shown(
      left.map((member) => recordOf(member, nameOf)),
      () => [`removed ${what} from @${called} (${rest})`],
    );
  }

  /** Whom words mean; a fingerprint may stand in groups of digits. All must be known. */
  async #members(op: string, words: readonly string[]): Promise<Member[]> {
    const all = words.join(" ");
    const parts = readFingerprint(all) === undefined ? words.flatMap(Audiences.parts) : [all];
    if (parts.length === 0) {
      const hint = "peri hey group <name> add|remove <who…>";
      throw new Refusal("invalid", { op, subject: "who is not said", hint });
    }
    const members: Member[] = [];
    for (const part of parts) {
      if (isGroupName(part)) members.push(groupMember((await this.made.find(op, part)).name));
      else members.push({ person: await this.people.personOf(op, part) });
    }
    return members;
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
  return showPerson(member.person, nameOf);
}

function recordOf(member: Member, nameOf: NameOf): MemberRecord {
  if ("group" in member) return { group: member.group };
  return { person: member.person, name: nameOf(member.person) ?? null };
}
