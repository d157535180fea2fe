/**
 * The space of the pod's person: short messages that friends write for each other, as in a friend
 * book. Who may read and write is said by the rules.
 *
 * @module
 */

import { countCharacters, type Pod, Refusal, type Table, type u32 } from "../sdk/mod.ts";
import { type Gate, notTaken } from "./gate.ts";
import { type Message, Space } from "./generated.ts";

/** Most messages of a space. */
export const MAX_MESSAGES = 2_000;
/** Most messages of one person in it. */
const MAX_BY_ONE = 100;
/** Most characters of one message. */
const MAX_CHARACTERS = 2_000;
/** Messages that one reading gives. */
export const READ_MESSAGES = 100;

/** A message as it is kept. */
export interface Written {
  readonly author: string;
  readonly timeMs: number;
  readonly text: string;
}

/** The messages of a space. */
export class Wall {
  constructor(
    private readonly tables: {
      /** By number. */
      readonly space: Table<Written>;
      /** How many of each person. */
      readonly authors: Table<number>;
      /** `space`: the number of the next message. */
      readonly counters: Table<number>;
    },
  ) {}

  /** Keeps a message; its number. @throws {Refusal} `invalid`, `too-large`, `over-quota`. */
  async add(op: string, message: Written): Promise<number> {
    checkMessage(op, message.text);
    const own = await this.tables.authors.get(message.author) ?? 0;
    if (own >= MAX_BY_ONE || await this.tables.space.count() >= MAX_MESSAGES) {
      const subject = own >= MAX_BY_ONE ? `${own} messages of yours are here` : "the space is full";
      throw new Refusal("over-quota", { op, subject, hint: "peri hey erase takes some back" });
    }
    const n = await this.tables.counters.get("space") ?? 1;
    this.tables.counters.put("space", n + 1);
    this.tables.authors.put(message.author, own + 1);
    this.tables.space.put(keyOf(n), message);
    return n;
  }

  /** The newest messages below a number, the newest first. */
  async *newest(before: number | undefined, limit: number): AsyncGenerator<[number, Written]> {
    const end = before === undefined ? {} : { to: keyOf(before) };
    for (const [key, one] of await this.tables.space.list({ ...end, reverse: true, limit })) {
      yield [Number(key), one];
    }
  }

  /**
   * Takes a message away.
   *
   * @param author whose it must be; anybody's without one
   * @throws {Refusal} `not-found`.
   */
  async erase(op: string, n: number, author?: string): Promise<Written> {
    const found = await this.tables.space.get(keyOf(n));
    if (found === undefined || author !== undefined && author !== found.author) {
      const subject = author === undefined
        ? `there is no message ${n}`
        : `no message ${n} is from you`;
      throw new Refusal("not-found", { op, subject, hint: "peri hey space shows the numbers" });
    }
    this.tables.space.delete(keyOf(n));
    const own = await this.tables.authors.get(found.author) ?? 1;
    if (own > 1) this.tables.authors.put(found.author, own - 1);
    else this.tables.authors.delete(found.author);
    return found;
  }
}

/** The space as others reach it. */
export class SharedSpace extends Space {
  constructor(pod: Pod, private readonly gate: Gate, private readonly wall: Wall) {
    super(pod);
  }

  /** Writes a message. @throws {Refusal} `denied`, `invalid`, `too-large`, `over-quota`. */
  override async write(text: string): Promise<u32> {
    const op = "write in a space";
    const { rule } = await this.gate.ask(op);
    if (rule.space !== "write") throw notTaken(op);
    return await this.wall.add(op, { author: this.caller.person, timeMs: this.run.nowMs, text });
  }

  /** The newest messages. @throws {Refusal} `denied`. */
  override async *messages(before?: u32): AsyncIterable<Message> {
    const { rule } = await this.gate.ask("read a space");
    if (rule.space === "none") {
      const subject = "it is not shown to you";
      throw new Refusal("denied", { op: "read a space", subject });
    }
    for await (const [n, { author, timeMs, text }] of this.wall.newest(before, READ_MESSAGES)) {
      yield { n, author, writtenMs: timeMs, text };
    }
  }

  /** Takes a message of the caller back. @throws {Refusal} `denied`, `not-found`. */
  override async erase(n: u32): Promise<void> {
    const op = "take a message back";
    await this.gate.ask(op);
    await this.wall.erase(op, n, this.caller.person);
  }
}

/** @throws {Refusal} `invalid` without a text, `too-large`. */
export function checkMessage(op: string, text: string): string {
  if (text.trim() === "") throw new Refusal("invalid", { op, subject: "the text is empty" });
  const size = countCharacters(text);
  if (size <= MAX_CHARACTERS) return text;
  const subject = `the text has ${size} characters, ${MAX_CHARACTERS} allowed`;
  throw new Refusal("too-large", { op, subject, hint: "a letter takes more: leave-message" });
}

function keyOf(n: number): string {
  return String(n).padStart(10, "0");
}
