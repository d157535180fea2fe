/**
 * A pod that does whatever a script tells it, by every operation there is between a pod and its
 * host. What it leaves behind depends on the scripts alone: not on when its runs are run, nor on
 * how often it has to begin again.
 *
 * @module
 */

import { Refusal, type Run } from "../../pods/sdk/mod.ts";
import type { Continuation, FunctionRef, Stream } from "../../pods/sdk/reference.ts";
import { HandPod } from "../../pods/sdk/testing/hand.ts";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { Hops } from "../pods/relay/generated.ts";

/** One thing to do; a script is a list of them. */
export type Deed =
  | readonly ["put" | "large" | "delete" | "get", key: string]
  | readonly ["list" | "count" | "find" | "miss" | "log" | "add" | "owner" | "pause" | "fail"]
  | readonly ["post" | "await" | "both" | "stream" | "later" | "sleep", n: number]
  | readonly ["hang" | "cancel", key: string]
  | readonly ["nest", deeds: readonly Deed[]];

/** What others may ask, by name; the shapes are those of the relay pod. */
const REFS = Object.fromEntries(
  Hops.shape.functions.map(({ name, functionId }) => {
    const { interface: face, capability } = Hops.shape;
    return [name, { capability, interface: face, function: name, functionId }];
  }),
);
const CHAIN = REFS.chain as unknown as FunctionRef<[path: string[], text: string], string>;
const ECHO = REFS.echo as unknown as FunctionRef<[text: string], string>;
const COUNT = REFS.count as unknown as FunctionRef<[to: number], Stream<number>>;
const WAIT = REFS.wait as unknown as FunctionRef<[], string>;
/** Who is nowhere. */
export const NOBODY = "D".repeat(40);

/** A script of so many deeds. One that has called nobody does not fail before it takes that back. */
export function drawDeeds(chance: SeededEntropy, count: number, depth = 1): Deed[] {
  const deeds = Array.from({ length: count }, () => drawDeed(chance, depth));
  const hasHung = deeds.some(([what]) => what === "hang");
  return hasHung ? deeds.filter(([what]) => what !== "fail") : deeds;
}

function drawDeed(chance: SeededEntropy, depth: number): Deed {
  const key = `k${chance.below(4)}`;
  const n = 1 + chance.below(4);
  const draws: (() => Deed)[] = [
    ...(["put", "large", "delete", "get"] as const).map((what) => (): Deed => [what, key]),
    ...(["list", "count", "find", "miss", "log", "add", "owner", "pause"] as const)
      .map((what) => (): Deed => [what]),
    ...(["post", "await", "both", "stream", "later", "sleep"] as const)
      .map((what) => (): Deed => [what, n]),
    () => ["hang", key],
    () => ["cancel", key],
    () => depth === 0 ? ["log"] : ["nest", drawDeeds(chance, n, depth - 1)],
    () => chance.happens(0.3) ? ["fail"] : ["add"],
  ];
  return draws[chance.below(draws.length)]!();
}

/** See the module. */
export class Roamer extends HandPod {
  readonly #own = this.table<unknown>("own");
  readonly #told = this.table<unknown>("told");
  readonly #sums = this.table<number>("sums");
  readonly #lines = this.table<string>("lines");
  readonly #tell = this.#telling("tell", (id, answer) => this.#note(id, answer));
  readonly #never = this.#telling("never", (id) => this.#note(`never ${id}`, 1));
  readonly #later = this.later("late", (id: string) => this.#note(id, "late"));

  constructor(run: Run) {
    super(run);
    this.offer(REFS as never, {
      echo: (text: string) => text,
      chain: (path: string[], text: string) => this.#follow(path[0]!, JSON.parse(text)),
      count: (to: number) => this.#numbers(to),
    } as never);
    this.verb("once", "<id> <deeds>", "Does deeds, if never before.", async ([id, deeds]) => {
      if (await this.#own.has(`once ${id}`)) return;
      this.#own.put(`once ${id}`, 1);
      await run.post(CHAIN, await run.owner(), [[id!], deeds!], {
        then: this.#tell as never,
        note: id!,
      });
    });
    this.verb("feed", "<id>", "Takes lines.", async ([id]) => {
      for (let n = 0;; n++) {
        const line = await run.readLine();
        if (line === undefined) return;
        this.#lines.put(`${id} ${n}`, line);
      }
    });
  }

  async *#numbers(to: number): AsyncIterable<number> {
    for (let number = 1; number <= to; number++) {
      yield number;
      if (number % 2 === 0) await this.run.pause();
    }
  }

  #telling(
    name: string,
    take: (note: string, answer: unknown) => void,
  ): Continuation<string, string> {
    return this.continuation<string, string>(name, take);
  }

  #note(id: string, what: unknown): void {
    this.#told.put(id, what);
  }

  /** Follows a script; every script has an id of its own and keys below it. */
  async #follow(id: string, deeds: readonly Deed[]): Promise<string> {
    const seen: unknown[] = [];
    for (const [index, deed] of deeds.entries()) {
      seen.push(await this.#do(`${id}.${index}`, id, deed) ?? null);
    }
    // What calls nobody is taken back in the end.
    for (const [what, key] of deeds) if (what === "hang") this.run.cancel(`${id} ${key}`);
    return JSON.stringify(seen);
  }

  async #do(name: string, id: string, [what, of]: Deed): Promise<unknown> {
    const { run } = this;
    const own = await run.owner();
    const key = `${id} ${of}`;
    const n = of as number;
    const call = (text: string) => run.call(ECHO, { of: own }, [text]);
    switch (what) {
      case "put":
        return this.#own.put(key, name);
      case "large":
        return this.#own.put(key, name.repeat(20_000));
      case "delete":
        return this.#own.delete(key);
      case "get":
        return String(await this.#own.get(key)).slice(0, 40);
      case "list":
        return (await this.#own.list({ prefix: `${id} ` })).map(([found]) => found);
      case "count":
        return await this.#own.count({ prefix: `${id} ` });
      case "find":
        return (await run.findPerson(own)).person === own;
      case "miss":
        return await run.findPerson("nobody at all").catch((thrown) => thrown.kind);
      case "log":
        return run.log("info", name);
      case "add":
        return this.#sums.put("all", (await this.#sums.get("all") ?? 0) + 1);
      case "owner":
        return own.length;
      case "pause":
        return await run.pause();
      case "post":
        return await run.post(ECHO, own, [`${n}`], { then: this.#tell as never, note: name });
      case "await":
        return await call(name);
      case "both":
        return await Promise.all([call(name), call(`${n}`)]);
      case "stream":
        return await sumOf(run.open(COUNT, { of: own }, [2 * n]));
      case "later":
        return void this.#later.after({ seconds: n }, name);
      case "sleep":
        return await run.sleep({ seconds: n });
      case "hang":
        return await run.post(WAIT, NOBODY, [], { then: this.#never as never, note: name, key });
      case "cancel":
        return run.cancel(key);
      case "nest":
        return await run.call(CHAIN, { of: own }, [[name], JSON.stringify(of)])
          .catch((thrown) => thrown.kind);
      case "fail":
        throw new Refusal("denied", { op: "go on", subject: name });
    }
  }
}

async function sumOf(numbers: AsyncIterable<number>): Promise<number> {
  let sum = 0;
  for await (const number of numbers) sum += number;
  return sum;
}
