/**
 * What a name in a module stands for.
 *
 * @module
 */

import ts from "typescript";
import type { Sources } from "./program.ts";
import type { Refusals } from "./refusals.ts";

/** What every part of the reader needs. */
export interface Context {
  readonly sources: Sources;
  readonly refusals: Refusals;
}

/** Where a name was declared, imports followed to their end. */
export interface Meaning {
  /** Its name where it was declared. */
  readonly name: string;
  readonly origin: "own" | "sdk" | "global";
  readonly declarations: readonly ts.Declaration[];
}

/** What an identifier or dotted name stands for; undefined when it is declared nowhere. */
export function meaningOf({ sources }: Context, name: ts.Node): Meaning | undefined {
  const { checker } = sources;
  let symbol = checker.getSymbolAtLocation(name);
  if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  const [first] = symbol?.declarations ?? [];
  if (symbol === undefined || first === undefined) return undefined;
  return {
    name: symbol.name === "default" ? nameOf(first) : symbol.name,
    origin: sources.originOf(first),
    declarations: symbol.declarations!,
  };
}

function nameOf(declaration: ts.Declaration): string {
  return ts.isClassDeclaration(declaration) && declaration.name
    ? declaration.name.text
    : declaration.getSourceFile().fileName;
}

/** A class and the classes it extends, the nearest first. */
export interface Ancestry {
  readonly classes: readonly ts.ClassDeclaration[];
  /** The SDK's class at which it ends: `Pod`, `Capability`, `Commands`, `TypedError`. */
  readonly root: string | undefined;
  /** Arguments of the types that the last class gives to the SDK's. */
  readonly rootArguments: readonly ts.TypeNode[];
  /** The SDK's classes from the root on. */
  readonly bases: readonly ts.ClassDeclaration[];
}

/** Longest line of classes that is followed. */
const MAX_CLASSES = 32;

/**
 * Follows what a class extends up to a class of the SDK.
 *
 * @param isInside the class is one of the SDK: follow it to the top
 */
export function ancestryOf(
  context: Context,
  start: ts.ClassDeclaration,
  isInside = false,
): Ancestry {
  const classes = [start];
  for (;;) {
    const last = classes.at(-1)!;
    const clause = last.heritageClauses?.find(({ token }) =>
      token === ts.SyntaxKind.ExtendsKeyword
    );
    const base = clause?.types[0];
    const meaning = base && meaningOf(context, base.expression);
    const declaration = meaning?.declarations.find(ts.isClassDeclaration);
    if (base === undefined || meaning === undefined || declaration === undefined) {
      return { classes, root: undefined, rootArguments: [], bases: [] };
    }
    if (meaning.origin === "sdk" && !isInside) {
      const rootArguments = base.typeArguments ?? [];
      const above = ancestryOf(context, declaration, true).classes;
      return { classes, root: meaning.name, rootArguments, bases: above };
    }
    if (classes.includes(declaration) || classes.length >= MAX_CLASSES) {
      return { classes, root: undefined, rootArguments: [], bases: [] };
    }
    classes.push(declaration);
  }
}

/** Whether a member or parameter has one of these modifiers. */
export function hasModifier(node: ts.Node, ...kinds: readonly ts.SyntaxKind[]): boolean {
  const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) ?? [] : [];
  return modifiers.some(({ kind }) => kinds.includes(kind));
}

/** Whether others may use a member of a class: no modifier, no `#` and no `_` says otherwise. */
export function isPublic(member: ts.ClassElement): boolean {
  const { name } = member;
  if (name === undefined || ts.isPrivateIdentifier(name)) return false;
  if (ts.isIdentifier(name) && name.text.startsWith("_")) return false;
  return !hasModifier(
    member,
    ts.SyntaxKind.PrivateKeyword,
    ts.SyntaxKind.ProtectedKeyword,
    ts.SyntaxKind.StaticKeyword,
  );
}
