/**
 * Verbs of the command line that nobody wrote: made from the shape of a pod's class.
 *
 * @module
 */

import { codecOf, decodeValue, encodeValue, itemOf } from "../codec.ts";
import { camelOf } from "../codec/names.ts";
import type { Verb } from "../command.ts";
import { type Face, methodOf } from "../face.ts";
import { isMany, Kept } from "../stream/give.ts";
import { formatJsonLine, type Json } from "../text/json.ts";
import { openPeer } from "../peer.ts";
import { Refusal } from "../refusal.ts";
import type { Run } from "../run.ts";
import type { FunctionShape, OfferShape, Type, VerbParam, VerbShape } from "../shape.ts";
import { refusalOfVerb, TypedError } from "../typed.ts";
import { completeVerb } from "./complete.ts";
import { formatVerbHelp, labelOf } from "./help.ts";
import { formatValue, printStream } from "./print.ts";
import { Shown } from "./shown.ts";
import { readValue } from "./values.ts";
import { readWords, type Refuse, type Spoken } from "./words.ts";

/** The verbs of a pod's object, in the order in which help shows them. */
export function verbsOf(pod: object, run: Run, face: Face): Verb[] {
  return face.shape.verbs.map((shape) => {
    const runner = new VerbRunner(pod, run, face, shape);
    const { name, usage, about } = shape;
    return {
      name,
      usage,
      about,
      isAlone: shape.alone === true,
      help: () => formatVerbHelp(run.pod, shape),
      run: (words, terminal) => runner.start(words, terminal),
      complete: (words) => completeVerb(pod, shape, words),
    };
  });
}

/** One verb in one run. */
class VerbRunner {
  readonly #refuse: Refuse;
  readonly #offer: OfferShape | undefined;
  readonly #function: FunctionShape | undefined;

  constructor(
    private readonly pod: object,
    private readonly run: Run,
    private readonly face: Face,
    private readonly verb: VerbShape,
  ) {
    const { name, usage, field, method } = verb;
    const written = `peri ${run.pod} ${name} ${usage}`.trimEnd();
    this.#refuse = (subject, hint = written) =>
      new Refusal("invalid", { op: `run ${run.pod} ${name}`, subject, hint });
    this.#offer = face.shape.offers.find((offer) => offer.field === field);
    this.#function = this.#offer?.functions.find((one) => one.method === method);
  }

  /** Runs the words that follow the verb. @param isTerminal what is printed goes to a screen */
  async start(words: readonly string[], isTerminal: boolean): Promise<void> {
    const spoken = readWords(this.verb, words, this.#refuse);
    if (spoken.isHelp) return this.run.write(formatVerbHelp(this.run.pod, this.verb));
    const args = await this.#arguments(spoken);
    try {
      await this.#show(await this.#call(spoken, args), spoken, isTerminal);
    } catch (thrown) {
      if (!(thrown instanceof TypedError)) throw thrown;
      throw refusalOfVerb(thrown, this.verb.name.replaceAll("-", " "));
    }
  }

  async #call({ of }: Spoken, args: readonly unknown[]): Promise<unknown> {
    const { field, method, name } = this.verb;
    if (of === undefined) return await methodOf(this.pod, field, method)!(...args);
    const errors = this.face.errorsOf(this.pod, this.#offer!);
    const address = { of, name: this.run.pod };
    const peer = openPeer(this.run, this.#offer!, errors, address) as Record<string, unknown>;
    const remote = peer[method] as ((...args: readonly unknown[]) => unknown) | undefined;
    if (remote === undefined) throw this.#refuse(`${name} is no function of another pod`);
    return await remote(...args);
  }

  /** The arguments as the method takes them. */
  async #arguments({ given }: Spoken): Promise<unknown[]> {
    const args: unknown[] = [];
    let further: unknown[] = [];
    for (const param of this.verb.params) {
      const words = given.get(param);
      const [first, field] = param.path as [string, string | undefined];
      const value = words === undefined ? nothingOf(param) : await this.#read(param, words);
      if (field !== undefined) {
        const record = (args[Number(first)] ??= {}) as Record<string, unknown>;
        if (value !== undefined) record[camelOf(field)] = value;
      } else if (this.#isFurther(param)) further = value as unknown[];
      else args[Number(first)] = value;
    }
    return [...args, ...further];
  }

  /** Whether a list goes in as further arguments. */
  #isFurther({ kind, type }: VerbParam): boolean {
    return kind === "rest" && this.verb.rest === true && type !== "string";
  }

  async #read(param: VerbParam, words: readonly string[]): Promise<unknown> {
    const { kind, type } = param;
    if (kind === "switch") return true;
    const isInput = words.length === 1 && words[0] === "-";
    if (isInput && isBytes(type)) return await this.run.readBytes();
    if (isInput && kind === "rest" && type === "string") {
      return (await this.run.readAll()).replace(/\r?\n$/, "");
    }
    return decodeValue(type, readValue(type, words, labelOf(param), this.#refuse));
  }

  async #show(result: unknown, { isJson }: Spoken, isTerminal: boolean): Promise<void> {
    if (result instanceof Shown) return await result.print(this.run, isJson);
    const isFile = !isJson && !isTerminal;
    const item = itemOf(this.verb.result);
    if (item !== undefined && isFile && isBytes(item)) return await this.#writeItems(item, result);
    if (item !== undefined) return await this.#showItems(item, result, isJson);
    const type = this.#valueType();
    if (type === null) return;
    if (isFile && isBytes(type)) return this.run.writeBytes(result as Uint8Array);
    const wire = encodeValue(type, result, `show ${this.verb.name}`, "result");
    if (!isJson) { for (const line of formatValue(type, wire)) this.run.print(line); }
    else for (const record of recordsOf(type, wire)) this.run.print(formatJsonLine(record));
  }

  async #showItems(type: Type, result: unknown, isJson: boolean): Promise<void> {
    const items = this.#encodeItems(type, result);
    if (!isJson) return await printStream(this.run, type, items);
    for await (const item of items) this.run.print(formatJsonLine(item));
  }

  async #writeItems(type: Type, result: unknown): Promise<void> {
    for await (const item of this.#encodeItems(type, result)) {
      this.run.writeBytes(decodeValue(type, item) as Uint8Array);
    }
  }

  async *#encodeItems(type: Type, result: unknown): AsyncGenerator<Json> {
    if (!isMany(result)) throw this.#refuse("it gave nothing to iterate over");
    for await (const item of result) {
      if (item instanceof Kept) throw this.#refuse("it lives on", this.#liveHint());
      yield encodeValue(type, item, `show ${this.verb.name}`, "item");
    }
  }

  #liveHint(): string {
    const { name } = this.verb;
    return `ask by a call: peri ${this.run.pod} ${name} --of <who>`;
  }

  /** The type of what the method returns; null when it returns nothing. */
  #valueType(): Type | null {
    if (this.#function !== undefined) return codecOf(this.#function).value;
    return this.verb.result as Type | null;
  }
}

/** Whether a value is bytes: `-` reads them, and into a file they go as they are. */
function isBytes(type: Type): boolean {
  return typeof type !== "string" && "list" in type && type.list === "u8";
}

/** What stands for a parameter that was not given. */
function nothingOf({ kind, type, optional }: VerbParam): unknown {
  const isList = typeof type !== "string" && "list" in type;
  if (kind === "rest" && isList) return [];
  return kind === "switch" && !optional ? false : undefined;
}

/** With `--json` every item of a list is a record. */
function recordsOf(type: Type, wire: Json): readonly Json[] {
  const isList = typeof type !== "string" && "list" in type && type.list !== "u8";
  return isList ? wire as Json[] : [wire];
}
