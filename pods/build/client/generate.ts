/**
 * TypeScript for interfaces: their types as authors have them, and a class for each that is both
 * what offers it (extended) and what calls it (given to `peer`).
 *
 * @module
 */

import { formatCanonical, type Json } from "../../../wit/canonical.ts";
import type { DocumentedInterface } from "../../../wit/format.ts";
import { describeInterface } from "../../../wit/describe.ts";
import { type CanonicalType, type FunctionType, itemTypeOf } from "../../../wit/types.ts";
import type { FunctionShape } from "../../sdk/shape.ts";
import { docLines, nativeDocs } from "./docs.ts";
import { ErrorPlan } from "./errors.ts";
import { type Planned, usedTypes, valueOf } from "./used.ts";
import { isReturning, lastPart, methodOf, ModuleNames, parameterOf, pascalOf } from "./names.ts";
import { nativeBody, nativeText, type NativeTypes, optionOf } from "./native.ts";

/** The line by which the build knows a file that it may write again. */
export const MARK = "Written by the build of peri, not by hand.";

/** What a generated module says of itself. */
export interface ModuleHead {
  /** Where its interfaces come from, in a few words: `hey.wit`. */
  readonly source: string;
  /** Specifier of the SDK. */
  readonly sdk: string;
}

/**
 * The text of a module with a class for each interface. The same interfaces give the same text.
 *
 * @throws {Error} that names the function or type which TypeScript cannot say and get back.
 */
export function generateClient(
  interfaces: readonly DocumentedInterface[],
  { source, sdk }: ModuleHead,
): string {
  const names = new ModuleNames();
  const errors = new ErrorPlan(names);
  const sorted = [...new Map(interfaces.map((one) => [one.name, one])).values()]
    .sort((a, b) => a.name < b.name ? -1 : 1);
  const planned = sorted.map((one) => plan(one, errors, names));
  const native = { names: new Map<CanonicalType, string>(), imports: new Set<string>() };
  const shared = new Map<string, string>();
  for (const one of planned) nameTypes(one, errors, names, native.names, shared);
  const body = [
    ...typesText(planned, native),
    ...errorsText(errors, native),
    ...planned.flatMap((one) => classText(one, native)),
  ];
  const imports = [
    "Capability",
    "type InterfaceShape",
    ...errors.classes.length > 0 ? ["TypedError"] : [],
    ...[...native.imports].sort().map((name) => `type ${name}`),
  ];
  return [
    ...docLines(`The interfaces of ${source} in TypeScript. ${MARK}\n\n@module`),
    "",
    "// deno-fmt-ignore-file",
    `import { ${imports.join(", ")} } from ${JSON.stringify(sdk)};`,
    "",
    ...body,
  ].join("\n");
}

function plan(one: DocumentedInterface, errors: ErrorPlan, names: ModuleNames): Planned {
  const thrown = new Map<string, [string, string][]>();
  for (const [name, type] of one.functions) {
    if (!isReturning(name)) throw new Error(`the function ${name} of ${one.name} has no method`);
    const cases = errors.plan(one, type);
    if (cases !== undefined) thrown.set(name, cases);
  }
  return { one, className: names.free(pascalOf(lastPart(one.name)), "Client"), errors: thrown };
}

/**
 * Gives names to the types that are said by name; the data of an error of its name is not. Types of
 * one name and structure are one type in all interfaces.
 *
 * @param shared structures by their names
 */
function nameTypes(
  planned: Planned,
  errors: ErrorPlan,
  names: ModuleNames,
  native: Map<CanonicalType, string>,
  shared: Map<string, string>,
): void {
  const { one, className } = planned;
  const used = usedTypes(planned, errors);
  for (const [name, type] of one.types) {
    if (typeof type === "string" || !used.has(type)) continue;
    const wanted = pascalOf(name);
    const key = formatCanonical(type as Json);
    const isSame = shared.get(wanted) === key;
    const free = isSame || names.take(wanted)
      ? wanted
      : names.free(`${className}${wanted}`, "Type");
    shared.set(free, key);
    native.set(type, free);
  }
}

function typesText(planned: readonly Planned[], native: NativeTypes): string[] {
  const texts = new Map<string, string[]>();
  for (const { one } of planned) {
    for (const [name, type] of one.types) {
      const typed = native.names.get(type);
      if (typed === undefined || typeof type === "string" || texts.has(typed)) continue;
      texts.set(typed, within(one, name, () => typeLines(one, name, type, typed, native)));
    }
  }
  return [...texts.values()].flat();
}

function typeLines(
  { name: of, docs }: DocumentedInterface,
  name: string,
  type: Exclude<CanonicalType, string>,
  typed: string,
  native: NativeTypes,
): string[] {
  const body = nativeBody(type, native, (member) => docs.get(`${name}.${member}`));
  const text = "record" in type ? `interface ${typed} ${body}` : `type ${typed} = ${body};`;
  return [...docLines(docs.get(name) ?? `\`${name}\` of \`${of}\`.`), `export ${text}`, ""];
}

function errorsText(errors: ErrorPlan, native: NativeTypes): string[] {
  return errors.classes.flatMap(({ className, data, about }) => {
    const of = data === null ? "" : `<${nativeText(data, native)}>`;
    const head = docLines(about ?? "Thrown.");
    return [...head, `export class ${className} extends TypedError${of} {}`, ""];
  });
}

function classText(planned: Planned, native: NativeTypes): string[] {
  const { one, className, errors } = planned;
  const { capability, functions } = describeInterface(one);
  const shapes = [...one.functions].map(([name, type]) => {
    const shape: FunctionShape = {
      name,
      method: methodOf(name),
      functionId: functions[name]!.id,
      params: type.params,
      result: type.result,
      ...errors.has(name) && { errors: errors.get(name)! },
    };
    return `      ${JSON.stringify(shape)},`;
  });
  const classes = [...new Set([...errors.values()].flat().map(([, name]) => name))].sort();
  return [
    ...docLines(one.docs.get("") ?? `\`${one.name}\`.`),
    `export abstract class ${className} extends Capability {`,
    "  /** What travels. */",
    "  static readonly shape: InterfaceShape = {",
    `    "interface": ${JSON.stringify(one.name)},`,
    `    "capability": ${JSON.stringify(capability)},`,
    `    "functions": [`,
    ...shapes,
    "    ],",
    "  };",
    ...classes.length === 0
      ? []
      : ["", "  /** What is thrown. */", `  static readonly errors = { ${classes.join(", ")} };`],
    ...[...one.functions].flatMap(([name, type]) =>
      within(one, name, () => methodText(planned, name, type, native))
    ),
    "}",
    "",
  ];
}

function methodText(
  { one, errors }: Planned,
  name: string,
  type: FunctionType,
  native: NativeTypes,
): string[] {
  const thrown = new Map(errors.get(name) ?? []);
  const params = new Map(type.params.map(([param]) => [param, parameterOf(param)]));
  const said = one.docs.get(name) ?? `\`${name}\`.`;
  const docs = nativeDocs(said, params, thrown);
  return [
    "",
    ...docLines(docs, "  "),
    `  abstract ${methodOf(name)}(${paramsText(type, native)}): ${
      resultText(type, thrown.size > 0, native)
    };`,
  ];
}

/** Options at the end are optional parameters. */
function paramsText({ params }: FunctionType, native: NativeTypes): string {
  const required = params.findLastIndex(([, type]) => optionOf(type) === undefined);
  return params.map(([name, type], at) => {
    if (!isReturning(name)) throw new Error(`the parameter ${name} has no name in TypeScript`);
    const text = nativeText(type, native);
    const of = at > required ? optionOf(type) : undefined;
    if (of === undefined) return `${parameterOf(name)}: ${text}`;
    return `${parameterOf(name)}?: ${native.names.get(type) ?? nativeText(of, native)}`;
  }).join(", ");
}

function resultText(type: FunctionType, isThrown: boolean, native: NativeTypes): string {
  const value = valueOf(type, isThrown);
  const text = value === null ? "void" : nativeText(value, native);
  return itemTypeOf(type) === undefined ? `Promise<${text}>` : `AsyncIterable<${text}>`;
}

function within<Value>({ name }: DocumentedInterface, of: string, make: () => Value): Value {
  try {
    return make();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${of} of ${name}: ${why}`, { cause });
  }
}
