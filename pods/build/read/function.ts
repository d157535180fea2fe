/**
 * Methods to functions: parameters, result, and the errors that the doc comment names.
 *
 * @module
 */

import ts from "typescript";
import type { CanonicalType, FunctionType } from "../../../wit/types.ts";
import type { ErrorModel, FunctionModel, ParamModel } from "../model.ts";
import { docsOf, type Said } from "./docs.ts";
import type { ErrorTable } from "./errors.ts";
import { kebabOf, memberName, OF_EVERY_OBJECT, RESERVED_WORDS, withoutMark } from "./names.ts";
import { quoteName, quoteNode } from "./quote.ts";
import { optional } from "./record.ts";
import { readResult } from "./result.ts";
import { placeOf } from "./refusals.ts";
import type { ClassKind, TypeReader } from "./reader.ts";
import { readThrown } from "./thrown.ts";

/** What reading a method needs besides its types. */
export interface FunctionReader {
  readonly types: TypeReader;
  readonly errors: ErrorTable;
  /** Names that its class has already; a method of such a name is refused. */
  readonly kept: ReadonlySet<string>;
  /** Names of all methods, for `@complete`. */
  readonly methods: ReadonlySet<string>;
  readonly kind: ClassKind;
}

/** Most parameters of a function. */
const MAX_PARAMS = 100;

/** The function of a method; undefined when it is refused. */
export function readFunction(
  reader: FunctionReader,
  method: ts.MethodDeclaration,
): FunctionModel | undefined {
  const { types } = reader;
  const name = readName(reader, method);
  const said = docsOf(method);
  const path = name ?? "x";
  const params = readParams(reader, method, said, path);
  const result = readResult(types, method, path, reader.kind === "commands");
  const errors = readThrown(reader, method, said, result, path);
  if (!name || !params || result === undefined || errors === undefined) return undefined;
  const { type } = errors;
  const written: FunctionType = {
    params: params.map(({ name, type }) => [name, type]),
    result: type,
  };
  const docs = docsText(said, params, errors.errors);
  if (docs !== "") types.table.functionDocs.set(name, docs);
  return {
    name,
    method: method.name.getText(),
    about: said.about,
    params,
    result,
    errors: errors.errors,
    type: written,
    hidden: said.tags.some(({ name }) => name === "hidden"),
    verbatim: said.tags.some(({ name }) => name === "verbatim"),
    alone: said.tags.some(({ name }) => name === "alone"),
    at: placeOf(method.getSourceFile(), method.name.getStart()),
  };
}

function readName(
  { types: { context: { refusals } }, kept }: FunctionReader,
  { name, typeParameters, asteriskToken, body }: ts.MethodDeclaration,
): string | undefined {
  if (!ts.isIdentifier(name)) {
    const what = `${quoteNode(name)} is no plain name`;
    return refusals.at(name, what, "write a name as in findAll, or make it private");
  }
  if (typeParameters !== undefined) {
    const what = `${quoteName(name.text)} is generic`;
    return refusals.at(name, what, "write its types without parameters");
  }
  if (OF_EVERY_OBJECT.has(name.text)) {
    const instead = `choose another name, or write ${name.text}_ and it is ${name.text} in WIT`;
    return refusals.at(name, `every object has ${name.text}`, instead);
  }
  if (kept.has(name.text)) {
    const what = `the SDK's class has ${name.text} already`;
    const instead = `choose another name, or write ${name.text}_ and it is ${name.text} in WIT`;
    return refusals.at(name, what, instead);
  }
  if (asteriskToken && body && !isAsync(name.parent)) {
    const what = `${name.text} gives its values at once`;
    return refusals.at(name, what, "write async *, and AsyncIterable<T> as its result");
  }
  const plain = withoutMark(withoutMark(name.text, kept), OF_EVERY_OBJECT);
  return memberName(plain, name, refusals);
}

function isAsync(method: ts.Node): boolean {
  return ts.canHaveModifiers(method) &&
    ts.getModifiers(method)?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true;
}

function readParams(
  reader: FunctionReader,
  method: ts.MethodDeclaration,
  said: Said,
  path: string,
): ParamModel[] | undefined {
  const { refusals } = reader.types.context;
  if (method.parameters.length > MAX_PARAMS) {
    const what = `a function has at most ${MAX_PARAMS} parameters`;
    return refusals.at(method.name, what, "put them into an interface");
  }
  const completes = completesOf(reader, method, said);
  const params = method.parameters.map((node) =>
    readParam(reader.types, node, said, path, completes)
  );
  return params.every((param) => param !== undefined) ? params : undefined;
}

function readParam(
  types: TypeReader,
  node: ts.ParameterDeclaration,
  said: Said,
  path: string,
  completes: ReadonlyMap<string, string>,
): ParamModel | undefined {
  const { refusals } = types.context;
  if (!ts.isIdentifier(node.name)) {
    const what = "a parameter that is taken apart has no name";
    return refusals.at(node.name, what, "name it here, and take it apart in the first line");
  }
  const written = node.name.text;
  if (written === "this") return refusals.at(node, "this is no parameter", "leave it away");
  const name = memberName(withoutMark(written, RESERVED_WORDS), node.name, refusals);
  if (node.type === undefined) {
    const what = `the parameter ${quoteName(written)} has no type`;
    return refusals.at(node, what, `write its type, as in ${quoteName(written)}: string`);
  }
  const type = types.read(node.type, `${path}-${name ?? "x"}`);
  if (name === undefined || type === undefined) return undefined;
  const rest = node.dotDotDotToken !== undefined;
  if (rest && (typeof type === "string" || !("list" in type))) {
    return refusals.at(node.type, "further arguments are a list", "write ...who: string[]");
  }
  const isOptional = node.questionToken !== undefined || node.initializer !== undefined;
  const given = isOptional ? optional(type) : type;
  const complete = completes.get(written);
  return {
    name,
    type: given,
    about: said.params.get(written) ?? "",
    optional: typeof given !== "string" && "option" in given,
    rest,
    word: said.tags.some(({ name, text }) => name === "word" && text === written),
    fields: fieldDocs(types, type),
    ...complete !== undefined && { complete },
  };
}

/** What is said of the fields of a record. */
function fieldDocs({ table }: TypeReader, type: CanonicalType): ReadonlyMap<string, string> {
  const plain = typeof type !== "string" && "option" in type ? type.option : type;
  const name = table.nameOf(plain);
  if (typeof plain === "string" || !("record" in plain) || name === undefined) return new Map();
  return new Map(
    plain.record.map(([field]) => [field, table.docs.get(`${name}.${field}`) ?? ""] as const),
  );
}

/** Methods by the parameters whose words they list: `@complete near places`. */
function completesOf(
  { types: { context: { refusals } }, methods }: FunctionReader,
  { parameters }: ts.MethodDeclaration,
  { tags }: Said,
): ReadonlyMap<string, string> {
  const names = parameters.map(({ name }) => name.getText());
  const completes = new Map<string, string>();
  for (const { name, text, at } of tags) {
    if (name !== "complete") continue;
    const words = text.split(/\s+/);
    const [param = "", method = ""] = words.length === 1 ? [names[0], words[0]] : words;
    if (!names.includes(param)) {
      refusals.at(
        at,
        `there is no parameter ${quoteName(param)}`,
        "write @complete <parameter> <method>",
      );
    } else if (!methods.has(method)) {
      const what = `the class has no method ${quoteName(method)}`;
      refusals.at(at, what, "name a method that returns a list of words; not one with #");
    } else completes.set(param, method);
  }
  return completes;
}

/** The doc comment as it stands in WIT: names as they are there. */
function docsText(
  said: Said,
  params: readonly ParamModel[],
  errors: readonly ErrorModel[],
): string {
  const abouts = new Map(
    said.throws.map(({ type, about }) => [kebabOf(type.getText().replace(/^.*\./, "")), about]),
  );
  const tag = (word: string, name: string, about: string) => `@${word} ${name} ${about}`.trimEnd();
  return [
    ...said.about === "" ? [] : [said.about],
    ...params.filter(({ about }) => about !== "").map(({ name, about }) =>
      tag("param", name, about)
    ),
    ...errors.map((error) => tag("throws", error.case, abouts.get(error.case) ?? "")),
  ].join("\n");
}
