/**
 * Someone who asks a periphery for one thing, in memory: what they are told is kept.
 *
 * @module
 */

import { type Bytes, concatBytes, encodeUtf8 } from "../model/bytes.ts";
import type { JsonRecord } from "../model/control.ts";
import { PeriError } from "../model/errors.ts";
import type { Fingerprint } from "../model/words.ts";
import type { Operation, Session } from "../ports/session.ts";

/** What somebody was asked. */
export type Asked =
  | { readonly sign: string }
  | { readonly confirm: string; readonly details: readonly string[] };

/** How someone comes in. */
export interface Coming {
  readonly person?: Fingerprint | undefined;
  readonly terminal?: boolean;
  /** Standard input: text or bytes at once, or as it comes. */
  readonly input?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** The answer to every question; yes unless told otherwise. */
  readonly yes?: boolean;
  readonly sign: (document: string) => Promise<Bytes>;
  readonly interrupted?: AbortSignal;
}

/** Someone who has come in. */
export class Visitor implements Session {
  readonly items: JsonRecord[] = [];
  readonly notes: string[] = [];
  readonly asked: Asked[] = [];
  readonly person: Fingerprint | undefined;
  readonly terminal: boolean;
  readonly input: AsyncIterable<Uint8Array>;
  readonly interrupted: AbortSignal;
  exitCode: number | undefined;
  readonly #coming: Coming;
  readonly #written: { readonly 1: Uint8Array[]; readonly 2: Uint8Array[] } = { 1: [], 2: [] };

  constructor(coming: Coming) {
    this.#coming = coming;
    this.person = coming.person;
    this.terminal = coming.terminal ?? false;
    this.interrupted = coming.interrupted ?? new AbortController().signal;
    this.input = inputOf(coming.input ?? "");
  }

  /** Asks for an operation. @throws {PeriError} what refuses it. */
  async ask(operation: Operation, args: JsonRecord): Promise<this> {
    this.exitCode = await operation(args, this);
    return this;
  }

  write(fd: 1 | 2, data: Uint8Array): void {
    this.#written[fd].push(data.slice());
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  item(record: JsonRecord): void {
    // Whatever crosses a control session is JSON.
    this.items.push(JSON.parse(JSON.stringify(record)));
  }

  note(text: string): void {
    this.notes.push(text);
  }

  async sign(person: Fingerprint, document: string): Promise<Bytes> {
    this.asked.push({ sign: document });
    if (person === this.person) return await this.#coming.sign(document);
    throw new PeriError("denied", { op: "sign", subject: `you do not have the key of ${person}` });
  }

  async signAll(person: Fingerprint, documents: readonly string[]): Promise<readonly Bytes[]> {
    const signed: Bytes[] = [];
    for (const document of documents) signed.push(await this.sign(person, document));
    return signed;
  }

  confirm(question: string, details: readonly string[]): Promise<boolean> {
    this.asked.push({ confirm: question, details });
    return Promise.resolve(this.#coming.yes ?? true);
  }

  /** What stands on standard output. */
  get stdout(): string {
    return new TextDecoder().decode(concatBytes(this.#written[1]));
  }

  /** What stands on standard error. */
  get stderr(): string {
    return new TextDecoder().decode(concatBytes(this.#written[2]));
  }

  /** Whole lines of standard output. */
  get lines(): string[] {
    return this.stdout.split("\n").slice(0, -1);
  }
}

async function* inputOf(
  input: string | Uint8Array | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (typeof input === "string") input = encodeUtf8(input);
  if (!(input instanceof Uint8Array)) return yield* input;
  if (input.length > 0) yield input;
}
