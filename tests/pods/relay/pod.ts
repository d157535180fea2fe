/**
 * A pod whose functions await other pods, and that keeps all it did and heard.
 *
 * @module
 */

import { Commands, peer, Pod, Refusal, type Table, type u32 } from "../../../pods/sdk/mod.ts";
import { Hops } from "./generated.ts";

/** What others may ask. */
class Hopping extends Hops {
  readonly #done = this.table<string>("done");

  async echo(text: string): Promise<string> {
    if (text === "refuse") throw new Refusal("denied", { op: "answer", subject: "not to you" });
    await this.#note(`echo ${text}`);
    return `heard ${text}`;
  }

  /** Notes before and after it waits: each is done once, however often it is run. */
  async chain(path: readonly string[], text: string): Promise<string> {
    const [of, ...rest] = path;
    if (of === undefined) return await this.echo(text);
    await this.#note(`ask ${rest.length} ${text}`);
    const next = this.peer({ of });
    const answer = text === "hold" ? await next.wait() : await next.chain(rest, text);
    await this.#note(`told ${rest.length} ${answer}`);
    return `${answer}!`;
  }

  async gather(who: readonly string[], text: string): Promise<string[]> {
    return await Promise.all(who.map((of) => ask(this.peer({ of }), text)));
  }

  async *count(to: u32): AsyncIterable<u32> {
    for (let number = 1; number <= to; number++) {
      yield number;
      if (number % 2 === 0) await this.run.pause();
    }
  }

  async sum(of: string, to: u32, most: u32): Promise<u32> {
    let sum = 0;
    let left = most;
    for await (const number of this.peer({ of }).count(to)) {
      sum += number;
      if (--left === 0) break;
    }
    await this.#note(`sum ${sum}`);
    return sum;
  }

  /** Waits for somebody who is nowhere. */
  async wait(): Promise<string> {
    await this.#note("waits");
    return await this.peer({ of: "D".repeat(40) }).wait();
  }

  async #note(what: string): Promise<void> {
    await append(this.#done, what);
  }
}

/** What its person may say. */
class Verbs extends Commands {
  readonly #done = this.table<string>("done");
  readonly #heard = this.table<unknown>("heard");
  readonly #chain = this.posts("chain", Hops, "chain", this.#hear.bind(this));
  readonly #gather = this.posts("gather", Hops, "gather", this.#hear.bind(this));
  readonly #sum = this.posts("sum", Hops, "sum", this.#hear.bind(this));
  readonly #hops: Hops;

  constructor(pod: Pod, hops: Hops) {
    super(pod);
    this.#hops = hops;
  }

  /** Has it done, if never before; several of one kind have names like chain-2. */
  async once(name: string, who: string, text: string, ...path: string[]): Promise<void> {
    if (await this.#done.has(`once ${name}`)) return;
    this.#done.put(`once ${name}`, text);
    const [what] = name.split("-");
    const options = { note: name };
    if (what === "sum") await this.#sum(who, [path[0]!, Number(text), 1_000], options);
    else if (what === "gather") await this.#gather(who, [path, text], options);
    else await this.#chain(who, [path, text], options);
  }

  /** Asks and waits. */
  async chain(text: string, who: string, ...path: string[]): Promise<string> {
    return await peer(this, Hops, { of: who }).chain(path, text);
  }

  /** Asks all and waits. */
  async gather(text: string, ...who: string[]): Promise<string[]> {
    return await this.#hops.gather(who, text);
  }

  /** Shows numbers. */
  async count(who: string, to: u32, most: u32): Promise<u32> {
    return await this.#hops.sum(who, to, most);
  }

  /** Waits for what does not come. */
  async hold(who: string, ms: u32): Promise<string> {
    const { person } = this.caller;
    return await peer(this, Hops, { of: who, deadlineMs: ms }).chain([person], "hold");
  }

  /** What it did. */
  async done(): Promise<void> {
    for (const [key, value] of await this.#done.list()) this.run.print(`${key}: ${value}`);
  }

  /** What it was told. */
  async heard(): Promise<void> {
    for (const [, value] of await this.#heard.list()) this.run.print(JSON.stringify(value));
  }

  async #hear(about: string, outcome: object): Promise<void> {
    const { error } = outcome as { error?: Refusal };
    const told = error === undefined ? outcome : { error: { ...error } };
    await append(this.#heard, { about, ...told });
  }
}

/** See the module. */
export default class Relay extends Pod {
  /** @hidden */
  readonly hops = new Hopping(this);
  readonly verbs = new Verbs(this, this.hops);
}

async function ask(hops: Pick<Hops, "echo">, text: string): Promise<string> {
  try {
    return await hops.echo(text);
  } catch (thrown) {
    return thrown instanceof Refusal ? thrown.kind : "strange";
  }
}

async function append<Value>(table: Table<Value>, value: Value): Promise<void> {
  const [last] = await table.list({ prefix: "0", reverse: true, limit: 1 });
  table.put(String(Number(last?.[0] ?? 0) + 1).padStart(6, "0"), value);
}
