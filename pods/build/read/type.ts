/**
 * Types as authors write them to types of WIT. The written types are walked, not those that the
 * checker computes: it forgets that a number was called `u32`.
 *
 * @module
 */

import ts from "typescript";
import type { CanonicalType } from "../../../wit/types.ts";
import { readList, readTuple } from "./list.ts";
import { quoteNode } from "./quote.ts";
import { readRecord } from "./record.ts";
import { readReference } from "./reference.ts";
import type { TypeReader } from "./reader.ts";
import type { Context } from "./symbols.ts";
import { TypeTable } from "./table.ts";
import { readUnion } from "./union.ts";

/** Opens a reader for the types of one interface. */
export function openTypes(context: Context): TypeReader {
  const reader: TypeReader = {
    context,
    table: new TypeTable(context.refusals),
    known: new Map(),
    open: new Set(),
    read: (node, path) => {
      const type = readType(reader, node, path);
      return type && reader.table.bounded(type, node);
    },
  };
  return reader;
}

const KEYWORDS: Readonly<Partial<Record<ts.SyntaxKind, CanonicalType>>> = {
  [ts.SyntaxKind.StringKeyword]: "string",
  [ts.SyntaxKind.NumberKeyword]: "f64",
  [ts.SyntaxKind.BooleanKeyword]: "bool",
};

/** What to write in place of what cannot travel. */
const INSTEAD: Readonly<Partial<Record<ts.SyntaxKind, string>>> = {
  [ts.SyntaxKind.AnyKeyword]: "write the type that it has",
  [ts.SyntaxKind.UnknownKeyword]: "write the type that it has, or string for a JSON text",
  [ts.SyntaxKind.ObjectKeyword]: "write an interface with its fields",
  [ts.SyntaxKind.NeverKeyword]: "leave it away",
  [ts.SyntaxKind.SymbolKeyword]: 'write a union of texts, as in "one" | "two"',
  [ts.SyntaxKind.BigIntKeyword]: "write u64 or s64, which @peri/sdk exports: how large it can be",
  [ts.SyntaxKind.VoidKeyword]: "leave it away: nothing is no value",
  [ts.SyntaxKind.UndefinedKeyword]: "write what it is when it is there, as in string | undefined",
  [ts.SyntaxKind.FunctionType]: "functions stay at home: give a value, or offer a method",
  [ts.SyntaxKind.ConstructorType]: "functions stay at home: give a value, or offer a method",
  [ts.SyntaxKind.IntersectionType]: "write one interface with all fields, which may extend others",
  [ts.SyntaxKind.ConditionalType]: "write the type that comes out",
  [ts.SyntaxKind.InferType]: "write the type that comes out",
  [ts.SyntaxKind.MappedType]: "write out the fields, or [string, T][] for any keys",
  [ts.SyntaxKind.IndexedAccessType]: "give the field's type a name and write that",
  [ts.SyntaxKind.TypeQuery]: "write the type that it has",
  [ts.SyntaxKind.TypeOperator]: 'write out the union, as in "one" | "two"',
  [ts.SyntaxKind.TemplateLiteralType]: "write string",
  [ts.SyntaxKind.ThisType]: "write an interface with the fields that travel",
  [ts.SyntaxKind.TypePredicate]: "write boolean",
  [ts.SyntaxKind.ImportType]: "import the type at the top of the module",
};

function readType(reader: TypeReader, node: ts.TypeNode, path: string): CanonicalType | undefined {
  const { refusals } = reader.context;
  const keyword = KEYWORDS[node.kind];
  if (keyword !== undefined) return keyword;
  if (ts.isParenthesizedTypeNode(node)) return readType(reader, node.type, path);
  if (ts.isArrayTypeNode(node)) return readList(reader, node.elementType, path);
  if (ts.isTupleTypeNode(node)) return readTuple(reader, node, path);
  if (ts.isTypeLiteralNode(node)) {
    const name = reader.table.reserve(path);
    const record = readRecord(reader, node, name);
    return record && reader.table.name(name, record, node);
  }
  if (ts.isUnionTypeNode(node)) return readUnion(reader, node, path);
  if (ts.isLiteralTypeNode(node)) return readUnion(reader, node, path);
  if (ts.isTypeReferenceNode(node)) return readReference(reader, node, path);
  if (ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.ReadonlyKeyword) {
    return readType(reader, node.type, path);
  }
  const instead = INSTEAD[node.kind] ?? "write a type that @peri/sdk knows";
  return refusals.at(node, `${quoteNode(node)} cannot travel`, instead);
}
