/**
 * The rules of the pod's person: one text that they read and write.
 *
 * @module
 */

import { Refusal, type Table } from "../../sdk/mod.ts";
import { type Fault, parseRules } from "./parse.ts";
import { type Distance, DISTANCES, type Rule, type Rules } from "./rule.ts";
import { DEFAULT_RULES, DEFAULTS } from "./text.ts";

/** The text, and what it says. */
interface Kept {
  readonly text: string;
  readonly rules: Partial<Rules>;
}

const KEY = "rules";

/** The rules that are in force. */
export class RuleBook {
  /** @param table the one row that there is when the person has written rules */
  constructor(private readonly table: Table<Kept>) {}

  /** What the person has written; without that what everybody begins with. */
  async text(): Promise<string> {
    return (await this.table.get(KEY))?.text ?? DEFAULT_RULES;
  }

  /** The rule for people at a distance. */
  async ruleOf(distance: Distance): Promise<Rule> {
    return (await this.all())[distance];
  }

  /** All rules. Keys that came after the text was kept are as everybody begins with. */
  async all(): Promise<Rules> {
    const kept = (await this.table.get(KEY))?.rules ?? {};
    const rule = (distance: Distance) => ({ ...DEFAULTS[distance], ...kept[distance] });
    return Object.fromEntries(DISTANCES.map((one) => [one, rule(one)])) as Record<Distance, Rule>;
  }

  /** Takes a text in place of the one before. @throws {Refusal} `invalid` with lines and reasons. */
  set(text: string): void {
    const op = "change the rules";
    if (text.trim() === "") {
      const hint = "peri hey rules > rules.toml, change it, peri hey rules --set < rules.toml";
      throw new Refusal("invalid", { op, subject: "the text is empty", hint });
    }
    const rules = parseRules(text, DEFAULTS);
    if (isFaulty(rules)) {
      const subject = rules.map(({ line, why }) => `line ${line}: ${why}`).join("; ");
      throw new Refusal("invalid", { op, subject, hint: "the rules are as they were" });
    }
    this.table.put(KEY, { text, rules });
  }

  /** What everybody begins with is in force again. */
  reset(): void {
    this.table.delete(KEY);
  }
}

function isFaulty(read: Rules | readonly Fault[]): read is readonly Fault[] {
  return Array.isArray(read);
}
