/**
 * From the printed type of a world to its interfaces: indices and aliases are followed until only
 * structure is left. Pure.
 *
 * @module
 */

import { typeOf } from "./construct.ts";
import { formOf, formsOf, type Sexpr, torn } from "./sexpr.ts";
import {
  type CanonicalType,
  type FunctionType,
  MAX_TYPE_DEPTH,
  MAX_TYPE_PARTS,
  type Primitive,
  PRIMITIVES,
  WitError,
} from "./types.ts";

/** One interface of a world. */
export interface WitInterface {
  /** Without version: `peri:hey/mail`. */
  readonly name: string;
  /**
   * Named types in order of declaration; those that cannot travel are left out. A part of another
   * type or of a function that was meant by its name is the same object.
   */
  readonly types: ReadonlyMap<string, CanonicalType>;
  /** Functions in order of declaration. */
  readonly functions: ReadonlyMap<string, FunctionType>;
}

/** The interfaces of a world. */
export interface WitWorld {
  readonly imports: readonly WitInterface[];
  readonly exports: readonly WitInterface[];
}

/** What a type index can stand for. */
type Entry =
  | {
    readonly kind: "value";
    readonly type: CanonicalType;
    readonly depth: number;
    readonly parts: number;
  }
  | { readonly kind: "stream"; readonly type: CanonicalType }
  | { readonly kind: "unfit"; readonly why: string }
  | { readonly kind: "function"; readonly build: () => FunctionType }
  | { readonly kind: "body"; readonly body: Body };

/** An instance or component type. */
interface Body {
  readonly types: Map<string, Entry>;
  readonly functions: Map<string, Entry>;
  readonly imports: [string, Entry][];
  readonly exports: [string, Entry][];
}

/** The index spaces of one body. */
interface Scope {
  readonly types: Entry[];
  readonly instances: Body[];
  readonly up?: Scope;
}

/** Names of functions that can be called: no capitals, no methods of resources. */
const FUNCTION_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * The world inside the component that wasm-tools prints for WIT metadata.
 *
 * @throws {WitError} when the text is of another shape or a function's type cannot travel.
 */
export function readWorld(component: Sexpr): WitWorld {
  const scope: Scope = { types: [], instances: [] };
  const outer = formsOf(component).find(([word]) => word === "type");
  const world = outer && bodyOf(entryOf(outer.at(-1)!, scope)).exports[0];
  if (world === undefined) throw torn(component);
  const { imports, exports } = bodyOf(world[1]);
  return { imports: interfacesOf(imports), exports: interfacesOf(exports) };
}

function interfacesOf(items: readonly [string, Entry][]): WitInterface[] {
  return items.flatMap(([qualified, entry]) => {
    const name = qualified.replace(/@.*$/, "");
    if (entry.kind === "value" || entry.kind === "stream" || entry.kind === "unfit") return [];
    if (entry.kind === "function") {
      throw new WitError(`function ${name} of the world stands in no interface`);
    }
    return [{ name, types: typesOf(entry.body), functions: functionsOf(name, entry.body) }];
  });
}

function typesOf(body: Body): Map<string, CanonicalType> {
  const types = new Map<string, CanonicalType>();
  for (const [name, entry] of body.types) {
    if (entry.kind === "value") types.set(name, entry.type);
  }
  return types;
}

function functionsOf(interfaceName: string, body: Body): Map<string, FunctionType> {
  const functions = new Map<string, FunctionType>();
  for (const [name, entry] of body.functions) {
    if (entry.kind !== "function") continue;
    if (!FUNCTION_NAME.test(name)) {
      throw new WitError(`function ${name} of ${interfaceName}: only a-z, 0-9 and - can be called`);
    }
    try {
      functions.set(name, entry.build());
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new WitError(`function ${name} of ${interfaceName}: ${why}`, { cause });
    }
  }
  return functions;
}

function readBody(items: readonly Sexpr[], up: Scope): Body {
  const scope: Scope = { types: [], instances: [], up };
  const body: Body = { types: new Map(), functions: new Map(), imports: [], exports: [] };
  for (const [word, ...rest] of formsOf(["body", ...items])) {
    if (word === "type") scope.types.push(entryOf(rest.at(-1)!, scope));
    else if (word === "alias") scope.types.push(aliasOf(rest, scope));
    else if (word === "import" || word === "export") declare(word, rest, scope, body);
  }
  return body;
}

/** `(alias outer 1 3 (type))` and `(alias export 1 "letter" (type))`. */
function aliasOf(rest: readonly Sexpr[], scope: Scope): Entry {
  const [way, first, second] = rest;
  if (way === "export") {
    return found(scope.instances[Number(first)]?.types.get(String(second)), rest);
  }
  let from: Scope | undefined = scope;
  for (let up = Number(first); up > 0; up--) from = from?.up;
  return found(from?.types[Number(second)], rest);
}

/** `(export "name" (type (eq 1)))`, `(import "name" (instance (type 0)))`, `… (func (type 2))`. */
function declare(
  word: "import" | "export",
  rest: readonly Sexpr[],
  scope: Scope,
  body: Body,
): void {
  const name = String(rest[0]);
  const [sort, target] = formOf(rest.at(-1)!);
  const [bound, index] = formOf(target!);
  const isResource = sort === "type" && bound === "sub";
  const entry = isResource ? unfit("a resource") : entryOf(index!, scope);
  if (sort === "type") {
    const named = ownEntry(entry);
    scope.types.push(named);
    body.types.set(name, named);
    return;
  }
  if (sort === "func") body.functions.set(name, entry);
  if (sort === "instance") scope.instances.push(bodyOf(entry));
  (word === "import" ? body.imports : body.exports).push([name, entry]);
}

/** A type of its own for every name, so that one can tell by which name a part was meant. */
function ownEntry(entry: Entry): Entry {
  if (entry.kind !== "value" || typeof entry.type === "string") return entry;
  return { ...entry, type: { ...entry.type } };
}

/** What an index, the name of a primitive or a type expression stands for. */
function entryOf(expression: Sexpr, scope: Scope): Entry {
  if (typeof expression === "string") {
    if (/^\d+$/.test(expression)) return found(scope.types[Number(expression)], expression);
    return isPrimitive(expression)
      ? { kind: "value", type: expression, depth: 1, parts: 1 }
      : unfit(expression);
  }
  const [word, ...rest] = formOf(expression);
  if (word === "instance" || word === "component") {
    return { kind: "body", body: readBody(rest, scope) };
  }
  if (word === "func") return { kind: "function", build: () => functionOf(rest, scope) };
  try {
    return constructed(word, rest, scope);
  } catch (cause) {
    return { kind: "unfit", why: cause instanceof Error ? cause.message : String(cause) };
  }
}

function constructed(word: string, rest: readonly Sexpr[], scope: Scope): Entry {
  let depth = 0;
  let parts = rest.length;
  const inner = (expression: Sexpr): CanonicalType => {
    const entry = valueOf(entryOf(expression, scope));
    depth = Math.max(depth, entry.depth);
    parts += entry.parts;
    return entry.type;
  };
  const isStream = word === "stream" && rest.length === 1;
  const type = isStream ? inner(rest[0]!) : typeOf(word, rest, inner);
  if (depth >= MAX_TYPE_DEPTH) throw new WitError(`a type is nested deeper than ${MAX_TYPE_DEPTH}`);
  if (parts > MAX_TYPE_PARTS) throw new WitError(`a type has more than ${MAX_TYPE_PARTS} parts`);
  return isStream ? { kind: "stream", type } : { kind: "value", type, depth: depth + 1, parts };
}

function functionOf(rest: readonly Sexpr[], scope: Scope): FunctionType {
  const forms = rest.filter((part) => part !== "async").map(formOf);
  const type = (expression: Sexpr) => valueOf(entryOf(expression, scope)).type;
  const result = forms.find(([word]) => word === "result")?.[1];
  return {
    params: forms.filter(([word]) => word === "param").map(([, name, of]) => [
      String(name),
      type(of!),
    ]),
    result: result === undefined ? null : resultOf(entryOf(result, scope)),
  };
}

function resultOf(entry: Entry): FunctionType["result"] {
  return entry.kind === "stream" ? { stream: entry.type } : valueOf(entry).type;
}

function valueOf(entry: Entry): Entry & { kind: "value" } {
  if (entry.kind === "value") return entry;
  if (entry.kind === "unfit") throw new WitError(entry.why);
  if (entry.kind !== "stream") throw new WitError(`a ${entry.kind} is no type of a value`);
  throw new WitError("a stream can only be the result of a function");
}

function bodyOf(entry: Entry): Body {
  if (entry.kind === "body") return entry.body;
  throw new WitError(`an instance was expected where a ${entry.kind} stands`);
}

function unfit(what: string): Entry {
  return { kind: "unfit", why: `${what} cannot travel in messages` };
}

function isPrimitive(text: string): text is Primitive {
  return (PRIMITIVES as readonly string[]).includes(text);
}

function found(entry: Entry | undefined, at: Sexpr): Entry {
  if (entry === undefined) throw torn(at);
  return entry;
}
