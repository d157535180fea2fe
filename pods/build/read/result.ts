/**
 * What a method gives: nothing, one value, or many.
 *
 * @module
 */

import ts from "typescript";
import type { FunctionType } from "../../../wit/types.ts";
import { quoteNode } from "./quote.ts";
import { meaningOf } from "./symbols.ts";
import type { TypeReader } from "./reader.ts";

const PROMISES = new Set(["Promise", "PromiseLike"]);
const STREAMS = new Set(["AsyncIterable", "AsyncGenerator", "AsyncIterableIterator"]);

/** Deepest nesting of names for results. */
const MAX_ALIASES = 32;

/**
 * The result of a method.
 *
 * @param isCommand it may give what `shown` makes: the value in it counts
 * @returns undefined when it is refused, null for none.
 */
export function readResult(
  reader: TypeReader,
  method: ts.MethodDeclaration,
  path: string,
  isCommand: boolean,
): FunctionType["result"] | undefined {
  const { refusals } = reader.context;
  if (method.type === undefined) {
    const what = `${quoteNode(method.name)} does not say what it gives`;
    return refusals.at(method.name, what, "write its result, as in async find(): Promise<string>");
  }
  const wrapped = unwrap(reader, method.type, isCommand, 0);
  if (isNothing(wrapped.node)) {
    if (!wrapped.isStream) return null;
    return refusals.at(wrapped.node, "many nothings say nothing", "write AsyncIterable<T>");
  }
  const type = reader.read(wrapped.node, `${path}-result`);
  return type && (wrapped.isStream ? { stream: type } : type);
}

/** What stands in a promise, an iterable or `Shown`; names for these are followed. */
function unwrap(
  reader: TypeReader,
  node: ts.TypeNode,
  isCommand: boolean,
  depth: number,
): { readonly node: ts.TypeNode; readonly isStream: boolean } {
  const plain = { node, isStream: false };
  if (depth > MAX_ALIASES) return plain;
  if (ts.isParenthesizedTypeNode(node)) return unwrap(reader, node.type, isCommand, depth + 1);
  if (!ts.isTypeReferenceNode(node)) return plain;
  const meaning = meaningOf(reader.context, node.typeName);
  const [argument] = node.typeArguments ?? [];
  if (meaning?.origin === "global" && argument) {
    if (PROMISES.has(meaning.name)) return unwrap(reader, argument, isCommand, depth + 1);
    if (STREAMS.has(meaning.name)) return { node: argument, isStream: true };
  }
  if (isCommand && meaning?.origin === "sdk" && meaning.name === "Shown" && argument) {
    return unwrap(reader, argument, isCommand, depth + 1);
  }
  const [alias] = meaning?.declarations ?? [];
  const isAlias = meaning?.origin === "own" && alias && ts.isTypeAliasDeclaration(alias) &&
    !alias.typeParameters;
  if (!isAlias) return plain;
  const behind = unwrap(reader, alias.type, isCommand, depth + 1);
  // A name for a value keeps being that name.
  return behind.node === alias.type && !isNothing(behind.node) ? plain : behind;
}

function isNothing(node: ts.TypeNode): boolean {
  return node.kind === ts.SyntaxKind.VoidKeyword || node.kind === ts.SyntaxKind.UndefinedKeyword;
}
