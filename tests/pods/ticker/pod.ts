/**
 * A pod that gives streams and takes them, and keeps all it hears.
 *
 * @module
 */

import { Commands, Pod, Refusal, type Subscribers, type u32 } from "../../../pods/sdk/mod.ts";
import { Nowhere, Watch } from "./generated.ts";

/** More than any answer takes. */
const TOO_LONG = 60_000;

/** Who follows which topic. */
type Readers = Subscribers<number, string>;

/** Given back with whatever comes. */
type Note = { readonly about: string };

/** What others may ask. */
class Tides extends Watch {
  readonly #readers: Readers;
  readonly #lines = this.pod.pages("lines", async function* (after, count: number) {
    for (let line = Number(after ?? 0) + 1; line <= count; line++) {
      yield [line, `line ${line}`] as const;
    }
  });

  constructor(pod: Pod, readers: Readers) {
    super(pod);
    this.#readers = readers;
  }

  async *follow(topic: string): AsyncIterable<u32> {
    if (topic === "closed") {
      throw new Refusal("denied", { op: "follow", subject: "the topic is closed" });
    }
    if (topic === "wrong") yield -1;
    yield* this.#readers.follow(topic);
  }

  lines(count: u32): AsyncIterable<string> {
    return this.#lines(count);
  }

  async once(what: string): Promise<string> {
    if (what === "refuse") throw new Refusal("denied", { op: "answer", subject: "not to you" });
    return await Promise.resolve(what === "long" ? "x".repeat(TOO_LONG) : `heard ${what}`);
  }
}

/** What its person may say. */
class Verbs extends Commands {
  readonly #heard = this.table<unknown>("heard");
  readonly #done = this.table<boolean>("done");
  readonly #ends = this.table<number>("ends");
  readonly #readers: Readers;
  readonly #follow = this.posts("follow", Watch, "follow", this.#hear.bind(this));
  readonly #lines = this.posts("lines", Watch, "lines", this.#hear.bind(this));
  readonly #once = this.posts("once", Watch, "once", this.#hear.bind(this));
  readonly #nothing = this.posts("nothing", Nowhere, "nothing", this.#hear.bind(this));

  constructor(pod: Pod, readers: Readers) {
    super(pod);
    this.#readers = readers;
  }

  /** Follows a topic. @param ms until it ends */
  async follow(who: string, topic: string, ms?: number): Promise<void> {
    const note = { about: topic };
    await this.#follow(who, [topic], {
      note,
      key: topic,
      ...ms !== undefined && { deadlineMs: ms },
    });
  }

  /** Follows it, if it never has. */
  async followOnce(who: string, topic: string): Promise<void> {
    if (await this.#done.has(`follow ${topic}`)) return;
    this.#done.put(`follow ${topic}`, true);
    await this.follow(who, topic);
  }

  /** Follows it so often. */
  async followMany(who: string, count: u32): Promise<void> {
    for (let at = 0; at < count; at++) {
      await this.#follow(who, ["tides"], { note: { about: `tides ${at}` } });
    }
  }

  /** Follows it no more. */
  stop(topic: string): void {
    this.run.cancel(topic);
  }

  /** Tells who follows. */
  async tell(topic: string, n: u32): Promise<void> {
    for await (const [subscription, tag] of this.#readers.walk()) {
      if (tag === topic) subscription.send(n);
    }
  }

  /** Tells what it has not told. */
  async tellOnce(topic: string, n: u32): Promise<void> {
    if (await this.#done.has(`tell ${topic} ${n}`)) return;
    this.#done.put(`tell ${topic} ${n}`, true);
    await this.tell(topic, n);
  }

  /** Tells everybody. */
  async tellAll(n: u32): Promise<void> {
    await this.#readers.send(n);
  }

  /** Ends a topic. */
  async close(topic: string): Promise<void> {
    for await (const [subscription, tag] of this.#readers.walk()) {
      if (tag === topic) this.#readers.end(subscription);
    }
  }

  /** Answers whatever it is. */
  sendTo(handle: string): void {
    this.pod.subscription<number>(handle).send(1);
  }

  /** Asks for lines. */
  async lines(who: string, count: u32): Promise<void> {
    await this.#lines(who, [count], { note: { about: "lines" }, key: "lines" });
  }

  /** Asks once. @param ms until it is given up @param pod of another name */
  async ask(who: string, what: string, ms?: number, pod?: string): Promise<void> {
    const to = pod === undefined ? who : { person: who, pod };
    const options = { note: { about: what }, ...ms !== undefined && { deadlineMs: ms } };
    if (what === "nowhere") await this.#nothing(to, [], options);
    else await this.#once(to, [what], options);
  }

  /** All that was heard. */
  async heard(): Promise<void> {
    for (const [, value] of await this.#heard.list()) this.run.print(JSON.stringify(value));
  }

  /** How many follow, and how many were cancelled. */
  async readers(): Promise<string> {
    let count = 0;
    for await (const _ of this.#readers.walk()) count++;
    return `${count} ${await this.#ends.get("all") ?? 0}`;
  }

  async #hear(note: Note, outcome: object): Promise<void> {
    const { error } = outcome as { error?: Refusal };
    const told = error === undefined ? outcome : { error: { ...error } };
    const [last] = await this.#heard.list({ reverse: true, limit: 1 });
    const next = String(Number(last?.[0] ?? 0) + 1).padStart(6, "0");
    this.#heard.put(next, { ...note, ...told });
  }
}

/** See the module. */
export default class Ticker extends Pod {
  readonly #readers = this.subscribers<number, string>("readers");
  readonly #ends = this.table<number>("ends");

  /** @hidden */
  readonly tides = new Tides(this, this.#readers);
  readonly verbs = new Verbs(this, this.#readers);

  protected override async cancelled(): Promise<void> {
    this.#ends.put("all", (await this.#ends.get("all") ?? 0) + 1);
  }
}
