/**
 * What a run has done and nobody has seen yet.
 *
 * @module
 */

import type { WireAnswer, WireEffects, WireOutput, WireWrite } from "./host.ts";
import { type Dispatch, keyOfDispatch, postOf } from "./post/dispatch.ts";
import { splitDispatches } from "./post/spread.ts";
import { encodeUtf8 } from "./text/utf8.ts";

/** Output on its way: text that may grow, or bytes. */
interface Piece {
  readonly fd: 1 | 2;
  text: string;
  readonly data?: Uint8Array;
}

type Writes = Map<string, Map<string, string | undefined>>;

const NOTHING_WRITTEN: ReadonlyMap<string, string | undefined> = new Map();
const NONE: readonly never[] = [];

/**
 * Collects effects until they are taken; later writes to a key replace earlier ones. Every run has
 * one and does few things: what holds them is made with the first of its kind.
 */
export class EffectBuffer {
  /** Grows whenever something is taken. */
  turn = 0;
  /** How often something was written. */
  total = 0;
  #writes: Writes | undefined;
  #dispatches: Dispatch[] | undefined;
  #answers: WireAnswer[] | undefined;
  #answerChars = 0;
  #cancels: Set<string> | undefined;
  #outputs: Piece[] | undefined;

  /**
   * @param newId gives a name that nothing else has, without chance: how much there is to be taken may
   * be another thing when the run is run again
   */
  constructor(private readonly newId: () => string) {}

  /** Writes JSON text, or deletes without one. */
  write(table: string, key: string, value: string | undefined): void {
    this.total++;
    const writes = this.#writes ??= new Map();
    const keys = writes.get(table) ?? new Map<string, string | undefined>();
    writes.set(table, keys.set(key, value));
  }

  /** How many writes wait to be taken, and the characters of their values. */
  get writing(): { readonly count: number; readonly chars: number } {
    const writes = this.#writes === undefined ? NONE : listWrites(this.#writes);
    const chars = writes.reduce((sum, { value = "" }) => sum + value.length, 0);
    return { count: writes.length, chars };
  }

  /** The writes so far alone; reads ask the periphery for them from then on. */
  takeWrites(): readonly WireWrite[] {
    const writes = this.#writes === undefined ? NONE : listWrites(this.#writes);
    this.#writes = undefined;
    this.turn++;
    return writes;
  }

  /** What has been written to a table: JSON text by key, undefined where deleted. */
  written(table: string): ReadonlyMap<string, string | undefined> {
    return this.#writes?.get(table) ?? NOTHING_WRITTEN;
  }

  /** Adds a post to one recipient, or an errand; it takes the place of one with the same key. */
  post(dispatch: Dispatch): void {
    const key = keyOfDispatch(dispatch);
    if (key !== undefined && dispatch.key === undefined) this.withdraw(key);
    this.#dispatches ??= [];
    this.#dispatches.push(dispatch);
  }

  /** Adds an answer to a handle. */
  answer(answer: WireAnswer): void {
    this.#answers ??= [];
    this.#answers.push(answer);
    if (answer.part.tag === "item") this.#answerChars += answer.part.val.length;
  }

  /** Answers that wait to be taken, and the characters of their items. */
  get answered(): { readonly count: number; readonly chars: number } {
    return { count: this.#answers?.length ?? 0, chars: this.#answerChars };
  }

  /** Ends an own open call, or one that this run was about to make. */
  cancel(key: string): void {
    this.withdraw(key);
    this.#cancels ??= new Set();
    this.#cancels.add(key);
  }

  /** Takes back a post that this run was about to make. */
  withdraw(key: string): void {
    this.#dispatches = this.#dispatches?.filter((dispatch) => keyOfDispatch(dispatch) !== key);
  }

  /** Makes a post that this run was about to make one whose answer nobody takes. */
  unbind(key: string): void {
    this.#dispatches = this.#dispatches?.map((dispatch) => {
      if (dispatch.key !== key) return dispatch;
      const { person, pod } = dispatch;
      return { letter: { ...dispatch.letter, then: undefined }, person, pod, note: "null" };
    });
  }

  /** Adds text; pieces for the same descriptor in a row travel as one. */
  output(fd: 1 | 2, text: string): void {
    const outputs = this.#outputs ??= [];
    const last = outputs.at(-1);
    if (last?.fd === fd && last.data === undefined) last.text += text;
    else outputs.push({ fd, text });
  }

  /** Adds bytes as they are. */
  outputBytes(fd: 1 | 2, data: Uint8Array): void {
    this.#outputs ??= [];
    this.#outputs.push({ fd, text: "", data });
  }

  /**
   * Everything so far, in order; the buffer is empty afterwards. Posts that do not fit one turn
   * stand in rows, with an errand that goes on with them.
   */
  take(): WireEffects {
    const writes = this.takeWrites();
    const effects = {
      ...this.#takePosts(writes),
      answers: this.#answers ?? NONE,
      cancels: this.#cancels === undefined ? NONE : [...this.#cancels],
      outputs: this.#outputs?.map(bytesOf) ?? NONE,
    };
    this.#dispatches = undefined;
    this.#answers = undefined;
    this.#answerChars = 0;
    this.#cancels = undefined;
    this.#outputs = undefined;
    return effects;
  }

  #takePosts(writes: readonly WireWrite[]): Pick<WireEffects, "writes" | "posts"> {
    if (this.#dispatches === undefined) return { writes, posts: NONE };
    const split = splitDispatches(this.#dispatches, writes, this.newId);
    return { writes: [...writes, ...split.writes], posts: split.now.map(postOf) };
  }
}

function bytesOf({ fd, text, data = encodeUtf8(text) }: Piece): WireOutput {
  return { fd, data };
}

function listWrites(tables: Writes): WireWrite[] {
  const writes: WireWrite[] = [];
  for (const [table, keys] of tables) {
    for (const [key, value] of keys) writes.push({ table, key, value });
  }
  return writes;
}

/** No effects at all, as a failed run must have. */
export const NO_EFFECTS: WireEffects = {
  writes: NONE,
  posts: NONE,
  answers: NONE,
  cancels: NONE,
  outputs: NONE,
};

/** Whether nothing would happen. */
export function isEmpty(effects: WireEffects): boolean {
  return Object.values(effects).every((part) => part.length === 0);
}
