/**
 * TypeScript for a pod's author: the types of its interfaces as they travel (PROTOCOL.md,
 * "Values") and a typed value for each function, so that offering and calling are checked.
 *
 * @module
 */

import { formatCanonical, type Json } from "../../wit/canonical.ts";
import type { WitInterface, WitWorld } from "../../wit/tree.ts";
import { type CanonicalType, type FunctionType, itemTypeOf } from "../../wit/types.ts";
import { describeInterface as describe } from "../../wit/describe.ts";

/** Names of types by their canonical text. */
type Names = ReadonlyMap<string, string>;

const PRIMITIVE_TYPES: Readonly<Record<string, string>> = {
  bool: "boolean",
  u64: "string",
  s64: "string",
  char: "string",
  string: "string",
};

/**
 * The text of `generated.ts`.
 *
 * @param wit name of the file it comes from
 * @param sdk specifier of the SDK
 */
export function generateTypes(world: WitWorld, wit: string, sdk: string): string {
  const interfaces = new Map<string, WitInterface>();
  for (const one of [...world.exports, ...world.imports]) interfaces.set(one.name, one);
  const sorted = [...interfaces.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  const prefixes = prefixesOf(sorted);
  const parts = sorted.map((one) => generateInterface(one, prefixes.get(one.name)!));
  const hasStreams = sorted.some(({ functions }) => [...functions.values()].some(itemTypeOf));
  return [
    "/**",
    ` * The interfaces of ${wit} as values travel; written by \`deno task build\`, not by hand.`,
    " *",
    " * @module",
    " */",
    "",
    "// deno-fmt-ignore-file",
    `import type { FunctionRef${hasStreams ? ", Stream" : ""} } from ${JSON.stringify(sdk)};`,
    "",
    ...parts,
  ].join("\n");
}

/** Words in front of the names of an interface's types, where another has a type of that name. */
function prefixesOf(interfaces: readonly WitInterface[]): Map<string, string> {
  const counts = new Map<string, number>();
  for (const { types } of interfaces) {
    for (const name of types.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return new Map(interfaces.map(({ name, types }) => {
    const clashes = [...types.keys()].some((type) => counts.get(type)! > 1);
    return [name, clashes ? pascal(lastPart(name)) : ""];
  }));
}

function generateInterface(one: WitInterface, prefix: string): string {
  const names = new Map<string, string>();
  const lines: string[] = [];
  for (const [name, type] of one.types) {
    const typed = prefix + pascal(name);
    lines.push(`/** \`${name}\` of \`${one.name}\`. */`);
    lines.push(`export type ${typed} = ${typeText(type, names)};`, "");
    if (typeof type !== "string") names.set(formatCanonical(type as Json), typed);
  }
  const { capability, functions } = describe(one);
  lines.push(`/** The functions of \`${one.name}\`. */`);
  lines.push(`export const ${camel(lastPart(one.name))} = {`);
  for (const [name, type] of one.functions) {
    lines.push(...functionLines(one.name, capability, name, functions[name]!.id, type, names));
  }
  return [...lines, "} as const;", ""].join("\n");
}

function functionLines(
  interfaceName: string,
  capability: string,
  name: string,
  id: string,
  type: FunctionType,
  names: Names,
): string[] {
  const params = type.params.map(([param, of]) => `${parameter(param)}: ${typeText(of, names)}`);
  return [
    `  ${camel(name)}: {`,
    `    interface: ${JSON.stringify(interfaceName)},`,
    `    function: ${JSON.stringify(name)},`,
    `    capability: ${JSON.stringify(capability)},`,
    `    functionId: ${JSON.stringify(id)},`,
    `  } as FunctionRef<[${params.join(", ")}], ${resultText(type, names)}>,`,
  ];
}

function resultText({ result }: FunctionType, names: Names): string {
  if (result === null) return "void";
  if (typeof result === "object" && "stream" in result) {
    return `Stream<${typeText(result.stream, names)}>`;
  }
  return typeText(result, names);
}

function typeText(type: CanonicalType | null, names: Names): string {
  if (type === null) return "null";
  if (typeof type === "string") return PRIMITIVE_TYPES[type] ?? "number";
  const inner = (part: CanonicalType | null) => typeText(part, names);
  const named = names.get(formatCanonical(type as Json));
  if (named !== undefined) return named;
  if ("list" in type) return type.list === "u8" ? "string" : `Array<${inner(type.list)}>`;
  if ("option" in type) return optionText(type.option, inner);
  if ("tuple" in type) return `[${type.tuple.map(inner).join(", ")}]`;
  if ("result" in type) {
    return `{ ok: ${inner(type.result[0])} } | { err: ${inner(type.result[1])} }`;
  }
  if ("record" in type) return fieldsText(type.record.map(([name, of]) => [name, inner(of)]));
  if ("variant" in type) return type.variant.map((one) => caseText(one, inner)).join(" | ");
  const words = ("enum" in type ? type.enum : type.flags).map((word) => JSON.stringify(word));
  return "enum" in type ? words.join(" | ") : `Array<${words.join(" | ")}>`;
}

/** An option of an option is wrapped, so that both nothings differ. */
function optionText(of: CanonicalType, inner: (part: CanonicalType) => string): string {
  const isNested = typeof of !== "string" && "option" in of;
  return isNested ? `{ some: ${inner(of)} } | null` : `${inner(of)} | null`;
}

function caseText(
  [name, of]: readonly [string, CanonicalType | null],
  inner: (part: CanonicalType) => string,
): string {
  const tag: [string, string] = ["tag", JSON.stringify(name)];
  return fieldsText(of === null ? [tag] : [tag, ["val", inner(of)]]);
}

function fieldsText(fields: readonly (readonly [string, string])[]): string {
  const texts = fields.map(([name, type]) =>
    `${/^[a-z][a-z0-9]*$/.test(name) ? name : JSON.stringify(name)}: ${type}`
  );
  return `{ ${texts.join("; ")} }`;
}

/** A parameter's label; words that JavaScript keeps for itself get a trailing underscore. */
function parameter(name: string): string {
  const text = camel(name);
  const isKept = /^(?:new|default|delete|function|in|import|export|class|void|with|package|enum)$/;
  return isKept.test(text) ? `${text}_` : text;
}

function lastPart(interfaceName: string): string {
  return interfaceName.replace(/^.*\//, "");
}

function camel(name: string): string {
  return name.replace(/-([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
}

function pascal(name: string): string {
  return camel(`-${name}`);
}
