/**
 * A pod that gives streams and takes them, and keeps all it hears.
 *
 * @module
 */

import { Pod, Refusal, type Run } from "../../../pods/sdk/mod.ts";
import { nowhere, watch } from "./generated.ts";

/** More than any answer takes. */
const TOO_LONG = 60_000;

/** See the module. */
export default class Ticker extends Pod {
  readonly #readers = this.subscribers<number, string>("readers");
  readonly #heard = this.table<unknown>("heard");
  readonly #done = this.table<boolean>("done");
  readonly #ends = this.table<number>("ends");

  readonly #listener = this.listener<string, number | string>("listen", async (note, part) => {
    await this.#hear({ about: note, ...part });
  });

  readonly #answered = this.continuation<string, unknown>("answered", async (note, answer) => {
    await this.#hear({ about: note, ...answer });
  });

  constructor(run: Run) {
    super(run);
    this.offer(watch, {
      follow: this.stream((subscription, topic) => {
        if (topic === "closed") {
          throw new Refusal("denied", { op: "follow", subject: "the topic is closed" });
        }
        this.#readers.add(subscription, topic);
        if (topic === "wrong") subscription.send(-1);
      }),
      lines: this.pages("lines", async function* (after, count) {
        for (let line = Number(after ?? 0) + 1; line <= count; line++) {
          yield [line, `line ${line}`] as const;
        }
      }),
      once: (what) => this.#once(what),
    });
    this.#offerVerbs();
  }

  protected override async cancelled(): Promise<void> {
    this.#ends.put("all", (await this.#ends.get("all") ?? 0) + 1);
  }

  #offerVerbs(): void {
    const { run } = this;
    this.verb("follow", "<who> <topic> [ms]", "Follows a topic.", ([who, topic, ms]) => {
      run.post(watch.follow, who!, [topic!], {
        then: this.#listener,
        note: topic!,
        key: topic!,
        ...ms !== undefined && { deadlineMs: Number(ms) },
      });
    });
    this.verb("follow-once", "<who> <topic>", "Follows it, if it never has.", async (words) => {
      const [who, topic] = words as [string, string];
      if (await this.#done.has(`follow ${topic}`)) return;
      this.#done.put(`follow ${topic}`, true);
      run.post(watch.follow, who, [topic], { then: this.#listener, note: topic, key: topic });
    });
    this.verb("tell-once", "<topic> <n>", "Tells what it has not told.", async ([topic, n]) => {
      if (await this.#done.has(`tell ${topic} ${n}`)) return;
      this.#done.put(`tell ${topic} ${n}`, true);
      for await (const [subscription, tag] of this.#readers.walk()) {
        if (tag === topic) subscription.send(Number(n));
      }
    });
    this.verb("follow-many", "<who> <count>", "Follows it so often.", ([who, count]) => {
      for (let at = 0; at < Number(count); at++) {
        run.post(watch.follow, who!, ["tides"], { then: this.#listener, note: `tides ${at}` });
      }
    });
    this.verb("stop", "<topic>", "Follows it no more.", ([topic]) => run.cancel(topic!));
    this.verb("tell", "<topic> <n>", "Tells who follows.", async ([topic, n]) => {
      for await (const [subscription, tag] of this.#readers.walk()) {
        if (tag === topic) subscription.send(Number(n));
      }
    });
    this.verb("tell-all", "<n>", "Tells everybody.", ([n]) => this.#readers.send(Number(n)));
    this.verb("close", "<topic>", "Ends a topic.", async ([topic]) => {
      for await (const [subscription, tag] of this.#readers.walk()) {
        if (tag === topic) this.#readers.end(subscription);
      }
    });
    this.verb("send-to", "<handle>", "Answers whatever it is.", ([handle]) => {
      this.subscription<number>(handle!).send(1);
    });
    this.verb("lines", "<who> <count>", "Asks for lines.", ([who, count]) => {
      run.post(watch.lines, who!, [Number(count)], {
        then: this.#listener,
        note: "lines",
        key: "lines",
      });
    });
    this.verb("ask", "<who> <what> [ms]", "Asks once.", ([who, what, ms]) => {
      const deadline = ms === undefined ? {} : { deadlineMs: Number(ms) };
      const options = { then: this.#answered, note: what!, ...deadline };
      if (what === "nowhere") run.post(nowhere.nothing, who!, [], options);
      else run.post(watch.once, who!, [what!], options);
    });
    this.verb("heard", "", "All that was heard.", async () => {
      for (const [, value] of await this.#heard.list()) run.print(JSON.stringify(value));
    });
    this.verb("readers", "", "How many follow, and how many were cancelled.", async () => {
      let count = 0;
      for await (const _ of this.#readers.walk()) count++;
      run.print(`${count} ${await this.#ends.get("all") ?? 0}`);
    });
  }

  #once(what: string): string {
    if (what === "refuse") throw new Refusal("denied", { op: "answer", subject: "not to you" });
    return what === "long" ? "x".repeat(TOO_LONG) : `heard ${what}`;
  }

  async #hear(value: unknown): Promise<void> {
    const [last] = await this.#heard.list({ reverse: true, limit: 1 });
    this.#heard.put(String(Number(last?.[0] ?? 0) + 1).padStart(6, "0"), value);
  }
}
