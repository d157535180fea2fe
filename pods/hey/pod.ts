import { Pod, type Run } from "../sdk/mod.ts";
import { type Letter, mail, petnames } from "./generated.ts";

export default class Hey extends Pod {
  readonly letters = this.table<{ from: string; text: string; atMs: number }>("letters");

  constructor(run: Run) {
    super(run);
    this.offer(mail, {
      leave: async (letter: Letter) => {
        const count = (await this.letters.list()).length;
        this.letters.put(String(count + 1).padStart(8, "0"), {
          from: run.caller.person,
          text: letter.text,
          atMs: run.nowMs,
        });
        return { "received-ms": run.nowMs };
      },
    });
    this.offer(petnames, { personOf: () => null, setName: () => {}, nameOf: () => null });
    const told = this.continuation("told", (_note: null, _answer: unknown) => {});
    this.verb(
      "leave-message",
      "<who> <text…>",
      "Leaves a letter.",
      async ([who = "", ...words]) => {
        const { person } = await run.findPerson(who);
        const letter = { id: String(run.nowMs), text: words.join(" "), "in-reply-to": null };
        run.post(mail.leave, { person, pod: "hey" }, [letter], { then: told, note: null });
        run.print(`left for ${who}`);
      },
    );
    this.verb("list", "", "Shows the letters.", async () => {
      for (const [n, { from, text }] of await this.letters.list()) {
        run.print(`${n} ${from} ${text}`);
      }
    });
  }
}
