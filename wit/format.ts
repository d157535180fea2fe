/**
 * Interfaces as WIT text, with their documentation. The same interfaces give the same text. Pure.
 *
 * @module
 */

import type { WitDocs } from "./docs.ts";
import type { WitInterface } from "./resolve.ts";
import { type CanonicalType, type FunctionType, itemTypeOf } from "./types.ts";

/** An interface with what is said of it. */
export interface DocumentedInterface extends WitInterface {
  readonly docs: WitDocs;
}

/** Names of types. Two types of one structure are told apart by being two objects. */
type Names = ReadonlyMap<CanonicalType, string>;

/** Words that WIT keeps for itself; as names they are written with a `%` before them. */
const KEPT = new Set(
  ("use type func record resource own borrow flags variant enum bool string option result list " +
    "tuple future stream error-context char u8 u16 u32 u64 s8 s16 s32 s64 f32 f64 static " +
    "interface world import export package constructor include as from with async map")
    .split(" "),
);

/** A world that exports and imports interfaces, in one text with their packages. */
export interface FormattedWorld {
  /** Package of the world: `pod:capybara`. */
  readonly packageName: string;
  readonly world: string;
  readonly exports: readonly DocumentedInterface[];
  readonly imports: readonly DocumentedInterface[];
}

/**
 * The text of a world: its own package, then every other one that its interfaces are of. An
 * interface that is exported and imported stands there once.
 */
export function formatWorld({ packageName, world, exports, imports }: FormattedWorld): string {
  const packages = new Map<string, Map<string, DocumentedInterface>>([[packageName, new Map()]]);
  for (const one of [...exports, ...imports]) {
    const [name = ""] = one.name.split("/");
    const known = packages.get(name) ?? new Map<string, DocumentedInterface>();
    packages.set(name, known.set(one.name, known.get(one.name) ?? one));
  }
  const body = (name: string) =>
    [...packages.get(name)!.values()].map(interfaceLines).flatMap(separated);
  const path = (name: string) => escapedPath(name, packageName);
  const others = [...packages.keys()].filter((name) => name !== packageName);
  const lines = [
    `package ${packageName};`,
    "",
    ...body(packageName),
    ...packages.get(packageName)!.size === 0 ? [] : [""],
    `world ${escaped(world)} {`,
    ...imports.map(({ name }) => `  import ${path(name)};`),
    ...exports.map(({ name }) => `  export ${path(name)};`),
    "}",
    ...others.flatMap((name) => ["", `package ${name} {`, ...indented(body(name)), "}"]),
  ];
  return lines.join("\n") + "\n";
}

/** The text of one interface, without its package. */
export function formatInterface(one: DocumentedInterface): string {
  return interfaceLines(one).join("\n") + "\n";
}

/** The line of one function: `near: func(place: place) -> stream<sighting>;`. */
export function formatFunction(one: WitInterface, name: string): string {
  const type = one.functions.get(name)!;
  return `${escaped(name)}: ${functionText(type, namesOf(one))};`;
}

function namesOf({ types }: WitInterface): Names {
  const names = new Map<CanonicalType, string>();
  for (const [name, type] of types) if (typeof type !== "string") names.set(type, name);
  return names;
}

function interfaceLines(one: DocumentedInterface): string[] {
  const names = namesOf(one);
  const items = [
    ...[...one.types].map(([name, type]) => typeLines(name, type, names, one.docs)),
    ...[...one.functions].map(([name, type]) => [
      ...docLines(one.docs.get(name)),
      `${escaped(name)}: ${functionText(type, names)};`,
    ]),
  ];
  return [
    ...docLines(one.docs.get("")),
    `interface ${escaped(one.name.replace(/^.*\//, ""))} {`,
    ...indented(items.flatMap(separated)),
    "}",
  ];
}

function separated(lines: readonly string[], at: number): readonly string[] {
  return at === 0 ? lines : ["", ...lines];
}

function typeLines(
  name: string,
  type: CanonicalType,
  names: Names,
  docs: WitDocs,
): string[] {
  const head = docLines(docs.get(name));
  const text = (part: CanonicalType) => typeText(part, names);
  const members = (word: string, parts: readonly (readonly [string, string])[]) => [
    ...head,
    `${word} ${escaped(name)} {`,
    ...indented(
      parts.flatMap(([part, text]) => [...docLines(docs.get(`${name}.${part}`)), `${text},`]),
    ),
    "}",
  ];
  if (typeof type !== "string") {
    if ("record" in type) {
      const fields = type.record.map(([n, of]) => [n, `${escaped(n)}: ${text(of)}`] as const);
      return members("record", fields);
    }
    if ("variant" in type) {
      const cases = type.variant.map(([n, of]) =>
        [n, of === null ? escaped(n) : `${escaped(n)}(${text(of)})`] as const
      );
      return members("variant", cases);
    }
    if ("enum" in type) return members("enum", type.enum.map((n) => [n, escaped(n)]));
    if ("flags" in type) return members("flags", type.flags.map((n) => [n, escaped(n)]));
  }
  return [...head, `type ${escaped(name)} = ${constructedText(type, names)};`];
}

function functionText(type: FunctionType, names: Names): string {
  const params = type.params.map(([name, of]) => `${escaped(name)}: ${typeText(of, names)}`);
  const item = itemTypeOf(type);
  const result = item === undefined ? type.result as CanonicalType | null : undefined;
  const arrow = item !== undefined
    ? ` -> stream<${typeText(item, names)}>`
    : result === null
    ? ""
    : ` -> ${typeText(result!, names)}`;
  return `func(${params.join(", ")})${arrow}`;
}

/** A type as it stands where it is used: by its name when it has one. */
export function typeText(type: CanonicalType, names: Names): string {
  const name = names.get(type);
  return name === undefined ? constructedText(type, names) : escaped(name);
}

function constructedText(type: CanonicalType, names: Names): string {
  if (typeof type === "string") return type;
  const text = (part: CanonicalType | null) => part === null ? "_" : typeText(part, names);
  if ("list" in type) return `list<${text(type.list)}>`;
  if ("option" in type) return `option<${text(type.option)}>`;
  if ("tuple" in type) return `tuple<${type.tuple.map(text).join(", ")}>`;
  if ("result" in type) return resultText(type.result.map((side) => side && text(side)));
  // Only for people to read: in a WIT text these have names.
  if ("record" in type) {
    return `record { ${type.record.map(([name, of]) => `${name}: ${text(of)}`).join(", ")} }`;
  }
  if ("variant" in type) {
    const cases = type.variant.map(([name, of]) => of === null ? name : `${name}(${text(of)})`);
    return `variant { ${cases.join(", ")} }`;
  }
  if ("enum" in type) return `enum { ${type.enum.join(", ")} }`;
  return `flags { ${type.flags.join(", ")} }`;
}

function resultText([ok, err]: readonly (string | null | undefined)[]): string {
  if (err) return `result<${ok ?? "_"}, ${err}>`;
  return ok ? `result<${ok}>` : "result";
}

function docLines(text: string | undefined): string[] {
  if (text === undefined || text === "") return [];
  return text.split("\n").map((line) => `/// ${cleaned(line)}`.trimEnd());
}

/** Without what wasm-tools refuses in comments, and people do not see. */
function cleaned(line: string): string {
  return line.toWellFormed().replace(/[\p{Cc}\p{Bidi_Control}]/gu, "");
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => line === "" ? "" : `  ${line}`);
}

function escaped(name: string): string {
  return KEPT.has(name) ? `%${name}` : name;
}

/** `a:b/c`, or only `c` in its own package. */
function escapedPath(name: string, packageName: string): string {
  const isOwn = name.startsWith(`${packageName}/`);
  return isOwn ? escaped(name.slice(packageName.length + 1)) : name.replace(/[^:/]+$/, escaped);
}
