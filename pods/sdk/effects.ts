/**
 * What a run has done and nobody has seen yet.
 *
 * @module
 */

import type { WireAnswer, WireEffects, WireWrite } from "./host.ts";
import { type Dispatch, keyOfDispatch, postOf, splitDispatches } from "./spread.ts";
import { encodeUtf8, sizeUtf8 } from "./utf8.ts";

/** Collects effects until they are taken; later writes to a key replace earlier ones. */
export class EffectBuffer {
  #writes = new Map<string, Map<string, string | undefined>>();
  #dispatches: Dispatch[] = [];
  #answers: WireAnswer[] = [];
  #answerChars = 0;
  #cancels = new Set<string>();
  #outputs: { fd: 1 | 2; text: string; data?: Uint8Array }[] = [];

  /** Writes JSON text, or deletes without one. */
  write(table: string, key: string, value: string | undefined): void {
    const keys = this.#writes.get(table) ?? new Map<string, string | undefined>();
    keys.set(key, value);
    this.#writes.set(table, keys);
  }

  /** What has been written to a table: JSON text by key, undefined where deleted. */
  written(table: string): ReadonlyMap<string, string | undefined> {
    return this.#writes.get(table) ?? new Map();
  }

  /** @param newId gives a name that nothing else has */
  constructor(private readonly newId: () => string) {}

  /** Adds a post to one recipient, or an errand; it takes the place of one with the same key. */
  post(dispatch: Dispatch): void {
    const key = keyOfDispatch(dispatch);
    if (key !== undefined && dispatch.key === undefined) this.withdraw(key);
    this.#dispatches.push(dispatch);
  }

  /** Adds an answer to a handle. */
  answer(answer: WireAnswer): void {
    this.#answers.push(answer);
    if (answer.part.tag === "item") this.#answerChars += answer.part.val.length;
  }

  /** Answers that wait to be taken, and the characters of their items. */
  get answered(): { readonly count: number; readonly chars: number } {
    return { count: this.#answers.length, chars: this.#answerChars };
  }

  /** Ends an own open call, or one that this run was about to make. */
  cancel(key: string): void {
    this.withdraw(key);
    this.#cancels.add(key);
  }

  /** Takes back a post that this run was about to make. */
  withdraw(key: string): void {
    this.#dispatches = this.#dispatches.filter((dispatch) => keyOfDispatch(dispatch) !== key);
  }

  /** Makes a post that this run was about to make one whose answer nobody takes. */
  unbind(key: string): void {
    this.#dispatches = this.#dispatches.map((dispatch) => {
      if (dispatch.key !== key) return dispatch;
      const { person, pod } = dispatch;
      return { letter: { ...dispatch.letter, then: undefined }, person, pod, note: "null" };
    });
  }

  /** Adds text; pieces for the same descriptor in a row travel as one. */
  output(fd: 1 | 2, text: string): void {
    const last = this.#outputs.at(-1);
    if (last?.fd === fd && last.data === undefined) last.text += text;
    else this.#outputs.push({ fd, text });
  }

  /** Adds bytes as they are. */
  outputBytes(fd: 1 | 2, data: Uint8Array): void {
    this.#outputs.push({ fd, text: "", data });
  }

  /**
   * Everything so far, in order; the buffer is empty afterwards. Posts that do not fit one turn
   * stand in rows, with an errand that goes on with them.
   */
  take(): WireEffects {
    const writes: WireWrite[] = [];
    for (const [table, keys] of this.#writes) {
      for (const [key, value] of keys) writes.push({ table, key, value });
    }
    const written = this.#dispatches.length === 0 ? 0 : sizeOf(writes);
    const split = splitDispatches(this.#dispatches, written, this.newId);
    writes.push(...split.writes);
    const posts = split.now.map(postOf);
    const outputs = this.#outputs.map(({ fd, text, data = encodeUtf8(text) }) => ({ fd, data }));
    const effects = {
      writes,
      posts,
      answers: this.#answers,
      cancels: [...this.#cancels],
      outputs,
    };
    this.#writes = new Map();
    this.#dispatches = [];
    this.#answers = [];
    this.#answerChars = 0;
    this.#cancels = new Set();
    this.#outputs = [];
    return effects;
  }
}

function sizeOf(writes: readonly WireWrite[]): number {
  return writes.reduce((sum, { key, value = "" }) => sum + key.length + sizeUtf8(value), 0);
}

/** No effects at all, as a failed run must have. */
export const NO_EFFECTS: WireEffects = {
  writes: [],
  posts: [],
  answers: [],
  cancels: [],
  outputs: [],
};

/** One after the other, as one. */
export function joinEffects(first: WireEffects, second: WireEffects): WireEffects {
  return {
    writes: [...first.writes, ...second.writes],
    posts: [...first.posts, ...second.posts],
    answers: [...first.answers, ...second.answers],
    cancels: [...first.cancels, ...second.cancels],
    outputs: [...first.outputs, ...second.outputs],
  };
}

/** Whether nothing would happen. */
export function isEmpty(effects: WireEffects): boolean {
  return Object.values(effects).every((part) => part.length === 0);
}
