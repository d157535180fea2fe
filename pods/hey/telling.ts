/**
 * Telling people which keys the pod's person has signed: each of them once, and again when they could
 * not be reached. Whoever has a name is told of all of it, others of what was signed of their own key;
 * and nobody is, when the rule for people with names gives no signatures.
 *
 * @module
 */

import type { Later, Outcome, Pod, Post, Run, Table } from "../sdk/mod.ts";
import type { Blocked } from "./blocked.ts";
import { Signatures, Signing } from "./generated.ts";
import type { Names } from "./names.ts";
import type { RuleBook } from "./rules/rules.ts";
import { readCertification, signedBy } from "./signatures.ts";

/** Signatures on their way to one person at a time, and different ones posted in one run. */
const MAX_AT_ONCE = 16;
const DAY_MS = 24 * 3_600_000;
/** Longest time until somebody who could not be told is tried again. */
const MAX_REST_DAYS = 30;
/** Digits of the keys by which signatures are in order. */
const DIGITS = 10;

/** A signature that others are to have; its key is its number, which rises. */
export interface SignedRow {
  /** Names it to the periphery. */
  readonly place: string;
  /** Whose key it is about. */
  readonly subject: string;
  /** Another one when the person signs anew, or takes it back. */
  readonly version: string;
}

/** How far somebody was told; the key is their fingerprint. */
export interface ToldRow {
  /** Number of the last signature that was posted to them. */
  readonly through: number;
  /** Whether up to there all were, or those of their own key alone. */
  readonly all: boolean;
  /** Posts that wait for their answer. */
  readonly open: number;
  /** The first of these that failed. */
  readonly failed?: number;
  /** How often it has failed since it last did not. */
  readonly tries?: number;
  /** When they are tried again. */
  readonly againMs?: number;
}

/** Given back with each answer. */
type Note = { readonly n: number; readonly person: string };

interface Numbered extends SignedRow {
  readonly n: number;
}

/** What goes to whom in one run: people by the number of a signature. */
type Plan = Map<number, { readonly place: string; readonly people: string[] }>;

/** See the module. */
export class Telling {
  readonly #run: Run;
  readonly #give: Post<Signatures["certified"], Note>;
  readonly #on: Later<null>;

  /** @param parts.counters numbers that rise, of which `signed` is one */
  constructor(
    pod: Pod,
    private readonly parts: {
      readonly signed: Table<SignedRow>;
      readonly told: Table<ToldRow>;
      readonly counters: Table<number>;
      readonly names: Names;
      readonly blocked: Blocked;
      readonly rules: RuleBook;
    },
  ) {
    this.#run = pod.run;
    this.#give = pod.posts("signature-told", Signatures, "certified", this.#takeOutcome.bind(this));
    this.#on = pod.later("tell-signatures", () => this.tell());
  }

  /** Tells whoever does not know of something yet; what does not fit this run goes on by itself. */
  async tell(): Promise<void> {
    const { rules, told, names, blocked } = this.parts;
    const signed = await this.#number();
    if (!(await rules.ruleOf("named")).signatures) return;
    const rows = new Map(await told.list());
    const named = new Set((await names.list()).map(({ person }) => person));
    const people = new Set([...named, ...signed.map(({ subject }) => subject)]);
    for (const person of rows.keys()) if (!people.has(person)) told.delete(person);
    for (const [person] of await blocked.list()) people.delete(person);
    people.delete(await this.#run.owner());
    const plan: Plan = new Map();
    let isMore = false;
    for (const person of people) {
      const row = rows.get(person);
      const isNamed = named.has(person);
      isMore = this.#planFor(plan, person, signed, { row, isNamed }) || isMore;
    }
    await this.#post(plan);
    if (isMore) this.#goOn();
  }

  /** Somebody has a name now, and may know more than before. */
  async welcome(person: string): Promise<void> {
    if (await this.parts.signed.count() > 0) await this.reach(person, true);
  }

  /** Somebody can be reached who could not be, perhaps. */
  async reach(person: string, isNew = false): Promise<void> {
    const row = await this.parts.told.get(person);
    if (row?.againMs !== undefined) this.#put(person, { ...row, againMs: undefined, tries: 0 });
    else if (!isNew || row?.all === true) return;
    this.#goOn();
  }

  /** Whether there is more than fits this run. */
  #planFor(
    plan: Plan,
    person: string,
    signed: readonly Numbered[],
    { row, isNamed }: { readonly row: ToldRow | undefined; readonly isNamed: boolean },
  ): boolean {
    if (row !== undefined && (row.open > 0 || (row.againMs ?? 0) > this.#run.nowMs)) return false;
    const from = row === undefined || isNamed && !row.all ? 0 : row.through;
    const all = signed.filter(({ n, subject }) => n > from && (isNamed || subject === person));
    const now = all.slice(0, MAX_AT_ONCE).filter(({ n, place }) => {
      if (!plan.has(n) && plan.size < MAX_AT_ONCE) plan.set(n, { place, people: [] });
      plan.get(n)?.people.push(person);
      return plan.has(n);
    });
    const last = now.at(-1);
    if (last === undefined) return all.length > 0;
    const tries = row?.tries === undefined ? {} : { tries: row.tries };
    this.#put(person, { through: last.n, all: isNamed, open: now.length, ...tries });
    return false;
  }

  async #post(plan: Plan): Promise<void> {
    for (const [n, { place, people }] of plan) {
      const bytes = await readCertification(this.#run, place);
      // What is gone meanwhile, or too large for a message, nobody waits for.
      if (bytes === undefined) { for (const person of people) await this.#settle(person, n, true); }
      else {
        const note = ({ person = "" }: { readonly person?: string }): Note => ({ n, person });
        for (let at = 0; at < people.length; at += MAX_TOGETHER) {
          await this.#give(people.slice(at, at + MAX_TOGETHER), [bytes], { note });
        }
      }
    }
  }

  async #takeOutcome(
    { n, person }: Note,
    outcome: Outcome<Signatures["certified"]>,
  ): Promise<void> {
    await this.#settle(person, n, "ok" in outcome);
  }

  /** One that was on its way has come, or has not. */
  async #settle(person: string, n: number, isDone: boolean): Promise<void> {
    const row = await this.parts.told.get(person);
    if (row === undefined) return;
    const { through, all, tries = 0 } = row;
    const open = Math.max(0, row.open - 1);
    const failed = isDone ? row.failed : Math.min(n, row.failed ?? n);
    const mark = failed === undefined ? {} : { failed };
    if (open > 0) return this.#put(person, { through, all, open, tries, ...mark });
    if (failed === undefined) {
      this.#put(person, { through, all, open });
      if (await this.parts.signed.count({ from: keyOf(through + 1) }) > 0) this.#goOn();
      return;
    }
    const restMs = Math.min(2 ** tries, MAX_REST_DAYS) * DAY_MS;
    const againMs = this.#run.nowMs + restMs;
    this.#put(person, { through: failed - 1, all, open, tries: Math.min(tries + 1, 9), againMs });
    this.#on.at(againMs, null, { key: person });
  }

  /** Numbers what is new of what the person has signed; all of it, in order. */
  async #number(): Promise<Numbered[]> {
    const { signed, counters } = this.parts;
    const known = new Map<string, Numbered>();
    for (const [key, row] of await signed.list()) known.set(row.place, { ...row, n: Number(key) });
    const all: Numbered[] = [];
    const before = await counters.get("signed") ?? 0;
    let last = before;
    for await (const { place, subject, version } of signedBy(this.#run)) {
      const former = known.get(place);
      known.delete(place);
      if (former?.version === version) all.push(former);
      else {
        if (former !== undefined) signed.delete(keyOf(former.n));
        all.push({ place, subject, version, n: ++last });
        signed.put(keyOf(last), { place, subject, version });
      }
    }
    for (const { n } of known.values()) signed.delete(keyOf(n));
    if (last > before) counters.put("signed", last);
    return all.sort((a, b) => a.n - b.n);
  }

  #put(person: string, { againMs, ...row }: Undefinable): void {
    this.parts.told.put(person, { ...row, ...againMs !== undefined && { againMs } });
  }

  #goOn(): void {
    this.#on.after({ seconds: 1 }, null, { key: "on" });
  }
}

/** The person has signed something: their periphery says so. */
export class ToldSigning extends Signing {
  constructor(pod: Pod, private readonly telling: Telling) {
    super(pod);
  }

  /** Tells whoever may know. */
  override async signed(): Promise<void> {
    await this.telling.tell();
  }
}

type Undefinable = Omit<ToldRow, "againMs"> & { readonly againMs?: number | undefined };

/** Most people of one post. */
const MAX_TOGETHER = 1_000;

function keyOf(n: number): string {
  return String(n).padStart(DIGITS, "0");
}
