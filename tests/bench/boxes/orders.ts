/**
 * What a bench tells its servers and what they say, one JSON value a line.
 *
 * @module
 */

/** An introduction as JSON. */
export interface WireIntroduction {
  readonly certificate: string;
  readonly document: string;
  readonly signature: string;
}

/** The first line of a server. */
export interface Ready {
  readonly url: string;
  /** Addresses of its pods. */
  readonly pods: readonly string[];
  readonly introductions: readonly WireIntroduction[];
}

/** How messages are made. */
export interface Sending {
  /** Index of the pod that posts. */
  readonly pod: number;
  /** Addresses of the recipients; messages go to them in turn. */
  readonly to: readonly string[];
  readonly count: number;
  /** Bytes of a message's text. */
  readonly bytes: number;
  /**
   * `flight`: each commit has one message and so many are on their way at once, until they are
   * delivered or, when the other side answers, answered. `burst`: a hundred a commit, as fast as
   * the disk takes them. `rate`: so many a second, each in a commit of its own.
   */
  readonly way:
    | { readonly kind: "flight"; readonly width: number; readonly until: "delivered" | "answered" }
    | { readonly kind: "burst" }
    | { readonly kind: "rate"; readonly perSecond: number };
}

/** One order; the answer comes when it is done. */
export type Order =
  | { readonly do: "learn"; readonly introductions: readonly WireIntroduction[] }
  /** Whether pods answer what they are asked. */
  | { readonly do: "answer"; readonly answers: boolean }
  /**
   * Answers when each of the first `pods` pods has handled so many calls since the last time;
   * with the times from post to handled that messages with a stamp took, in ms.
   */
  | { readonly do: "handled"; readonly count: number; readonly pods: number }
  /** Answers when all are posted (`burst`, `rate`) or through (`flight`). */
  | ({ readonly do: "send" } & Sending)
  | { readonly do: "usage" };
