/**
 * The gate: how somebody is known here, and what the rules let them do.
 *
 * @module
 */

import { countCharacters, Refusal, type Run } from "../sdk/mod.ts";
import type { Blocked } from "./blocked.ts";
import type { Names } from "./names.ts";
import type { Distance, Rule } from "./rules/rule.ts";
import type { RuleBook } from "./rules/rules.ts";
import type { Strangers } from "./strangers.ts";

/** Somebody who asks for something, and what they may. */
export interface Asking {
  readonly distance: Distance;
  readonly rule: Rule;
}

/** What becomes of a letter that is let in: it waits for its sender's acceptance, or is taken. */
export type Admitted =
  | { readonly waits: true; readonly distance: Distance; readonly most: number }
  | { readonly waits: false; readonly strange?: number };

/** What the periphery says of a person. */
interface Told {
  /** They own a server that the pod's person is friends with. */
  readonly friend: boolean;
}

/** Decides about people. */
export class Gate {
  constructor(
    private readonly run: Run,
    private readonly parts: {
      readonly names: Names;
      readonly rules: RuleBook;
      readonly blocked: Blocked;
      readonly strangers: Strangers;
    },
  ) {}

  /** How a person is known. */
  async distanceOf(person: string): Promise<Distance> {
    if (await this.parts.names.nameOf(person) !== undefined) return "named";
    const { distance } = await ifKnown(this.run.standing(person)) ?? { distance: null };
    if (distance === 0 || distance === 1) return "named";
    const told = await ifKnown(this.run.request("friend", { person })) as Told | undefined;
    if (told?.friend === true) return "named";
    return distance === 2 ? "2" : distance === 3 ? "3" : "unknown";
  }

  /**
   * What the one who calls may do.
   *
   * @throws {Refusal} `denied` for who is blocked.
   */
  async ask(op: string): Promise<Asking> {
    const { person } = this.run.caller;
    if (await this.parts.blocked.has(person)) throw notTaken(op);
    const distance = await this.distanceOf(person);
    return { distance, rule: await this.parts.rules.ruleOf(distance) };
  }

  /**
   * What becomes of a letter of the one who calls.
   *
   * @param isAnswer it answers a letter of the person to them
   * @throws {Refusal} `denied` when no letters of theirs are taken, `too-large`, `over-quota`.
   */
  async admitLetter(op: string, text: string, isAnswer: boolean): Promise<Admitted> {
    const { distance, rule } = await this.ask(op);
    const { person } = this.run.caller;
    const { strangers } = this.parts;
    if (isAnswer && distance !== "named") return await strangers.admit(op, person, text);
    if (rule.letters === 0) throw notTaken(op);
    const size = countCharacters(text);
    if (size > rule.size) throw tooLong(op, size, rule, distance);
    if (rule.pending) return { waits: true, distance, most: rule.letters ?? Infinity };
    if (rule.letters === null && distance === "named") return { waits: false };
    return await strangers.admit(op, person, text, rule.letters ?? undefined);
  }
}

/** What the periphery says; nothing when it knows no such request. */
async function ifKnown<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Refusal && error.kind === "missing-implementation") return undefined;
    throw error;
  }
}

/** What people hear of whom nothing is taken: whether they are blocked is not their business. */
export function notTaken(op: string): Refusal {
  return new Refusal("denied", { op, subject: "it is not taken here" });
}

function tooLong(op: string, size: number, rule: Rule, distance: Distance): Refusal {
  const subject = `${size} characters, ${rule.size} are taken from you`;
  const hint = distance === "unknown"
    ? "send a short greeting first; more is taken when they know you"
    : "send it in parts";
  return new Refusal("too-large", { op, subject, hint });
}
