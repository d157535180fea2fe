/**
 * The clients that a pod's modules use: generated classes that stand anywhere but behind `extends`.
 *
 * @module
 */

import ts from "typescript";
import type { InterfaceModel } from "../model.ts";
import { ErrorTable } from "./errors.ts";
import { generatedOf, interfaceOf, readMethods } from "./interface.ts";
import { ancestryOf, type Context, meaningOf } from "./symbols.ts";

/** Most interfaces of other pods that one pod calls. */
const MAX_NEEDS = 100;

/**
 * Interfaces whose clients are used, by name.
 *
 * @param offered interfaces that the pod offers itself; they are left out
 */
export function readNeeds(context: Context, offered: ReadonlySet<string>): InterfaceModel[] {
  const needs = new Map<string, InterfaceModel>();
  for (const [name, at] of clientsOf(context)) {
    const declaration = meaningOf(context, name)!.declarations.find(ts.isClassDeclaration)!;
    const generated = generatedOf(declaration)!;
    if (offered.has(generated.interface) || needs.has(generated.interface)) continue;
    if (needs.size >= MAX_NEEDS) {
      const what = `the pod calls more than ${MAX_NEEDS} interfaces`;
      context.refusals.at(at, what, "split the pod");
      break;
    }
    const ancestry = ancestryOf(context, declaration);
    const methods = readMethods(context, declaration, ancestry, new ErrorTable(), "generated");
    const { interface: name_, capability } = generated;
    needs.set(name_, interfaceOf(name_, declaration, methods, capability));
  }
  return [...needs.values()].sort((a, b) => a.name < b.name ? -1 : 1);
}

/** Names of generated classes, as imported, that are used for calling. */
function* clientsOf(context: Context): Iterable<readonly [name: ts.Identifier, at: ts.Node]> {
  for (const file of context.sources.own) {
    for (const statement of file.statements) {
      if (!ts.isImportDeclaration(statement) || statement.importClause?.isTypeOnly) continue;
      for (const name of namesOf(statement.importClause)) {
        const meaning = meaningOf(context, name);
        const declaration = meaning?.declarations.find(ts.isClassDeclaration);
        const isClient = meaning?.origin === "own" && declaration && generatedOf(declaration);
        if (isClient && isUsed(file, name.text)) yield [name, statement];
      }
    }
  }
}

function namesOf(clause: ts.ImportClause | undefined): ts.Identifier[] {
  const bindings = clause?.namedBindings;
  const named = bindings && ts.isNamedImports(bindings)
    ? bindings.elements.filter(({ isTypeOnly }) => !isTypeOnly).map(({ name }) => name)
    : [];
  return clause?.name ? [clause.name, ...named] : named;
}

/** Whether a module uses a name as a value, other than to extend it. */
function isUsed(file: ts.SourceFile, name: string): boolean {
  const visit = (node: ts.Node): boolean => {
    if (ts.isImportDeclaration(node) || ts.isHeritageClause(node) || ts.isTypeNode(node)) {
      return false;
    }
    if (ts.isIdentifier(node) && node.text === name) return true;
    return ts.forEachChild(node, (child) => visit(child) || undefined) === true;
  };
  return visit(file);
}
