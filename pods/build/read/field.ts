/**
 * Fields of a pod's class that keep their values between runs, and their types.
 *
 * @module
 */

import ts from "typescript";
import type { CanonicalType } from "../../../wit/types.ts";
import type { FieldModel } from "../model.ts";
import { quoteNode } from "./quote.ts";
import type { TypeReader } from "./reader.ts";
import { optional } from "./record.ts";
import { type Context, hasModifier } from "./symbols.ts";
import { openTypes } from "./type.ts";

/** What to write where a field is no data. */
const SHORT = "make it readonly or #private: then it lasts as long as its run";

/** Modifiers of fields that are no data of an object, or are never changed. */
const OTHER = [
  ts.SyntaxKind.StaticKeyword,
  ts.SyntaxKind.ReadonlyKeyword,
  ts.SyntaxKind.DeclareKeyword,
  ts.SyntaxKind.AbstractKeyword,
];

/**
 * Reads the fields that may be changed, of the class and of those of the author's that it extends.
 *
 * @param isPart whether a field mounts a part, which has an object of its own
 */
export function readFields(
  context: Context,
  classes: readonly ts.ClassDeclaration[],
  isPart: (field: ts.PropertyDeclaration) => boolean,
): FieldModel[] {
  const also = { ...context, refusals: context.refusals.also(SHORT) };
  const types = openTypes(also);
  const found = new Map<string, FieldModel | undefined>();
  for (const field of dataOf(classes)) {
    if (isPart(field) || found.has(field.name.getText())) continue;
    found.set(field.name.getText(), readField(also, types, field));
  }
  return [...found.values()].flatMap((field) => field ?? []);
}

/** Refuses fields of a part that look as if they kept their values: those of the pod itself do. */
export function refuseFields(
  { refusals }: Context,
  classes: readonly ts.ClassDeclaration[],
): void {
  for (const field of dataOf(classes)) {
    const what = `${quoteNode(field.name)} is forgotten with its run: it is a field of a part`;
    refusals.at(field.name, what, `keep it in a field of the pod or in a table, or ${SHORT}`);
  }
}

/** Fields that hold data which may be changed. */
function dataOf(classes: readonly ts.ClassDeclaration[]): ts.PropertyDeclaration[] {
  return classes.flatMap(({ members }) => members.filter(ts.isPropertyDeclaration))
    .filter((field) => !ts.isPrivateIdentifier(field.name) && !hasModifier(field, ...OTHER))
    .filter((field) => !isFunction(field));
}

function readField(
  { refusals }: Context,
  types: TypeReader,
  field: ts.PropertyDeclaration,
): FieldModel | undefined {
  const { name } = field;
  if (!ts.isIdentifier(name)) {
    return refusals.at(name, `${quoteNode(name)} is no plain name`, "write a name as in lastSeen");
  }
  if (hasModifier(field, ts.SyntaxKind.AccessorKeyword)) {
    return refusals.at(field, `${quoteNode(name)} is an accessor`, "write a plain field");
  }
  const type = typeOf(types, field, name.text);
  return type && { name: name.text, type };
}

function typeOf(
  types: TypeReader,
  { type: written, initializer, questionToken, name }: ts.PropertyDeclaration,
  path: string,
): CanonicalType | undefined {
  if (written !== undefined) {
    const type = types.read(written, path);
    return type && (questionToken ? optional(type) : type);
  }
  const { refusals } = types.context;
  if (initializer === undefined) {
    return refusals.at(name, `${quoteNode(name)} has no type`, `write ${quoteNode(name)}: string`);
  }
  if (ts.isAsExpression(initializer) && !isConst(initializer.type)) {
    return types.read(initializer.type, path);
  }
  const plain = plainType(initializer);
  if (plain !== undefined) return plain;
  const what = `${quoteNode(name)} keeps its value, and its type is not written`;
  return refusals.at(name, what, `write ${quoteNode(name)}: its type, as in string[]`);
}

/** The type of a value that says it itself. */
function plainType(value: ts.Expression): CanonicalType | undefined {
  if (ts.isStringLiteralLike(value) || ts.isTemplateExpression(value)) return "string";
  if (ts.isNumericLiteral(value)) return "f64";
  if (ts.isPrefixUnaryExpression(value)) {
    return ts.isNumericLiteral(value.operand) ? "f64" : undefined;
  }
  const { kind } = value;
  const isTruth = kind === ts.SyntaxKind.TrueKeyword || kind === ts.SyntaxKind.FalseKeyword;
  return isTruth ? "bool" : undefined;
}

/** What it does is no data, and the same in every object. */
function isFunction({ initializer }: ts.PropertyDeclaration): boolean {
  return initializer !== undefined &&
    (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer));
}

function isConst(type: ts.TypeNode): boolean {
  return ts.isTypeReferenceNode(type) && type.typeName.getText() === "const";
}
