/**
 * A pod whose functions await other pods, and that keeps all it did and heard.
 *
 * @module
 */

import { Pod, Refusal, type Run } from "../../../pods/sdk/mod.ts";
import { hops } from "./generated.ts";

/** See the module. */
export default class Relay extends Pod {
  /** What its handlers did, in order. */
  readonly #done = this.table<string>("done");
  readonly #heard = this.table<unknown>("heard");

  readonly #answered = this.continuation<string, unknown>("answered", async (note, answer) => {
    await this.#add(this.#heard, { about: note, ...answer });
  });

  constructor(run: Run) {
    super(run);
    this.offer(hops, {
      echo: (text) => this.#echo(text),
      chain: (path, text) => this.#chain(path, text),
      gather: (who, text) => Promise.all(who.map((of) => this.#ask(of, text))),
      count: this.stream<[number], number>(async (subscription, to) => {
        for (let number = 1; number <= to; number++) {
          subscription.send(number);
          if (number % 2 === 0) await run.pause();
        }
        subscription.end();
      }),
      sum: (of, to, most) => this.#sum(of, to, most),
      wait: () => this.#wait(),
    });
    this.#offerVerbs();
  }

  #offerVerbs(): void {
    const { run } = this;
    this.verb(
      "once",
      "<what> <who> <text> <path…>",
      "Has it done, if never before.",
      async (words) => {
        // Several of one kind have names like chain-2.
        const [name, of, text, ...path] = words as [string, string, string, ...string[]];
        const [what] = name.split("-");
        if (await this.#done.has(`once ${name}`)) return;
        this.#done.put(`once ${name}`, text);
        const options = { then: this.#answered, note: name };
        if (what === "sum") run.post(hops.sum, of, [path[0]!, Number(text), 1_000], options);
        else if (what === "gather") run.post(hops.gather, of, [path, text], options);
        else run.post(hops.chain, of, [path, text], options);
      },
    );
    this.verb("chain", "<text> <path…>", "Asks and waits.", async ([text, of, ...path]) => {
      run.print(await run.call(hops.chain, { of: of! }, [path, text!]));
    });
    this.verb("gather", "<text> <who…>", "Asks all and waits.", async ([text, ...who]) => {
      for (const line of await Promise.all(who.map((of) => this.#ask(of, text!)))) run.print(line);
    });
    this.verb("count", "<who> <to> <most>", "Shows numbers.", async ([of, to, most]) => {
      run.print(`${await this.#sum(of!, Number(to), Number(most))}`);
    });
    this.verb("hold", "<who> <ms>", "Waits for what does not come.", async ([of, ms]) => {
      const deadlineMs = Number(ms);
      run.print(
        await run.call(hops.chain, { of: of! }, [[run.caller.person], "hold"], { deadlineMs }),
      );
    });
    this.verb("done", "", "What it did.", async () => {
      for (const [key, value] of await this.#done.list()) run.print(`${key}: ${value}`);
    });
    this.verb("heard", "", "What it was told.", async () => {
      for (const [, value] of await this.#heard.list()) run.print(JSON.stringify(value));
    });
  }

  async #echo(text: string): Promise<string> {
    if (text === "refuse") throw new Refusal("denied", { op: "answer", subject: "not to you" });
    await this.#note(`echo ${text}`);
    return `heard ${text}`;
  }

  /** Notes before and after it waits: each is done once, however often it is run. */
  async #chain(path: readonly string[], text: string): Promise<string> {
    const [of, ...rest] = path;
    if (of === undefined) return await this.#echo(text);
    await this.#note(`ask ${rest.length} ${text}`);
    const answer = text === "hold"
      ? await this.run.call(hops.wait, { of }, [])
      : await this.run.call(hops.chain, { of }, [rest, text]);
    await this.#note(`told ${rest.length} ${answer}`);
    return `${answer}!`;
  }

  async #ask(of: string, text: string): Promise<string> {
    try {
      return await this.run.call(hops.echo, { of }, [text]);
    } catch (thrown) {
      return thrown instanceof Refusal ? thrown.kind : "strange";
    }
  }

  async #sum(of: string, to: number, most: number): Promise<number> {
    let sum = 0;
    let left = most;
    for await (const number of this.run.open(hops.count, { of }, [to])) {
      sum += number;
      if (--left === 0) break;
    }
    await this.#note(`sum ${sum}`);
    return sum;
  }

  /** Waits for somebody who is nowhere. */
  async #wait(): Promise<string> {
    await this.#note("waits");
    return await this.run.call(hops.wait, { of: "D".repeat(40) }, []);
  }

  async #note(what: string): Promise<void> {
    await this.#add(this.#done, what);
  }

  async #add<Value>(
    table: {
      list(range: object): Promise<[string, Value][]>;
      put(key: string, value: Value): void;
    },
    value: Value,
  ): Promise<void> {
    const [last] = await table.list({ prefix: "0", reverse: true, limit: 1 });
    table.put(String(Number(last?.[0] ?? 0) + 1).padStart(6, "0"), value);
  }
}
