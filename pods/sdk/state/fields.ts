/**
 * Fields of a pod's object that keep their values between runs: each is a row of the SDK's own table.
 * All are read when a run begins, understood when it first looks at them, and those that it changed
 * are written in its transaction.
 *
 * A run has the fields as they were when it began, or when it last went on after waiting for others.
 * What it has changed by the time it waits others see, and what they change it sees when it goes on.
 *
 * @module
 */

import { decodeValue, encodeValue } from "../codec.ts";
import type { EffectBuffer } from "../effects.ts";
import { formatJson, type Json } from "../text/json.ts";
import { Refusal } from "../refusal.ts";
import type { FieldShape } from "../shape.ts";
import { Table, type TableSource } from "../table.ts";

/** The SDK's own table of what fields hold. */
export const FIELDS_TABLE = "sdk:fields";

/** Characters of fields that a journal keeps of one stretch of a run; longer ones are read again. */
const MAX_TOLD = 64 * 1024;

/**
 * What a run was told its fields hold, by their names: one value, or none for what the class says.
 * `null`: too long to be kept.
 */
export type FieldsNote = { readonly [name: string]: readonly Json[] | null };

/** The fields of one run's object. */
export class Fields {
  readonly #cells: readonly Cell[];
  /** What is stored. */
  #texts = new Map<string, string>();

  /**
   * Takes the place of the object's own fields; {@link Fields.read} comes next.
   *
   * @param checked fields whose stored values are known to be of their types
   */
  constructor(pod: object, shapes: readonly FieldShape[], checked: Set<string>) {
    this.#cells = shapes.map((shape) => new Cell(pod, shape, checked));
  }

  /** The run begins or goes on: it sees what others have left. */
  async read(source: TableSource): Promise<void> {
    const names = this.#cells.map(({ name }) => name);
    const texts = await new Table<never>(FIELDS_TABLE, source).texts(names);
    this.#texts = new Map(names.flatMap((name, at) => texts[at] ? [[name, texts[at]]] : []));
    for (const cell of this.#cells) {
      cell.refresh(this.#texts.get(cell.name));
      cell.begun = undefined;
    }
  }

  /**
   * Writes what the run has changed; its effects happen next.
   *
   * @throws {Refusal} `invalid` when a field holds what is not of its type; nothing is written then.
   */
  save(effects: EffectBuffer): void {
    for (const [name, text] of this.#changes()) effects.write(FIELDS_TABLE, name, text);
  }

  /** As {@link Fields.save}, for what has happened before. */
  keep(): void {
    this.#changes();
  }

  /** Nothing of what the run did since it last waited happens. */
  revert(): void {
    for (const cell of this.#cells) cell.revert();
  }

  /** A version that begins may have turned what is stored. */
  async reload(run: TableSource & { readonly effects: EffectBuffer }): Promise<void> {
    this.save(run.effects);
    await this.read(run);
  }

  /** @throws {Refusal} `invalid` when a field holds what is not of its type. */
  check(): void {
    for (const cell of this.#cells) cell.get();
  }

  /** What the run has looked at since it went on; undefined when nothing. */
  note(): FieldsNote | undefined {
    const told: Record<string, readonly Json[] | null> = {};
    let left = MAX_TOLD;
    for (const cell of this.#cells) {
      const { begun } = cell;
      if (begun === undefined) continue;
      const { text = "" } = begun;
      left -= text.length;
      told[cell.name] = left < 0 ? null : text === "" ? [] : [JSON.parse(text)];
    }
    return Object.keys(told).length === 0 ? undefined : told;
  }

  /** What the run was told when it ran before. */
  retell(note: FieldsNote): void {
    for (const cell of this.#cells) {
      const told = Object.hasOwn(note, cell.name) ? note[cell.name] : undefined;
      if (told === undefined) continue;
      const text = told === null ? this.#texts.get(cell.name) : told.map(formatJson)[0];
      cell.refresh(text);
    }
  }

  #changes(): [name: string, text: string][] {
    const changes = this.#cells.flatMap((cell) => cell.change() ?? []);
    for (const { cell, text } of changes) cell.text = text;
    return changes.map(({ cell, text }) => [cell.name, text]);
  }
}

/** One field of one object. */
class Cell {
  readonly name: string;
  readonly #shape: FieldShape;
  readonly #checked: Set<string>;
  /** What the class says, and its text before anybody could change it. */
  readonly #initial: unknown;
  #initialText: string | undefined;
  #value: unknown;
  #isOpen = false;
  /** JSON text that stands for it; undefined when nothing is stored. */
  text: string | undefined;
  /** What it held when the run first looked at it since it went on. */
  begun: { readonly text: string | undefined } | undefined;

  constructor(pod: object, shape: FieldShape, checked: Set<string>) {
    this.name = shape.name;
    this.#shape = shape;
    this.#checked = checked;
    this.#initial = (pod as Record<string, unknown>)[shape.name];
    Object.defineProperty(pod, shape.name, {
      configurable: true,
      enumerable: true,
      get: () => this.get(),
      set: (value) => this.#set(value),
    });
  }

  get(): unknown {
    this.begun ??= { text: this.text };
    if (!this.#isOpen) this.#open();
    return this.#value;
  }

  refresh(text: string | undefined): void {
    if (text === this.text) return;
    this.text = text;
    this.#isOpen = false;
  }

  revert(): void {
    this.#isOpen = false;
  }

  /** Its text, if that is another one by now. */
  change(): { readonly cell: Cell; readonly text: string } | undefined {
    if (!this.#isOpen) return undefined;
    const isUnset = this.text === undefined && this.#initial === undefined;
    if (isUnset && this.#value === undefined) return undefined;
    const text = this.#encode(this.#value);
    return text === (this.text ?? this.#encodeInitial()) ? undefined : { cell: this, text };
  }

  #set(value: unknown): void {
    if (!this.#isOpen && this.text === undefined) this.#encodeInitial();
    this.#value = value;
    this.#isOpen = true;
  }

  #open(): void {
    const text = this.text ?? this.#initialText;
    // An object that the class makes may be changed in place from now on.
    if (text === undefined) this.#encodeInitial();
    this.#value = text === undefined ? this.#initial : this.#decode(text);
    this.#isOpen = true;
  }

  /** @throws {Refusal} `invalid` when another version has kept something of another type. */
  #decode(text: string): unknown {
    const { name, type } = this.#shape;
    try {
      const value = decodeValue(type, JSON.parse(text));
      if (!this.#checked.has(name)) encodeValue(type, value, "read a field", name);
      this.#checked.add(name);
      return value;
    } catch (thrown) {
      const why = thrown instanceof Refusal ? thrown.subject : "it is of another type";
      const subject = `what ${name} holds does not fit its type: ${why}`;
      const turn = `turn it in migrate of a new version: this.table("${FIELDS_TABLE}")`;
      const hint = `give it another name, or ${turn}`;
      throw new Refusal("invalid", { op: "read a field", subject, hint });
    }
  }

  #encodeInitial(): string | undefined {
    if (this.#initial === undefined) return undefined;
    return this.#initialText ??= this.#encode(this.#initial);
  }

  #encode(value: unknown): string {
    const { type, name } = this.#shape;
    return formatJson(encodeValue(type, value, "keep a field", name));
  }
}
