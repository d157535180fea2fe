/**
 * Someone who has come in and asks for one thing. Carried by a control session (PROTOCOL.md,
 * "Control") or held in process by `peri` itself.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import type { JsonRecord } from "../model/control.ts";
import type { Fingerprint } from "../model/words.ts";

/** The other end of one operation. */
export interface Session {
  /** The person who acts; absent when the client has no key. */
  readonly person: Fingerprint | undefined;
  /** Whether standard input and output are a terminal. */
  readonly terminal: boolean;
  /** Standard input, in order, until its end. Read by at most one reader. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Aborts when the client interrupts or is gone. */
  readonly interrupted: AbortSignal;
  /** Writes to standard output (1) or error (2), in the order of the calls. */
  write(fd: 1 | 2, data: Uint8Array): void;
  /** Resolves when what was written has left, or nobody is there. */
  flush(): Promise<void>;
  /** A result: one line of `--json`. */
  item(record: JsonRecord): void;
  /** Progress for people; may be dropped. */
  note(text: string): void;
  /**
   * Asks the person to sign a document on their own computer.
   *
   * @throws {PeriError} `denied` when they refuse, or whatever kept their key from signing.
   */
  sign(person: Fingerprint, document: string): Promise<Bytes>;
  /**
   * The same for several documents, which are shown together and agreed to at once. Their signatures
   * come in their order.
   *
   * @throws {PeriError} as {@link Session.sign}; then none of them is signed.
   */
  signAll(person: Fingerprint, documents: readonly string[]): Promise<readonly Bytes[]>;
  /** Asks yes or no. */
  confirm(question: string, details: readonly string[]): Promise<boolean>;
}

/**
 * Something a person can ask of a periphery. `arguments` come from outside and are checked first.
 * Returns an exit code; results go to the session.
 */
export type Operation = (args: JsonRecord, session: Session) => Promise<number>;
