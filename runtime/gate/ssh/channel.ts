/**
 * A session of somebody who has come in by SSH: who it is, what they want, and their streams.
 *
 * @module
 */

import type { Colours } from "../../model/terminal.ts";
import type { Fingerprint, PodName } from "../../model/words.ts";

/** One session of somebody who is in, to both sides (RFC 4254). */
export interface Channel {
  /** What the client sends; ends with its end of file, or when it is gone. One reader. */
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Aborts when the client sends a signal that ends a program, is gone, or the session is closed. */
  readonly interrupted: AbortSignal;
  /**
   * Writes to standard output (1) or error (2), in the order of the calls. Resolves when there is
   * room for more; rejects when the client is gone, or the session is closed.
   */
  write(fd: 1 | 2, bytes: Uint8Array): Promise<void>;
  /** Calls the listener when the window of the terminal has another size. */
  onResize?(listener: (columns: number, rows: number) => void): void;
  /** Ends the session: nothing more is read or written. Repeating it changes nothing. */
  close(): void;
}

/** A terminal that the client has asked for. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  /** What the client calls it: `xterm-256color`; empty when nothing. */
  readonly term: string;
  readonly colours: Colours;
}

/** What a session is for. */
export type Wish =
  /** `ssh host words…`; without words, `ssh host`. */
  | { readonly kind: "command"; readonly command: string; readonly terminal?: Terminal }
  /** `ssh -s host name`. */
  | { readonly kind: "subsystem"; readonly name: string };

/** Whoever has the code of a server that belongs to nobody yet: they may claim it, and no more. */
export const CLAIMANT = "claimant";

/** Who somebody is. */
export type Entrant = Fingerprint | typeof CLAIMANT;

/** Somebody who is in, as the listener knows them. */
export interface Guest {
  readonly person: Entrant;
  /** The user name that they have given; whatever it is, it looks alike before they are in. */
  readonly user: string;
  /** By which they have come in, as SSH carries it; absent: by a token, or the code of a claim. */
  readonly key?: Uint8Array;
}

/** Somebody who is in, and where they go. */
export interface Arrival {
  readonly person: Entrant;
  /** The pod of theirs that the user name names (`ssh hey@host`); undefined when it names none. */
  readonly pod: PodName | undefined;
}
