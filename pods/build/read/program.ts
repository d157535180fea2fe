/**
 * A pod's modules as TypeScript understands them. Only what is asked is looked up and nothing is
 * type-checked, so a small library of declarations in place of TypeScript's own is enough.
 *
 * @module
 */

import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** Folder of the SDK, with a slash at its end. */
const SDK_FOLDER = join(import.meta.dirname!, "../../sdk/");

/**
 * Folders of the SDK with classes for interfaces of peri (`peri:face/…`): they are read like those
 * that the build generates into a pod's own folder.
 */
const KITS = ["files/"];

/** The SDK's door. */
export const SDK_DOOR = join(SDK_FOLDER, "mod.ts");

/** What authors call the SDK's door. */
export const SDK_SPECIFIER = "@peri/sdk";

const LIB = "/peri.lib.d.ts";

/** Global types that can be named; the reader says which of them can travel. */
const GLOBALS = {
  0: "Boolean Function CallableFunction NewableFunction IArguments Number Object RegExp String " +
    "Date Error URL Symbol BigInt ArrayBuffer SharedArrayBuffer DataView Buffer Blob Event " +
    "Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array " +
    "Float32Array Float64Array BigInt64Array BigUint64Array WebAssembly Temporal Intl JSON Math",
  1: "Array ReadonlyArray Promise PromiseLike Set ReadonlySet WeakSet WeakRef Iterable Iterator " +
    "IterableIterator AsyncIterable AsyncIterator AsyncIterableIterator AsyncGenerator Generator " +
    "ReadableStream Partial Required Readonly NonNullable Awaited ReturnType Parameters " +
    "InstanceType Uppercase Lowercase Capitalize Uncapitalize ThisType NoInfer",
  2: "Map ReadonlyMap WeakMap Record Pick Omit Exclude Extract",
};

/** The modules of a pod. */
export interface Sources {
  readonly checker: ts.TypeChecker;
  /** The pod's own module with its class. */
  readonly entry: ts.SourceFile;
  /** Modules that are neither the SDK's nor TypeScript's. */
  readonly own: readonly ts.SourceFile[];
  /** Whose a declaration is. */
  originOf(declaration: ts.Node): "own" | "sdk" | "global";
  /** What cannot be parsed. */
  readonly broken: readonly ts.DiagnosticWithLocation[];
}

const OPTIONS: ts.CompilerOptions = {
  allowImportingTsExtensions: true,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  noEmit: true,
  skipLibCheck: true,
  strict: true,
  target: ts.ScriptTarget.ESNext,
  types: [],
};

/** Files as they were parsed last, by path: a pod is built again and again while it is written. */
const parsed = new Map<string, ts.SourceFile>();

/**
 * Opens a pod's module and what it imports.
 *
 * @throws {Error} when the module is missing, or `deno.json` cannot be read or names another SDK.
 */
export function openSources(entry: string): Sources {
  const imports = readImports(dirname(entry));
  const host = hostOf(imports);
  if (!host.fileExists(entry)) throw new Error(`${entry} is missing: it holds the pod's class`);
  const program = ts.createProgram({ rootNames: [entry], options: OPTIONS, host });
  checkMapped(entry, program.getSourceFile(entry), imports);
  const own = program.getSourceFiles().filter(({ fileName }) =>
    fileName !== LIB && !isInSdk(fileName)
  );
  return {
    checker: program.getTypeChecker(),
    entry: program.getSourceFile(entry)!,
    own,
    originOf: (declaration) => {
      const { fileName } = declaration.getSourceFile();
      return fileName === LIB ? "global" : isInSdk(fileName) ? "sdk" : "own";
    },
    broken: own.flatMap((file) => program.getSyntacticDiagnostics(file)),
  };
}

function isInSdk(path: string): boolean {
  if (!path.startsWith(SDK_FOLDER)) return false;
  const inside = path.slice(SDK_FOLDER.length);
  return !KITS.some((kit) => inside.startsWith(kit));
}

function hostOf(imports: Imports): ts.CompilerHost {
  return {
    getSourceFile: sourceOf,
    getDefaultLibFileName: () => LIB,
    getCurrentDirectory: () => "/",
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    writeFile: () => {},
    fileExists: (path) => path === LIB || ts.sys.fileExists(path),
    readFile: (path) => path === LIB ? libText() : ts.sys.readFile(path),
    resolveModuleNameLiterals: (literals, from) =>
      literals.map(({ text }) => ({ resolvedModule: resolve(text, from, imports) })),
  };
}

function sourceOf(path: string): ts.SourceFile | undefined {
  const text = path === LIB ? libText() : ts.sys.readFile(path);
  if (text === undefined) return undefined;
  const known = parsed.get(path);
  if (known?.text === text) return known;
  const made = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
  parsed.set(path, made);
  return made;
}

function libText(): string {
  const declare = (parameters: string) => (name: string) => `interface ${name}${parameters} {}`;
  return [
    ...GLOBALS[0].split(" ").map(declare("")),
    ...GLOBALS[1].split(" ").map(declare("<A>")),
    ...GLOBALS[2].split(" ").map(declare("<A, B>")),
  ].join("\n");
}

/** The map of bare names that Deno uses for a folder. */
interface Imports {
  readonly folder: string;
  readonly names: Readonly<Record<string, string>>;
}

function readImports(folder: string): Imports {
  for (const name of ["deno.json", "deno.jsonc"]) {
    const path = join(folder, name);
    const text = ts.sys.readFile(path);
    if (text === undefined) continue;
    const { config, error } = ts.parseConfigFileTextToJson(path, text);
    if (error !== undefined) throw new Error(`${path} is no JSON`);
    const names: Record<string, string> = config?.imports ?? {};
    checkSdk(path, names[SDK_SPECIFIER]);
    return { folder, names };
  }
  const up = dirname(folder);
  return up === folder ? { folder, names: {} } : readImports(up);
}

function checkSdk(path: string, target: string | undefined): void {
  if (target === undefined || fileOf(target, dirname(path)) === SDK_DOOR) return;
  throw new Error(
    `${path} takes ${SDK_SPECIFIER} from ${target}, and this build is that of ${SDK_DOOR}: ` +
      `write "${SDK_SPECIFIER}": "${SDK_DOOR}" in its "imports"`,
  );
}

function checkMapped(path: string, entry: ts.SourceFile | undefined, { names }: Imports): void {
  const isAsked = entry?.statements.some((statement) =>
    ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier) &&
    statement.moduleSpecifier.text === SDK_SPECIFIER
  );
  if (!isAsked || names[SDK_SPECIFIER] !== undefined) return;
  throw new Error(
    `${path} imports ${SDK_SPECIFIER}, which no deno.json names: write ` +
      `{ "imports": { "${SDK_SPECIFIER}": "${SDK_DOOR}" } } into ${
        join(dirname(path), "deno.json")
      }`,
  );
}

function resolve(
  specifier: string,
  from: string,
  { folder, names }: Imports,
): ts.ResolvedModuleFull | undefined {
  const own = /^(?:\.{0,2}\/|file:)/.test(specifier);
  const path = own ? fileOf(specifier, dirname(from)) : fileOf(names[specifier] ?? "", folder);
  if (path === undefined || !path.endsWith(".ts") || !ts.sys.fileExists(path)) return undefined;
  return { resolvedFileName: path, extension: ts.Extension.Ts };
}

/** The path of a specifier that names a file. */
function fileOf(specifier: string, folder: string): string | undefined {
  if (specifier.startsWith("file:")) return fileURLToPath(specifier);
  if (specifier.startsWith("/")) return normalize(specifier);
  return specifier.startsWith(".") ? join(folder, specifier) : undefined;
}
