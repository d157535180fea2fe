/**
 * The functions that a pod's class offers, as the periphery calls them: arguments come in as JSON
 * values, the public method of that name is run, and what it gives goes out as JSON values.
 *
 * @module
 */

import { codecOf } from "./codec.ts";
import { give, type Opening } from "./stream/give.ts";
import type { Json } from "./text/json.ts";
import { Refusal } from "./refusal.ts";
import type { Run } from "./run.ts";
import type { FunctionShape, OfferShape, PodShape } from "./shape.ts";
import { encodeError, type ErrorClasses } from "./typed.ts";

/** A function that is offered, and by whom. */
interface Offered {
  readonly offer: OfferShape;
  readonly shape: FunctionShape;
  /** Names it, as `peri:hey/mail#leave`. */
  readonly of: string;
}

/** Methods of an object by name. */
export type Methods = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** What a pod's class says, ready for use. Made once for each class. */
export class Face {
  readonly #functions = new Map<string, Offered>();

  constructor(readonly shape: PodShape, readonly errors: ErrorClasses) {
    for (const offer of shape.offers) {
      for (const shape of offer.functions) {
        const of = `${offer.interface}#${shape.name}`;
        this.#functions.set(of, { offer, shape, of });
      }
    }
  }

  /** The handler of a function, as the engine calls it; undefined when it is not offered. */
  handlerOf(pod: object, run: Run, of: string): ((...args: Json[]) => Promise<Json>) | undefined {
    const offered = this.#functions.get(of);
    return offered && ((...args) => this.#answer(pod, run, offered, args));
  }

  /** Makes the JSON values of a stream's items; undefined when there is no such stream. */
  encoderOf(of: string): ((item: unknown) => Json) | undefined {
    const codec = this.#functions.has(of) ? codecOf(this.#functions.get(of)!.shape) : undefined;
    return codec?.item && ((item) => codec.encodeItem(item));
  }

  /** What the object lacks of all that the class says; undefined when it lacks nothing. */
  lackOf(pod: object): string | undefined {
    for (const { offer, shape } of this.#functions.values()) {
      if (methodOf(pod, offer.field, shape.method) !== undefined) continue;
      return `offers ${offer.interface} and has no method ${pathOf(offer.field, shape.method)}`;
    }
    for (const { name, field, method } of this.shape.verbs) {
      if (methodOf(pod, field, method) !== undefined) continue;
      return `has the verb ${name} and no method ${pathOf(field, method)}`;
    }
    return undefined;
  }

  async #answer(pod: object, run: Run, offered: Offered, args: Json[]): Promise<Json> {
    const { offer, shape, of } = offered;
    const method = methodOf(pod, offer.field, shape.method);
    if (method === undefined) throw lacking(of);
    const codec = codecOf(shape);
    if (codec.item !== undefined) {
      const opening = openingOf(run, of, (item) => codec.encodeItem(item));
      await give(run, opening, await method(...codec.decodeArguments(args)));
      return null;
    }
    try {
      const wire = codec.encodeResult(await method(...codec.decodeArguments(args)));
      return shape.errors === undefined ? wire : { ok: wire };
    } catch (thrown) {
      const wire = encodeError(shape, this.errorsOf(pod, offer), thrown);
      if (wire === undefined) throw thrown;
      await run.undo();
      return wire;
    }
  }

  /** The classes that the functions of an offer throw. */
  errorsOf(pod: object, { field }: OfferShape): ErrorClasses {
    if (field === "") return this.errors;
    const part = (pod as Record<string, object>)[field]!;
    return { ...this.errors, ...(part.constructor as { errors?: ErrorClasses }).errors };
  }
}

const faces = new WeakMap<object, Face>();

/** Tells the SDK what a pod's class says; done once, before the first run. */
export function bindFace(make: object, shape: PodShape, errors: ErrorClasses): Face {
  const face = new Face(shape, errors);
  faces.set(make, face);
  return face;
}

/** What the class of a pod says; undefined when nobody has told. */
export function faceOf(pod: object): Face | undefined {
  return faces.get(pod.constructor);
}

/** A method of a pod or of one of its fields, bound to its object. */
export function methodOf(
  pod: object,
  field: string,
  method: string,
): ((...args: unknown[]) => unknown) | undefined {
  const target = (field === "" ? pod : (pod as Record<string, unknown>)[field]) as
    | Methods
    | undefined;
  const found = target?.[method];
  return typeof found === "function" ? found.bind(target) : undefined;
}

/** The open call that a run answers with a stream. @throws {Refusal} `invalid` without one. */
export function openingOf(run: Run, of: string, encode: (item: unknown) => Json): Opening {
  const { handle } = run;
  if (handle !== undefined) return { handle, of, encode };
  throw new Refusal("invalid", { op: `answer ${of}`, subject: "the call takes one answer" });
}

function pathOf(field: string, method: string): string {
  return field === "" ? method : `${field}.${method}`;
}

function lacking(of: string): Refusal {
  return new Refusal("missing-implementation", { op: `run ${of}`, subject: "it has no method" });
}
