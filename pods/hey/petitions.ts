/**
 * Friends who ask each other to vouch for a new key, by letter. A petition waits until its person
 * answers it or lets go of it; the pod signs nothing, and answers nothing by itself.
 *
 * @module
 */

import { type Outcome, type Pod, type Post, Refusal, type Run, type Table } from "../sdk/mod.ts";
import { notTaken } from "./gate.ts";
import type { Gate } from "./gate.ts";
import { type Friend, type Petition, Petitions, Vouching } from "./generated.ts";

/** Most bytes of a lineage; what is larger fits no message. */
const MAX_LINEAGE_BYTES = 32 * 1024;
/** Most petitions that wait, and most of people without a name. */
const MAX_WAITING = 20;
const MAX_STRANGE = 5;
/** Signatures are dated at most so long after the petition. */
const KEEP_MS = 60 * 24 * 3_600_000;
const OP = "ask to vouch";

/** A petition of somebody else; the key is `<from>/<to>`. */
export interface PetitionRow {
  readonly askedBy: string;
  readonly receivedMs: number;
  readonly lineage: string;
  /** Whoever asks has no name here. */
  readonly isStrange: boolean;
  /** The answer is on its way, or has come there. */
  readonly isAnswered?: boolean;
  /** Why it did not. */
  readonly why?: string;
}

/** A friend who was asked; the key is `<from>/<to>/<friend>`. */
export interface AskedRow {
  readonly fate: string;
  /** What they have signed. */
  readonly lineage?: string;
}

/** What the periphery says of a petition that holds. */
interface Checked {
  readonly from: string;
  readonly to: string;
  readonly vouched: readonly string[];
  readonly named: boolean;
}

/** What waits, and what was asked. */
export class PetitionBook {
  constructor(readonly petitions: Table<PetitionRow>, readonly asked: Table<AskedRow>) {}

  /** Keeps one. @throws {Refusal} `over-quota` when too many wait. */
  async add(key: string, row: PetitionRow): Promise<void> {
    this.petitions.put(key, row);
    await this.#forget(row.receivedMs);
  }

  /** @throws {Refusal} `over-quota` when there is no room for one more. */
  async refuseCrowd(person: string, isStrange: boolean, nowMs: number): Promise<void> {
    const rows = (await this.waiting(nowMs)).filter(([, row]) => row.askedBy !== person);
    const strange = rows.filter(([, row]) => row.isStrange).length;
    if (rows.length < MAX_WAITING && !(isStrange && strange >= MAX_STRANGE)) return;
    const subject = `${rows.length} petitions wait to be looked at`;
    throw new Refusal("over-quota", { op: OP, subject, hint: "speak with them" });
  }

  /** Those that nobody has answered, the oldest first. */
  async waiting(nowMs: number): Promise<[key: string, row: PetitionRow][]> {
    return (await this.petitions.list())
      .filter(([, row]) => !row.isAnswered && row.receivedMs + KEEP_MS > nowMs)
      .sort(([, a], [, b]) => a.receivedMs - b.receivedMs);
  }

  /** How many friends have answered for a key that has not taken its place yet. */
  async answers(owner: string): Promise<number> {
    const rows = await this.asked.list();
    return rows.filter(([key, { lineage }]) => lineage !== undefined && key.split("/")[1] !== owner)
      .length;
  }

  async #forget(nowMs: number): Promise<void> {
    for (const [key, { receivedMs }] of await this.petitions.list()) {
      if (receivedMs + KEEP_MS <= nowMs) this.petitions.delete(key);
    }
  }
}

/** Takes petitions and answers from other people. */
export class TakenPetitions extends Petitions {
  constructor(
    pod: Pod,
    private readonly gate: Gate,
    private readonly book: PetitionBook,
  ) {
    super(pod);
  }

  /** Keeps a petition. @throws {Refusal} `denied`, `too-large`, `over-quota`, what is wrong with it. */
  override async ask(lineage: Uint8Array): Promise<void> {
    const { distance, rule } = await this.gate.ask(OP);
    if (rule.letters === 0) throw notTaken(OP);
    const { caller: { person }, nowMs } = this.run;
    const isStrange = distance !== "named";
    // First, so that a crowd costs no signature.
    await this.book.refuseCrowd(person, isStrange, nowMs);
    const { from, to, named } = await check(this.run, lineage);
    if (!named || person !== from && person !== to) throw notTaken(OP);
    const row = { askedBy: person, receivedMs: nowMs, lineage: lineage.toBase64(), isStrange };
    await this.book.add(`${from}/${to}`, row);
  }

  /** Keeps what a friend has signed. @throws {Refusal} `denied`, `too-large`, what is wrong with it. */
  override async answer(lineage: Uint8Array): Promise<void> {
    const { person } = this.run.caller;
    const bytes = lineage.toBase64();
    // Whom nobody has asked costs no signature either.
    const asked = (await this.book.asked.list()).some(([key]) => key.endsWith(`/${person}`));
    if (!asked) throw notTaken(OP);
    const { from, to, vouched } = await check(this.run, lineage);
    const key = `${from}/${to}/${person}`;
    if (!await this.book.asked.has(key) || !vouched.includes(person)) throw notTaken(OP);
    this.book.asked.put(key, { fate: "answered", lineage: bytes });
  }
}

type Note = { readonly key: string };

/** What the person's periphery has done by letter. */
export class AskedVouching extends Vouching {
  readonly #ask: Post<Petitions["ask"], Note>;
  readonly #answer: Post<Petitions["answer"], Note>;

  constructor(pod: Pod, private readonly book: PetitionBook) {
    super(pod);
    this.#ask = pod.posts("petition-asked", Petitions, "ask", this.#takeAsked.bind(this));
    this.#answer = pod.posts(
      "petition-answered",
      Petitions,
      "answer",
      this.#takeAnswered.bind(this),
    );
  }

  /** Asks friends. @throws {Refusal} `too-large`. */
  override async ask(
    from: string,
    to: string,
    lineage: Uint8Array,
    friends: string[],
  ): Promise<void> {
    if (lineage.length > MAX_LINEAGE_BYTES) throw tooLarge();
    // What was answered to another text cannot be put together with this one.
    for (const [key] of await this.book.asked.list({ prefix: `${from}/${to}/` })) {
      this.book.asked.delete(key);
    }
    for (const friend of friends) {
      const key = `${from}/${to}/${friend}`;
      this.book.asked.put(key, { fate: "waiting" });
      await this.#ask([friend], [lineage], { note: { key } });
    }
  }

  /** Who was asked. */
  override async asked(from: string, to: string): Promise<Friend[]> {
    const prefix = `${from}/${to}/`;
    return (await this.book.asked.list({ prefix }))
      .map(([key, { fate }]) => ({ person: key.slice(prefix.length), fate }));
  }

  /** What a friend has answered. */
  override async answered(
    from: string,
    to: string,
    friend: string,
  ): Promise<Uint8Array | undefined> {
    return bytesOf((await this.book.asked.get(`${from}/${to}/${friend}`))?.lineage);
  }

  /** Petitions that wait. */
  override async waiting(): Promise<Petition[]> {
    return (await this.book.waiting(this.run.nowMs)).map(([key, { askedBy, receivedMs, why }]) => {
      const [from, to] = key.split("/") as [string, string];
      return { from, to, askedBy, receivedMs, why };
    });
  }

  /** The lineage of one. */
  override async lineage(from: string, to: string): Promise<Uint8Array | undefined> {
    return bytesOf((await this.book.petitions.get(`${from}/${to}`))?.lineage);
  }

  /** Answers one, or lets go of it. @throws {Refusal} `not-found`, `too-large`. */
  override async answer(
    from: string,
    to: string,
    lineage: Uint8Array | undefined,
  ): Promise<void> {
    const key = `${from}/${to}`;
    const row = await this.book.petitions.get(key);
    if (row === undefined) {
      const subject = "nobody asks for this key any more";
      throw new Refusal("not-found", { op: "answer a petition", subject });
    }
    if (lineage === undefined) return this.book.petitions.delete(key);
    if (lineage.length > MAX_LINEAGE_BYTES) throw tooLarge();
    const { why: _why, ...rest } = row;
    this.book.petitions.put(key, { ...rest, isAnswered: true });
    await this.#answer([row.askedBy], [lineage], { note: { key } });
  }

  async #takeAsked({ key }: Note, outcome: Outcome<Petitions["ask"]>): Promise<void> {
    const row = await this.book.asked.get(key);
    if (row === undefined || row.lineage !== undefined) return;
    this.book.asked.put(key, { fate: "ok" in outcome ? "asked" : fateOf(outcome.error) });
  }

  async #takeAnswered({ key }: Note, outcome: Outcome<Petitions["answer"]>): Promise<void> {
    const row = await this.book.petitions.get(key);
    if (row === undefined || "ok" in outcome) return;
    this.book.petitions.put(key, { ...row, isAnswered: false, why: fateOf(outcome.error) });
  }
}

async function check(run: Run, lineage: Uint8Array): Promise<Checked> {
  if (lineage.length > MAX_LINEAGE_BYTES) throw tooLarge();
  return await run.request("petition", { lineage: lineage.toBase64() }) as Checked;
}

function fateOf({ subject, kind }: Refusal): string {
  return `failed: ${subject} (${kind})`.slice(0, 300);
}

function bytesOf(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : Uint8Array.fromBase64(text);
}

function tooLarge(): Refusal {
  return new Refusal("too-large", {
    op: OP,
    subject: `the request has more than ${MAX_LINEAGE_BYTES} bytes`,
    hint: "give it as a file: peri key vouch FILE",
  });
}
