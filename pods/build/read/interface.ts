/**
 * Classes to interfaces: their public methods, in order.
 *
 * @module
 */

import ts from "typescript";
import type { CanonicalType } from "../../../wit/types.ts";
import type { FunctionModel, InterfaceModel } from "../model.ts";
import { aboutOf } from "./docs.ts";
import type { ErrorTable } from "./errors.ts";
import { type FunctionReader, readFunction } from "./function.ts";
import { quoteName, quoteNode } from "./quote.ts";
import type { ClassKind } from "./reader.ts";
import { type Ancestry, type Context, hasModifier, isPublic } from "./symbols.ts";
import type { TypeTable } from "./table.ts";
import { openTypes } from "./type.ts";

/** Most functions of an interface. */
export const MAX_FUNCTIONS = 1_000;

/** What the build wrote into a class that it generated. */
export interface Generated {
  readonly declaration: ts.ClassDeclaration;
  readonly interface: string;
  readonly capability: string;
}

/** Public methods of a class as functions, with the types they name. */
export interface Methods {
  readonly functions: readonly FunctionModel[];
  readonly table: TypeTable;
}

/** Reads the public methods that a class declares itself. */
export function readMethods(
  context: Context,
  declaration: ts.ClassDeclaration,
  { classes, bases }: Ancestry,
  errors: ErrorTable,
  kind: ClassKind,
): Methods {
  const types = openTypes(context);
  const reader: FunctionReader = {
    types,
    errors,
    kept: new Set(bases.flatMap(namesOf)),
    methods: new Set([...classes, declaration].flatMap(namesOf)),
    kind,
  };
  const methods = methodsOf(context, declaration);
  const functions = new Map<string, FunctionModel>();
  for (const method of methods) {
    const one = readFunction(reader, method);
    if (one === undefined) continue;
    if (functions.has(one.name)) {
      const what = `two functions are called ${quoteName(one.name)}`;
      context.refusals.at(method.name, what, "give one of them another name");
    }
    functions.set(one.name, one);
  }
  return { functions: [...functions.values()], table: types.table };
}

/** The interface of a class's public methods. */
export function interfaceOf(
  name: string,
  declaration: ts.ClassDeclaration,
  { functions, table }: Methods,
  claims?: string,
): InterfaceModel {
  const taken = new Set(functions.map((one) => one.name));
  const renamed = new Map(
    [...table.types.keys()].map((type) => [type, freeName(type, taken, table)]),
  );
  const types = new Map<string, CanonicalType>();
  for (const [type, of] of table.types) types.set(renamed.get(type)!, of);
  const docs = new Map<string, string>();
  const about = aboutOf(declaration);
  if (about !== "") docs.set("", about);
  for (const [key, text] of table.docs) {
    const [type = "", ...member] = key.split(".");
    docs.set([renamed.get(type) ?? type, ...member].join("."), text);
  }
  for (const [key, text] of table.functionDocs) docs.set(key, text);
  return {
    name,
    types,
    functions: new Map(functions.map((one) => [one.name, one.type])),
    docs,
    methods: functions,
    ...claims !== undefined && { claims },
  };
}

/** WIT has one space of names for types and functions; names of types do not count. */
function freeName(type: string, taken: ReadonlySet<string>, { types }: TypeTable): string {
  let free = type;
  while (taken.has(free) || (free !== type && types.has(free))) free += "-type";
  return free;
}

/** What the build wrote into a class; undefined for a class of the author's. */
export function generatedOf(declaration: ts.ClassDeclaration): Generated | undefined {
  const shape = declaration.members.filter(ts.isPropertyDeclaration).find((member) =>
    hasModifier(member, ts.SyntaxKind.StaticKeyword) && member.name.getText() === "shape"
  )?.initializer;
  const name = shape && textOf(shape, "interface");
  const capability = shape && textOf(shape, "capability");
  if (name === undefined || capability === undefined) return undefined;
  return { declaration, interface: name, capability };
}

function textOf(object: ts.Expression, key: string): string | undefined {
  if (!ts.isObjectLiteralExpression(object)) return undefined;
  const property = object.properties.find((one) =>
    one.name && (ts.isIdentifier(one.name) || ts.isStringLiteral(one.name)) && one.name.text === key
  );
  return property && ts.isPropertyAssignment(property) && ts.isStringLiteral(property.initializer)
    ? property.initializer.text
    : undefined;
}

function methodsOf(
  { refusals }: Context,
  declaration: ts.ClassDeclaration,
): readonly ts.MethodDeclaration[] {
  const members = declaration.members.filter(isPublic);
  for (const member of members) {
    const value = ts.isPropertyDeclaration(member) ? member.initializer : undefined;
    if (value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value))) {
      const what = `${quoteNode(member.name!)} is a field that holds a function`;
      refusals.at(member, what, "write it as a method, or make it private");
    }
  }
  const methods = members.filter(ts.isMethodDeclaration).filter((method) => {
    const isWhole = method.body !== undefined || hasModifier(method, ts.SyntaxKind.AbstractKeyword);
    if (isWhole && !method.questionToken) return true;
    const name = quoteNode(method.name);
    refusals.at(method, `${name} has several forms`, "write one, with optional parameters");
    return false;
  });
  if (methods.length <= MAX_FUNCTIONS) return methods;
  const what = `the class has ${methods.length} functions, ${MAX_FUNCTIONS} allowed`;
  refusals.at(methods[MAX_FUNCTIONS]!, what, "give what belongs together a class of its own");
  return methods.slice(0, MAX_FUNCTIONS);
}

function namesOf({ members }: ts.ClassDeclaration): string[] {
  return members.flatMap(({ name }) => name && ts.isIdentifier(name) ? [name.text] : []);
}
