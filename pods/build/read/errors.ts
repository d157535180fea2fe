/**
 * Classes of errors that doc comments name: `@throws {NoSuchPlace} …`.
 *
 * @module
 */

import ts from "typescript";
import type { CanonicalType } from "../../../wit/types.ts";
import type { ErrorClass, ErrorModel } from "../model.ts";
import { aboutOf } from "./docs.ts";
import { typeName } from "./names.ts";
import { quoteNode } from "./quote.ts";
import { ancestryOf, hasModifier, meaningOf } from "./symbols.ts";
import type { TypeReader } from "./reader.ts";

/** A class of errors and the type of its data, null without. */
export interface ReadError {
  readonly model: ErrorModel;
  readonly data: CanonicalType | null;
  /** Empty without a comment. */
  readonly about: string;
}

/** The classes of errors of a pod, each with a name of its own. */
export class ErrorTable {
  readonly #classes = new Map<ts.Declaration, ErrorClass>();
  readonly #names = new Set<string>();

  /** Every class that was read, in order. */
  get classes(): readonly ErrorClass[] {
    return [...this.#classes.values()];
  }

  /** The error that a tag names; `plain` is one that travels as a refusal, without data. */
  read(reader: TypeReader, node: ts.TypeNode): ReadError | "plain" | "refused" {
    const { context } = reader;
    const meaning = ts.isTypeReferenceNode(node) ? meaningOf(context, node.typeName) : undefined;
    if (meaning === undefined) {
      const what = `${quoteNode(node)} is no class that is imported or declared here`;
      context.refusals.at(node, what, "import it, or write the reason without braces");
      return "refused";
    }
    const declaration = meaning.declarations.find(ts.isClassDeclaration);
    if (declaration === undefined || meaning.origin !== "own") return "plain";
    const { root, rootArguments } = ancestryOf(context, declaration);
    if (root !== "TypedError") return "plain";
    const name = typeName(meaning.name, declaration, context.refusals);
    const data = this.#dataOf(reader, declaration, rootArguments[0], name ?? "x");
    const entry = this.#entryOf(reader, declaration, meaning.name);
    if (name === undefined || data === undefined || entry === undefined) return "refused";
    return { model: { case: name, className: entry.className }, data, about: aboutOf(declaration) };
  }

  /** Read once for each interface, so that its data has one name. */
  #dataOf(
    reader: TypeReader,
    declaration: ts.ClassDeclaration,
    argument: ts.TypeNode | undefined,
    path: string,
  ): CanonicalType | null | undefined {
    const isNone = argument === undefined || argument.kind === ts.SyntaxKind.VoidKeyword ||
      argument.kind === ts.SyntaxKind.UndefinedKeyword;
    if (isNone) return null;
    if (!reader.known.has(declaration)) reader.known.set(declaration, reader.read(argument, path));
    return reader.known.get(declaration);
  }

  #entryOf(
    { context: { refusals } }: TypeReader,
    declaration: ts.ClassDeclaration,
    name: string,
  ): ErrorClass | undefined {
    const known = this.#classes.get(declaration);
    if (known !== undefined) return known;
    if (!hasModifier(declaration, ts.SyntaxKind.ExportKeyword)) {
      return refusals.at(
        declaration,
        `the class ${name} is not exported`,
        `write export class ${name}`,
      );
    }
    const isDefault = hasModifier(declaration, ts.SyntaxKind.DefaultKeyword);
    let className = name;
    for (let next = 2; this.#names.has(className); next++) className = `${name}${next}`;
    this.#names.add(className);
    const file = declaration.getSourceFile().fileName;
    const entry = { className, exported: isDefault ? "default" : name, file };
    this.#classes.set(declaration, entry);
    return entry;
  }
}
