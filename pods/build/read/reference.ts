/**
 * Types that are written by a name: those of the SDK, those of JavaScript, and the author's own.
 *
 * @module
 */

import ts from "typescript";
import { type CanonicalType, type Primitive, PRIMITIVES } from "../../../wit/types.ts";
import { aboutOf } from "./docs.ts";
import { typeName } from "./names.ts";
import { quoteName, quoteNode } from "./quote.ts";
import { readRecord } from "./record.ts";
import { type Meaning, meaningOf } from "./symbols.ts";
import { readList } from "./list.ts";
import type { TypeReader } from "./reader.ts";
import { flatten, readNames } from "./union.ts";

/** Most names of flags: WIT has no more. */
const MAX_FLAGS = 32;

/** What to write in place of JavaScript's own types. */
const INSTEAD: Readonly<Record<string, string>> = {
  Map: "write [K, V][], or an interface when the keys are known",
  ReadonlyMap: "write [K, V][], or an interface when the keys are known",
  Record: "write [K, V][], or an interface when the keys are known",
  Date: "write number: milliseconds since 1970 UTC",
  RegExp: "write string",
  URL: "write string",
  String: "write string",
  Number: "write number",
  Boolean: "write boolean",
  BigInt: "write u64 or s64",
  Error: "write string, or throw a class that extends TypedError",
  ArrayBuffer: "write Uint8Array",
  Buffer: "write Uint8Array",
  Blob: "write Uint8Array",
  DataView: "write Uint8Array",
  Iterable: "write T[]",
  Iterator: "write T[]",
  IterableIterator: "write T[]",
  Generator: "write T[], or AsyncIterable<T> as a result",
  Promise: "a promise can only be the result of a function",
  PromiseLike: "write Promise<T> as the result of a function",
  AsyncIterable: "many answers can only be the result of a function",
  AsyncGenerator: "many answers can only be the result of a function",
  AsyncIterableIterator: "many answers can only be the result of a function",
  AsyncIterator: "write AsyncIterable<T> as the result of a function",
  ReadableStream: "write AsyncIterable<T> as the result of a function",
  Function: "functions stay at home: give a value, or offer a method",
};

/** The type that a name stands for; undefined when it cannot travel. */
export function readReference(
  reader: TypeReader,
  node: ts.TypeReferenceNode,
  path: string,
): CanonicalType | undefined {
  const { context } = reader;
  const meaning = meaningOf(context, node.typeName);
  if (meaning === undefined) {
    const what = `the type ${quoteNode(node.typeName)} is declared nowhere`;
    return context.refusals.at(node, what, "import it, or declare it as an interface");
  }
  if (meaning.origin === "global") return readGlobal(reader, node, meaning.name, path);
  if (meaning.origin === "sdk") return readSdk(reader, node, meaning.name, path);
  return readOwn(reader, node, meaning);
}

function readGlobal(
  reader: TypeReader,
  node: ts.TypeReferenceNode,
  name: string,
  path: string,
): CanonicalType | undefined {
  const [argument] = node.typeArguments ?? [];
  if (name === "Uint8Array") return { list: "u8" };
  if ((name === "Array" || name === "ReadonlyArray") && argument) {
    return readList(reader, argument, path);
  }
  if ((name === "Set" || name === "ReadonlySet") && argument) {
    return readFlags(reader, argument, path);
  }
  const instead = Object.hasOwn(INSTEAD, name) ? INSTEAD[name]! : insteadOf(name);
  return reader.context.refusals.at(node, `${quoteNode(node)} cannot travel`, instead);
}

function insteadOf(name: string): string {
  if (/^(?:Big)?U?[Ii]nt\d|^Float\d/.test(name)) return "write Uint8Array, or number[]";
  return "write out the fields as an interface";
}

function readFlags(
  reader: TypeReader,
  argument: ts.TypeNode,
  path: string,
): CanonicalType | undefined {
  const { context, table } = reader;
  const cases = flatten(context, [argument], 0);
  const isTexts = cases.every((part) =>
    ts.isLiteralTypeNode(part) && ts.isStringLiteral(part.literal)
  );
  if (!isTexts) {
    const what = `a set of ${quoteNode(argument)} cannot travel`;
    return context.refusals.at(argument, what, 'write T[], or a set of texts: Set<"one" | "two">');
  }
  if (cases.length > MAX_FLAGS) {
    const what = `a set has at most ${MAX_FLAGS} names`;
    return context.refusals.at(argument, what, "write string[]");
  }
  const flags = readNames(context, cases);
  return flags && table.name(table.reserve(path), { flags }, argument);
}

function readSdk(
  reader: TypeReader,
  node: ts.TypeReferenceNode,
  name: string,
  path: string,
): CanonicalType | undefined {
  if (isPrimitive(name)) return name;
  if (name === "Result" && node.typeArguments?.length === 2) {
    const sides = node.typeArguments.map((side, at) =>
      side.kind === ts.SyntaxKind.VoidKeyword || side.kind === ts.SyntaxKind.UndefinedKeyword
        ? null
        : reader.read(side, `${path}-${at === 0 ? "ok" : "err"}`)
    );
    const [ok, err] = sides;
    return ok === undefined || err === undefined ? undefined : { result: [ok, err] };
  }
  const what = `${quoteNode(node)} of the SDK cannot travel`;
  return reader.context.refusals.at(node, what, "write an interface with the fields that travel");
}

/** Of the names that the SDK exports; `bool`, `f64` and `string` have names in TypeScript. */
function isPrimitive(name: string): name is Primitive {
  return (PRIMITIVES as readonly string[]).includes(name);
}

function readOwn(
  reader: TypeReader,
  node: ts.TypeReferenceNode,
  meaning: Meaning,
): CanonicalType | undefined {
  const { context: { refusals }, known, open } = reader;
  const [declaration] = meaning.declarations;
  const refused = refusalOf(meaning, node);
  if (refused !== undefined) return refusals.at(node, ...refused);
  if (open.has(declaration!)) {
    const what = `${quoteName(meaning.name)} contains itself`;
    return refusals.at(node, what, "give parts an id, and refer to them by it");
  }
  if (!known.has(declaration!)) {
    open.add(declaration!);
    known.set(declaration!, readDeclaration(reader, declaration!, meaning.name));
    open.delete(declaration!);
  }
  return known.get(declaration!);
}

function readDeclaration(
  reader: TypeReader,
  declaration: ts.Declaration,
  written: string,
): CanonicalType | undefined {
  const { context: { refusals }, table } = reader;
  const body = ts.isTypeAliasDeclaration(declaration)
    ? declaration.type
    : declaration as ts.InterfaceDeclaration;
  const at = ts.getNameOfDeclaration(declaration) ?? declaration;
  const wanted = typeName(written, at, refusals);
  if (wanted === undefined) return undefined;
  const isRecord = ts.isInterfaceDeclaration(body) || ts.isTypeLiteralNode(body);
  const name = isRecord ? table.reserve(wanted) : wanted;
  const type = isRecord ? readRecord(reader, body, name) : reader.read(body, name);
  if (type === undefined) return undefined;
  // A union or set took the name already, another name keeps what it stands for.
  const free = isRecord || typeof type === "string" || table.nameOf(type) !== undefined
    ? name
    : table.reserve(name);
  const named = table.name(free, type, at);
  const about = aboutOf(declaration);
  const key = table.nameOf(type);
  const isOther = !isRecord && ts.isTypeReferenceNode(body);
  if (about !== "" && key !== undefined && !isOther) table.docs.set(key, about);
  return named;
}

function refusalOf(
  { declarations, name }: Meaning,
  node: ts.TypeReferenceNode,
): [what: string, instead: string] | undefined {
  const [declaration] = declarations;
  const shown = quoteName(name);
  if (ts.isTypeParameterDeclaration(declaration!) || node.typeArguments) {
    return [`${quoteNode(node)} is generic`, "write the type without parameters, once for each"];
  }
  if (ts.isEnumDeclaration(declaration!) || ts.isEnumMember(declaration!)) {
    return [`${shown} is an enum`, `write type ${shown} = "one" | "two"`];
  }
  if (ts.isClassDeclaration(declaration!)) {
    return [`${shown} is a class`, "write an interface with the fields that travel"];
  }
  const isPlain = ts.isInterfaceDeclaration(declaration!) ||
    ts.isTypeAliasDeclaration(declaration!);
  if (!isPlain) return [`${shown} is no type`, "write an interface or a type"];
  if (declarations.length > 1) {
    return [`${shown} is declared in ${declarations.length} places`, "put it into one interface"];
  }
  return declaration!.typeParameters
    ? [`${shown} is generic`, "write the type without parameters, once for each"]
    : undefined;
}
