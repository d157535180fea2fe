/**
 * A pod's module to its model: the class, what its fields mount, and the clients it uses.
 *
 * @module
 */

import ts from "typescript";
import type { FunctionModel, InterfaceModel, Mounted, PodModel } from "../model.ts";
import { docsOf } from "./docs.ts";
import { ErrorTable } from "./errors.ts";
import { readFields, refuseFields } from "./field.ts";
import { generatedOf, interfaceOf, readMethods } from "./interface.ts";
import { typeName } from "./names.ts";
import { readNeeds } from "./needs.ts";
import { openSources, SDK_SPECIFIER } from "./program.ts";
import { quoteNode } from "./quote.ts";
import { Refusals } from "./refusals.ts";
import { type Ancestry, ancestryOf, type Context, isPublic, meaningOf } from "./symbols.ts";

/** What the reader must be told. */
export interface PodSource {
  /** The author's folder; places are named from there. */
  readonly folder: string;
  /** Path of the module whose default export is the class. */
  readonly entry: string;
  /** Package of its interfaces: `pod:capybara`. */
  readonly package: string;
}

/**
 * Reads a pod's TypeScript.
 *
 * @throws {SourceError} with everything that is wrong in it.
 * @throws {Error} when the module is missing or `deno.json` is wrong.
 */
export function readPod({ folder, entry, package: of }: PodSource): PodModel {
  try {
    const context: Context = { sources: openSources(entry), refusals: new Refusals() };
    refuseBroken(context);
    context.refusals.check(folder);
    const model = readModel(context, of);
    context.refusals.check(folder);
    return model;
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new Error(`${entry} is nested too deeply`, { cause: thrown });
  }
}

function refuseBroken({ sources, refusals }: Context): void {
  for (const { file, start, messageText } of sources.broken) {
    const what = ts.flattenDiagnosticMessageText(messageText, " ");
    refusals.atOffset(file, start, what, "correct it, so that it is TypeScript");
  }
}

function readModel(context: Context, of: string): PodModel {
  const declaration = readDefault(context);
  const ancestry = declaration && ancestryOf(context, declaration);
  if (declaration === undefined || ancestry?.root !== "Pod") {
    if (declaration !== undefined) {
      const what = "the class that is exported does not extend Pod";
      const instead = `write: import { Pod } from "${SDK_SPECIFIER}", and extends Pod`;
      context.refusals.at(declaration.name ?? declaration, what, instead);
    }
    return { offers: [], commands: [], needs: [], errors: [], fields: [] };
  }
  const errors = new ErrorTable();
  const own = readOwn(context, declaration, ancestry, errors, of);
  const mounted = declaration.members.filter(isPublic).filter(ts.isPropertyDeclaration)
    .map((field) => readField(context, field, errors, of));
  const offers = [...own, ...mounted.flatMap(({ offer }) => offer ? [offer] : [])];
  refuseTwins(context, declaration, offers);
  return {
    offers,
    commands: mounted.flatMap(({ command }) => command ? [command] : []),
    needs: readNeeds(context, new Set(offers.map(({ part }) => part.name))),
    errors: errors.classes,
    fields: readFields(context, ancestry.classes, (field) => partOf(context, field) !== undefined),
  };
}

function readDefault({ sources, refusals }: Context): ts.ClassDeclaration | undefined {
  const { checker, entry } = sources;
  const symbol = checker.getSymbolAtLocation(entry);
  let found = symbol?.exports?.get(ts.InternalSymbolName.Default);
  if (found && found.flags & ts.SymbolFlags.Alias) found = checker.getAliasedSymbol(found);
  const declaration = found?.declarations?.find(ts.isClassDeclaration);
  if (declaration !== undefined) return declaration;
  const what = found ? "the default export is no class" : "the module has no default export";
  return refusals.atOffset(entry, 0, what, "write export default class … extends Pod { … }");
}

/** The pod's own methods are an interface when there is one. */
function readOwn(
  context: Context,
  declaration: ts.ClassDeclaration,
  ancestry: Ancestry,
  errors: ErrorTable,
  of: string,
): Mounted<InterfaceModel>[] {
  const methods = readMethods(context, declaration, ancestry, errors, "own");
  if (methods.functions.length === 0) return [];
  const name = nameOf(context, declaration);
  if (name === undefined) return [];
  const part = interfaceOf(`${of}/${name}`, declaration, methods);
  return [{ field: "", hidden: false, part }];
}

function nameOf({ refusals }: Context, declaration: ts.ClassDeclaration): string | undefined {
  if (declaration.name) return typeName(declaration.name.text, declaration.name, refusals);
  const what = "the class has no name, and its interface is called by it";
  return refusals.at(declaration, what, "write class Capybara extends …");
}

/** What a field of the pod's object brings along. */
interface Field {
  readonly offer?: Mounted<InterfaceModel>;
  readonly command?: Mounted<readonly FunctionModel[]>;
}

function readField(
  context: Context,
  field: ts.PropertyDeclaration,
  errors: ErrorTable,
  of: string,
): Field {
  const part = partOf(context, field);
  if (part === undefined) return {};
  const { declaration, ancestry } = part;
  refuseFields(context, ancestry.classes);
  if (!ts.isIdentifier(field.name)) {
    const what = `${quoteNode(field.name)} is no plain name`;
    context.refusals.at(field.name, what, "write a name as in mail");
    return {};
  }
  const head = {
    field: field.name.text,
    hidden: docsOf(field).tags.some(({ name }) => name === "hidden"),
  };
  if (ancestry.root === "Commands") {
    const { functions } = readMethods(context, declaration, ancestry, errors, "commands");
    return { command: { ...head, part: functions } };
  }
  const offered = readCapability(context, declaration, ancestry, errors, of);
  return offered ? { offer: { ...head, part: offered } } : {};
}

/** The interface that a class implements: a generated one that it extends, or its own. */
function readCapability(
  context: Context,
  declaration: ts.ClassDeclaration,
  ancestry: Ancestry,
  errors: ErrorTable,
  of: string,
): InterfaceModel | undefined {
  const generated = ancestry.classes.map(generatedOf).find((one) => one !== undefined);
  if (generated === undefined) {
    const name = nameOf(context, declaration);
    const methods = readMethods(context, declaration, ancestry, errors, "own");
    return name === undefined ? undefined : interfaceOf(`${of}/${name}`, declaration, methods);
  }
  const methods = readMethods(context, generated.declaration, ancestry, errors, "generated");
  const at = ancestry.classes.indexOf(generated.declaration);
  const names = new Set(methods.functions.map(({ method }) => method));
  for (const own of ancestry.classes.slice(0, at).flatMap(({ members }) => [...members])) {
    if (!ts.isMethodDeclaration(own) || !isPublic(own) || names.has(own.name.getText())) continue;
    const what = `${quoteNode(own.name)} is no function of ${generated.interface}`;
    context.refusals.at(own.name, what, "make it protected, or put it into another class");
  }
  return interfaceOf(generated.interface, generated.declaration, methods, generated.capability);
}

/** The class of what a field mounts; undefined when it is no part of the pod. */
function partOf(
  context: Context,
  field: ts.PropertyDeclaration,
): { readonly declaration: ts.ClassDeclaration; readonly ancestry: Ancestry } | undefined {
  const declaration = classOf(context, field);
  const ancestry = declaration && ancestryOf(context, declaration);
  const isPart = ancestry?.root === "Capability" || ancestry?.root === "Commands";
  return isPart ? { declaration: declaration!, ancestry } : undefined;
}

/** The class of a field's value, as its type or `new` says. */
function classOf(
  context: Context,
  { type, initializer }: ts.PropertyDeclaration,
): ts.ClassDeclaration | undefined {
  const name = initializer && ts.isNewExpression(initializer)
    ? initializer.expression
    : type && ts.isTypeReferenceNode(type)
    ? type.typeName
    : undefined;
  const meaning = name && meaningOf(context, name);
  return meaning?.origin === "own" ? meaning.declarations.find(ts.isClassDeclaration) : undefined;
}

function refuseTwins(
  { refusals }: Context,
  declaration: ts.ClassDeclaration,
  offers: readonly Mounted<InterfaceModel>[],
): void {
  const fields = new Map<string, string>();
  for (const { field, part } of offers) {
    const other = fields.get(part.name);
    if (other !== undefined) {
      const what = `${part.name} is offered by ${other || "the pod itself"} and by ${field}`;
      refusals.at(declaration.name ?? declaration, what, "rename one of the two classes");
    }
    fields.set(part.name, field);
  }
}
