/**
 * Unions: optional values, enums and variants.
 *
 * @module
 */

import ts from "typescript";
import type { CanonicalType, Case } from "../../../wit/types.ts";
import { aboutOf } from "./docs.ts";
import { literalName } from "./names.ts";
import { quoteNode } from "./quote.ts";
import { MAX_MEMBERS, nameOf, optional } from "./record.ts";
import { type Context, meaningOf } from "./symbols.ts";
import type { TypeReader } from "./reader.ts";

const MIXED = 'write an object for each case: { tag: "one"; val: T } | { tag: "two" }';

/** Deepest line of aliases of unions that is followed. */
const MAX_ALIASES = 32;

/** The type of a union, or of a literal that stands alone. */
export function readUnion(
  reader: TypeReader,
  node: ts.UnionTypeNode | ts.LiteralTypeNode,
  path: string,
): CanonicalType | undefined {
  const { refusals } = reader.context;
  const written = ts.isUnionTypeNode(node) ? node.types.map(unwrapped) : [node];
  const present = written.filter((part) => !isNothing(part));
  if (present.length === 0) {
    return refusals.at(node, `${quoteNode(node)} is never a value`, "leave it away");
  }
  const [only] = present;
  const type = present.length === 1 && !ts.isLiteralTypeNode(only!) && !ts.isTypeLiteralNode(only!)
    ? reader.read(only!, path)
    : readCases(reader, node, present, path);
  return type && (present.length < written.length ? optional(type) : type);
}

function readCases(
  reader: TypeReader,
  node: ts.TypeNode,
  present: readonly ts.TypeNode[],
  path: string,
): CanonicalType | undefined {
  const { context, table } = reader;
  const parts = flatten(context, present, 0);
  const isOption = parts.some(isNothing);
  const cases = parts.filter((part) => !isNothing(part));
  if (cases.length === 1 && ts.isTypeLiteralNode(cases[0]!) && !tagOf(context, cases[0]!)) {
    const type = reader.read(cases[0]!, path);
    return type && (isOption ? optional(type) : type);
  }
  const name = table.reserve(path);
  const type = unionOf(reader, node, cases, name);
  const named = type && table.name(name, type, node);
  return named && (isOption ? optional(named) : named);
}

function unionOf(
  reader: TypeReader,
  node: ts.TypeNode,
  cases: readonly ts.TypeNode[],
  path: string,
): CanonicalType | undefined {
  const { refusals } = reader.context;
  if (cases.length > MAX_MEMBERS) {
    return refusals.at(node, `a union has at most ${MAX_MEMBERS} cases`, "write string");
  }
  if (cases.every(isText)) {
    const names = readNames(reader.context, cases);
    return names && { enum: names };
  }
  if (cases.every((part) => tagOf(reader.context, part) !== undefined)) {
    return readVariant(reader, cases, path);
  }
  return refusals.at(
    node,
    `${quoteNode(node)} mixes what is told apart by nothing`,
    insteadOf(cases),
  );
}

function insteadOf(cases: readonly ts.TypeNode[]): string {
  if (!cases.every(ts.isLiteralTypeNode)) return MIXED;
  const kinds = new Set(cases.map(({ literal }) => literal.kind));
  if (kinds.has(ts.SyntaxKind.NumericLiteral)) return 'write u8, or texts: "one" | "two"';
  const isBoolean = kinds.has(ts.SyntaxKind.TrueKeyword) || kinds.has(ts.SyntaxKind.FalseKeyword);
  return isBoolean ? "write boolean" : 'write texts: "one" | "two"';
}

/** The names of a union of texts; each once. */
export function readNames(
  { refusals }: Context,
  cases: readonly ts.TypeNode[],
): string[] | undefined {
  const names = new Set<string>();
  const read = cases.map((part) => {
    const name = literalName(textOf(part)!, part, refusals);
    if (name === undefined) return false;
    const isNew = !names.has(name);
    if (!isNew) refusals.at(part, `"${name}" stands here twice`, "take one out");
    names.add(name);
    return isNew;
  });
  return read.every(Boolean) ? [...names] : undefined;
}

/** Members of a union, those of aliases of unions among them. */
export function flatten(
  context: Context,
  nodes: readonly ts.TypeNode[],
  depth: number,
): ts.TypeNode[] {
  return nodes.map(unwrapped).flatMap((node) => {
    if (ts.isUnionTypeNode(node)) return flatten(context, node.types, depth + 1);
    const target = ts.isTypeReferenceNode(node) ? aliasOf(context, node) : undefined;
    if (target === undefined || depth >= MAX_ALIASES) return [node];
    const isPart = ts.isUnionTypeNode(target) || ts.isLiteralTypeNode(target) ||
      ts.isTypeReferenceNode(target) || isNothing(target);
    return isPart ? flatten(context, [target], depth + 1) : [node];
  });
}

function aliasOf(context: Context, node: ts.TypeReferenceNode): ts.TypeNode | undefined {
  const meaning = meaningOf(context, node.typeName);
  const [alias] = meaning?.declarations ?? [];
  const isOwn = meaning?.origin === "own" && alias && ts.isTypeAliasDeclaration(alias);
  return isOwn && !alias.typeParameters ? unwrapped(alias.type) : undefined;
}

/** The body of an object type whose `tag` is one text. */
interface Tagged {
  readonly tag: string;
  readonly tagNode: ts.TypeNode;
  readonly about: string;
  readonly val: ts.PropertySignature | undefined;
  readonly others: readonly ts.TypeElement[];
}

function tagOf(context: Context, node: ts.TypeNode): Tagged | undefined {
  const declaration = ts.isTypeReferenceNode(node)
    ? meaningOf(context, node.typeName)?.declarations[0]
    : undefined;
  const body = declaration === undefined
    ? node
    : ts.isTypeAliasDeclaration(declaration)
    ? unwrapped(declaration.type)
    : declaration;
  if (!ts.isTypeLiteralNode(body) && !ts.isInterfaceDeclaration(body)) return undefined;
  const byName = (name: string) =>
    body.members.find((member) => ts.isPropertySignature(member) && nameOf(member.name) === name) as
      | ts.PropertySignature
      | undefined;
  const tag = byName("tag");
  const text = tag?.type && textOf(tag.type);
  if (text === undefined || tag!.questionToken) return undefined;
  const val = byName("val");
  const others = body.members.filter((member) => member !== tag && member !== val);
  return { tag: text, tagNode: tag!.type!, about: aboutOf(declaration ?? tag!), val, others };
}

function readVariant(
  reader: TypeReader,
  nodes: readonly ts.TypeNode[],
  path: string,
): CanonicalType | undefined {
  const cases = new Map<string, Case>();
  const read = nodes.map((node) => {
    const one = readCase(reader, tagOf(reader.context, node)!, path);
    if (one === undefined) return false;
    const isNew = !cases.has(one[0]);
    if (!isNew) {
      reader.context.refusals.at(node, `two cases have the tag "${one[0]}"`, "rename one");
    }
    cases.set(one[0], one);
    return isNew;
  });
  return read.every(Boolean) ? { variant: [...cases.values()] } : undefined;
}

function readCase(reader: TypeReader, tagged: Tagged, path: string): Case | undefined {
  const { refusals } = reader.context;
  const name = literalName(tagged.tag, tagged.tagNode, refusals);
  const [other] = tagged.others;
  if (other !== undefined) {
    const what = `${quoteNode(other)} stands beside tag and val`;
    return refusals.at(other, what, `write { tag: "${tagged.tag}"; val: { … } }`);
  }
  if (name === undefined) return undefined;
  if (tagged.about !== "") reader.table.docs.set(`${path}.${name}`, tagged.about);
  if (tagged.val?.type === undefined) return [name, null];
  const type = reader.read(tagged.val.type, `${path}-${name}`);
  return type && [name, tagged.val.questionToken ? optional(type) : type];
}

function unwrapped(node: ts.TypeNode): ts.TypeNode {
  return ts.isParenthesizedTypeNode(node) ? unwrapped(node.type) : node;
}

function isNothing(node: ts.TypeNode): boolean {
  return node.kind === ts.SyntaxKind.UndefinedKeyword ||
    (ts.isLiteralTypeNode(node) && node.literal.kind === ts.SyntaxKind.NullKeyword);
}

function isText(node: ts.TypeNode): boolean {
  return textOf(node) !== undefined;
}

function textOf(node: ts.TypeNode): string | undefined {
  return ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)
    ? node.literal.text
    : undefined;
}
