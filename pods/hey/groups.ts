/**
 * Groups: people under one name, written `@name` where people are meant. A group may hold other
 * groups, but never itself, however far down.
 *
 * @module
 */

import { cleanLine, nearestWord, Refusal, type Table } from "../sdk/mod.ts";
import { checkName, fold } from "./names.ts";

/** A person or a group in a group. */
export type Member =
  | { readonly person: string }
  /** Folded name. */
  | { readonly group: string };

/** A group as it is kept; it has at least one member. */
export interface Group {
  /** As it was given, without `@`. */
  readonly name: string;
  readonly members: readonly Member[];
}

/** Most members of one group; a row of a table holds 60 KiB. */
const MAX_MEMBERS = 500;
/** Most groups inside each other. */
const MAX_DEPTH = 8;

/** Whether a text that stands for people names a group. */
export function isGroupName(text: string): boolean {
  return text.startsWith("@");
}

/** The groups of the pod's owner. */
export class Groups {
  /** @param byName groups by folded name */
  constructor(private readonly byName: Table<Group>) {}

  /** @throws {Refusal} `not-found` with the nearest name. */
  async find(op: string, name: string): Promise<Group> {
    const group = await this.byName.get(keyOf(name));
    if (group !== undefined) return group;
    const subject = `there is no group ${JSON.stringify(cleanLine(`@${bare(name)}`, 80))}`;
    const near = nearestWord(keyOf(name), (await this.list()).map((one) => fold(one.name)));
    const hint = near === undefined
      ? "peri hey groups shows your groups; peri hey group <name> add <who…> makes one"
      : `did you mean @${near}?`;
    throw new Refusal("not-found", { op, subject, hint });
  }

  /** All groups in alphabetical order. */
  async list(): Promise<Group[]> {
    return (await this.byName.list()).map(([, group]) => group);
  }

  /**
   * The people of a group and of the groups in it, each once.
   *
   * @throws {Refusal} `not-found`.
   */
  async people(op: string, name: string): Promise<string[]> {
    const people = new Set<string>();
    const seen = new Set<string>();
    const gather = async (group: Group) => {
      seen.add(fold(group.name));
      for (const member of group.members) {
        if ("person" in member) people.add(member.person);
        else if (!seen.has(member.group)) await gather(await this.find(op, member.group));
      }
    };
    await gather(await this.find(op, name));
    return [...people];
  }

  /**
   * Adds members to a group, which is made when there is none.
   *
   * @returns the members that are new
   * @throws {Refusal} `conflict` when it would hold itself, `too-large` over a bound, `invalid` for
   * a name that is none.
   */
  async add(name: string, members: readonly Member[]): Promise<Member[]> {
    const op = "add to a group";
    checkName(bare(name), op, "a group's name");
    const group = await this.byName.get(keyOf(name)) ?? { name: bare(name), members: [] };
    const known = new Set(group.members.map(textOf));
    const added = members.filter((one) => !known.has(textOf(one)) && known.add(textOf(one)));
    for (const member of added) {
      if ("group" in member) await this.#checkNesting(op, name, member.group);
    }
    if (known.size > MAX_MEMBERS) {
      const subject = `@${group.name} would have ${known.size} members, ${MAX_MEMBERS} allowed`;
      throw new Refusal("too-large", { op, subject, hint: "groups may hold groups" });
    }
    this.byName.put(keyOf(name), { ...group, members: [...group.members, ...added] });
    return added;
  }

  /**
   * Takes members out of a group; without members it is gone.
   *
   * @returns the members that were in it
   * @throws {Refusal} `not-found` without the group, `conflict` when it would be gone and is needed.
   */
  async remove(name: string, members: readonly Member[]): Promise<Member[]> {
    const op = "remove from a group";
    const group = await this.find(op, name);
    const unwanted = new Set(members.map(textOf));
    const left = group.members.filter((one) => !unwanted.has(textOf(one)));
    if (left.length > 0) this.byName.put(keyOf(name), { ...group, members: left });
    else await this.delete(op, name);
    return group.members.filter((one) => unwanted.has(textOf(one)));
  }

  /** @throws {Refusal} `not-found`, `conflict` when another group holds it. */
  async delete(op: string, name: string): Promise<Group> {
    const group = await this.find(op, name);
    const holder = (await this.list()).find((one) =>
      one.members.some((member) => "group" in member && member.group === keyOf(name))
    );
    if (holder !== undefined) {
      const subject = `@${group.name} is in @${holder.name}`;
      const hint = `peri hey group ${holder.name} remove @${group.name}`;
      throw new Refusal("conflict", { op, subject, hint });
    }
    this.byName.delete(keyOf(name));
    return group;
  }

  /** @throws {Refusal} when a group that is about to go into another one holds it, or is too deep. */
  async #checkNesting(op: string, name: string, inner: string): Promise<void> {
    const self = keyOf(name);
    const seen = new Map<string, number>();
    const check = async (one: string, depth: number): Promise<void> => {
      if (one === self) throw holdsItself(op, bare(name), inner);
      if ((seen.get(one) ?? 0) >= depth) return;
      seen.set(one, depth);
      if (depth > MAX_DEPTH) {
        const subject = `more than ${MAX_DEPTH} groups would be inside each other`;
        throw new Refusal("too-large", { op, subject });
      }
      for (const member of (await this.find(op, one)).members) {
        if ("group" in member) await check(member.group, depth + 1);
      }
    };
    await check(inner, 2);
  }
}

/** The member that a group's name stands for. */
export function groupMember(name: string): Member {
  return { group: keyOf(name) };
}

function keyOf(name: string): string {
  return fold(bare(name));
}

function bare(name: string): string {
  return name.replace(/^@/, "").normalize("NFC");
}

function textOf(member: Member): string {
  return "person" in member ? member.person : `@${member.group}`;
}

function holdsItself(op: string, name: string, inner: string): Refusal {
  const why = "a group cannot hold itself";
  const subject = fold(name) === inner ? `@${name}: ${why}` : `@${inner} holds @${name}: ${why}`;
  return new Refusal("conflict", { op, subject });
}
