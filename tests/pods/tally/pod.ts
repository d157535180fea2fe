/**
 * tally: a pod that remembers in fields and finds by indexes, for tests.
 *
 * @module
 */

import { Pod, TypedError, type u32 } from "../../../pods/sdk/mod.ts";

/** Something that was counted. */
export interface Mark {
  label: string;
  weight: u32;
}

/** How a tally is kept. */
export interface Settings {
  title: string;
  labels: string[];
}

/** A tally has an end. */
export class TooMany extends TypedError<{ most: u32 }> {}

const MOST = 20;

/** Counts. */
export default class Tally extends Pod {
  count: u32 = 0;
  protected settings: Settings = { title: "none", labels: [] };
  private last?: Mark;
  readonly #marks = this.table<Mark>("marks", {
    by: { label: ({ label }) => label, weight: ({ weight }) => weight },
  });

  /** Counts something; gives how many there are.
   *  @throws {TooMany} when there is no room */
  // deno-lint-ignore require-await -- what others call is async
  async add(label: string, weight: u32 = 1): Promise<u32> {
    this.count++;
    this.last = { label, weight };
    if (!this.settings.labels.includes(label)) this.settings.labels.push(label);
    this.#marks.put(`${this.count}`.padStart(3, "0"), this.last);
    if (this.count > MOST) throw new TooMany({ most: MOST });
    return this.count;
  }

  /** Gives it a title. */
  // deno-lint-ignore require-await -- what others call is async
  async entitle(title: string): Promise<void> {
    this.settings.title = title;
  }

  /** What it is called, what it has labels for and what came last. */
  // deno-lint-ignore require-await -- what others call is async
  async about(): Promise<string> {
    const { title, labels } = this.settings;
    return `${title}: ${this.count} of ${labels.join(" and ")}, last ${this.last?.label}`;
  }

  /** The heaviest first. */
  async heaviest(limit: u32 = 3): Promise<Mark[]> {
    const rows = await this.#marks.by("weight").list({ limit, reverse: true });
    return rows.map(([, mark]) => mark);
  }

  /** How many have a label. */
  async labelled(label: string): Promise<u32> {
    return await this.#marks.by("label", label).count();
  }

  /** Counts here and at a friend's; gives how many there were here before and after. */
  async together(friend: string, label: string): Promise<u32[]> {
    const before = await this.add(label);
    await this.peer({ of: friend }).add(label);
    this.settings.title = `${this.settings.title} and ${label}`;
    return [before, this.count];
  }
}
