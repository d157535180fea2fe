/**
 * Who is blocked. The periphery reads this table, too, and refuses what blocked people send to any
 * pod of the person before it is kept (PROTOCOL.md, "Blocked people").
 *
 * @module
 */

import { Refusal, type Table } from "../sdk/mod.ts";

/** A person who is blocked; the key is the fingerprint. */
export interface Block {
  readonly sinceMs: number;
}

/** Name of the table. */
export const BLOCKED_TABLE = "blocked";
/** Most people who are blocked. */
const MAX_BLOCKED = 10_000;

/** Blocked people by fingerprint. */
export class Blocked {
  constructor(private readonly table: Table<Block>) {}

  /** Whether nothing of a person is taken. */
  async has(person: string): Promise<boolean> {
    return await this.table.has(person);
  }

  /** Those of these people who are blocked. */
  async among(people: readonly string[]): Promise<string[]> {
    const rows = await this.table.getMany(people);
    return people.filter((_, at) => rows[at] !== undefined);
  }

  /** Blocks a person. @throws {Refusal} `over-quota` when too many are. */
  async add(person: string, nowMs: number): Promise<void> {
    if (await this.has(person)) return;
    if (await this.table.count() >= MAX_BLOCKED) {
      const hint = "the rules can refuse all who are not known: peri hey rules";
      const subject = `${MAX_BLOCKED} people are blocked already`;
      throw new Refusal("over-quota", { op: "block a person", subject, hint });
    }
    this.table.put(person, { sinceMs: nowMs });
  }

  /** Lets a person be as others are; whether they were blocked. */
  async remove(person: string): Promise<boolean> {
    const isBlocked = await this.has(person);
    this.table.delete(person);
    return isBlocked;
  }

  /** All of them, by fingerprint. */
  async list(): Promise<[person: string, block: Block][]> {
    return await this.table.list();
  }
}
