/**
 * The verb for the rules.
 *
 * @module
 */

import { Commands, type Pod, Refusal } from "../../sdk/mod.ts";
import type { Pending } from "../pending.ts";
import { MAX_RULES_TEXT } from "../rules/parse.ts";
import type { RuleBook } from "../rules/rules.ts";

/** Its method. */
export class RuleVerbs extends Commands {
  constructor(
    pod: Pod,
    private readonly book: RuleBook,
    private readonly waiting: Pick<Pending, "changeRule">,
  ) {
    super(pod);
  }

  /**
   * Shows who may do what here, by how you know them: rules you can change.
   * @param set takes the rules from standard input, when nothing is wrong with them
   * @param reset takes those that everybody begins with
   */
  async rules(set?: boolean, reset?: boolean): Promise<void> {
    if (set && reset) {
      const subject = "--set and --reset stand there together";
      throw new Refusal("invalid", { op: "change the rules", subject });
    }
    if (set) {
      this.book.set(await this.run.readAll(4 * MAX_RULES_TEXT));
      this.run.print("the rules are in force");
    } else if (reset) {
      this.book.reset();
      this.run.print("the rules are those that everybody begins with");
    } else return this.run.write(await this.book.text());
    await this.waiting.changeRule(await this.book.ruleOf("unknown"), this.run.nowMs);
  }
}
