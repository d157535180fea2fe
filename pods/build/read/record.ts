/**
 * Interfaces and type literals to records.
 *
 * @module
 */

import ts from "typescript";
import type { CanonicalType, Field } from "../../../wit/types.ts";
import { aboutOf } from "./docs.ts";
import { memberName } from "./names.ts";
import { quoteName, quoteNode } from "./quote.ts";
import { meaningOf } from "./symbols.ts";
import type { TypeReader } from "./reader.ts";

/** Most fields, cases or names of one type. */
export const MAX_MEMBERS = 1_000;

/** A record while it is read. */
interface Draft {
  readonly fields: Map<string, CanonicalType>;
  readonly docs: Map<string, string>;
}

/**
 * The record of an interface or type literal; what it extends comes first.
 *
 * @param path its own name in kebab case
 * @returns undefined when it is refused.
 */
export function readRecord(
  reader: TypeReader,
  node: ts.InterfaceDeclaration | ts.TypeLiteralNode,
  path: string,
): CanonicalType | undefined {
  const { refusals } = reader.context;
  const draft: Draft = { fields: new Map(), docs: new Map() };
  const isBased = !ts.isInterfaceDeclaration(node) || readBases(reader, node, draft, path);
  const read = readMembers(reader, node.members, draft, path);
  if (!isBased || !read) return undefined;
  const fields: Field[] = [...draft.fields];
  if (fields.length === 0) {
    return refusals.at(node, "a record without fields says nothing", "give it a field");
  }
  if (fields.length > MAX_MEMBERS) {
    return refusals.at(node, `a record has at most ${MAX_MEMBERS} fields`, "split it");
  }
  for (const [name, about] of draft.docs) reader.table.docs.set(`${path}.${name}`, about);
  return { record: fields };
}

function readBases(
  reader: TypeReader,
  node: ts.InterfaceDeclaration,
  draft: Draft,
  path: string,
): boolean {
  const bases = node.heritageClauses?.flatMap(({ types }) => [...types]) ?? [];
  return bases.map((base) => readBase(reader, base, draft, path)).every(Boolean);
}

/** Takes the fields of a base. It is read as if it stood here, so it needs no name of its own. */
function readBase(
  reader: TypeReader,
  base: ts.ExpressionWithTypeArguments,
  draft: Draft,
  path: string,
): boolean {
  const { context, open } = reader;
  const found = meaningOf(context, base.expression)?.declarations ?? [];
  const [declaration] = found;
  const body = declaration && bodyOf(declaration);
  if (found.length !== 1 || body === undefined || base.typeArguments) {
    const what = `${quoteNode(base)} is no interface whose fields could be taken over`;
    context.refusals.at(base, what, "extend an interface that has only fields, or copy them");
    return false;
  }
  if (open.has(declaration!)) {
    const what = `${quoteNode(base)} extends itself`;
    context.refusals.at(base, what, "take one of the two out");
    return false;
  }
  open.add(declaration!);
  const isBased = !ts.isInterfaceDeclaration(body) || readBases(reader, body, draft, path);
  const read = readMembers(reader, body.members, draft, path);
  open.delete(declaration!);
  return isBased && read;
}

function bodyOf(
  declaration: ts.Declaration,
): ts.InterfaceDeclaration | ts.TypeLiteralNode | undefined {
  if (ts.isInterfaceDeclaration(declaration)) {
    return declaration.typeParameters ? undefined : declaration;
  }
  if (!ts.isTypeAliasDeclaration(declaration) || declaration.typeParameters) return undefined;
  return ts.isTypeLiteralNode(declaration.type) ? declaration.type : undefined;
}

function readMembers(
  reader: TypeReader,
  members: readonly ts.TypeElement[],
  draft: Draft,
  path: string,
): boolean {
  return members.map((member) => readMember(reader, member, draft, path)).every(Boolean);
}

function readMember(
  reader: TypeReader,
  member: ts.TypeElement,
  { fields, docs }: Draft,
  path: string,
): boolean {
  const { refusals } = reader.context;
  if (!ts.isPropertySignature(member)) {
    const [what, instead] = refusalOf(member);
    refusals.at(member, what, instead);
    return false;
  }
  const written = nameOf(member.name);
  if (written === undefined) {
    const what = `${quoteNode(member.name)} is a computed name`;
    refusals.at(member.name, what, "write the name itself");
    return false;
  }
  const name = memberName(written, member.name, refusals);
  const type = readFieldType(reader, member, `${path}-${name}`);
  if (name === undefined || type === undefined) return false;
  fields.set(name, type);
  const about = aboutOf(member);
  if (about !== "") docs.set(name, about);
  return true;
}

function readFieldType(
  reader: TypeReader,
  member: ts.PropertySignature,
  path: string,
): CanonicalType | undefined {
  if (member.type === undefined) {
    const what = `${quoteNode(member)} has no type`;
    return reader.context.refusals.at(member, what, `write ${quoteNode(member.name)}: string`);
  }
  const type = reader.read(member.type, path);
  return type && (member.questionToken ? optional(type) : type);
}

/** A value that may be missing; one that may be missing already stays as it is. */
export function optional(type: CanonicalType): CanonicalType {
  return typeof type !== "string" && "option" in type ? type : { option: type };
}

/** The name that a member has in the text; undefined for a computed one. */
export function nameOf(name: ts.PropertyName): string | undefined {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : undefined;
}

function refusalOf(member: ts.TypeElement): [what: string, instead: string] {
  if (ts.isIndexSignatureDeclaration(member)) {
    return ["a record has fixed names", "write [string, T][] for any keys"];
  }
  if (ts.isMethodSignature(member)) {
    const name = quoteName(member.name.getText());
    return [`${name} is a function, which cannot travel`, "write a field, or offer a method"];
  }
  return [`${quoteNode(member)} is no field`, "write name: type"];
}
