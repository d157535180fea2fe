/**
 * The rules for imports.
 *
 * @module
 */

import { posix } from "node:path";
import { type Finding, isTest, type Seen, type Source } from "../facts/fact.ts";
import { findCircles } from "./circles.ts";
import { BESIDE, COMPUTED, isWithin, OWNERS, type Place, placeOf, PURE_NODE } from "./table.ts";

type Import = Extract<Seen, { fact: "import" }>;

/** What the imports of one file break. */
export function checkImports(source: Source): Finding[] {
  return importsOf(source).flatMap((item) => {
    const refusal = refuse(source.path, item);
    if (refusal === undefined) return [];
    const [text, advice] = refusal;
    return [{ level: "error", path: source.path, line: item.line, text, advice }];
  });
}

/** Circles among all files. */
export function checkCircles(sources: readonly Source[]): Finding[] {
  const graph = new Map(sources.map((source) => [
    source.path,
    importsOf(source).flatMap(({ specifier }) =>
      specifier.startsWith(".") ? [resolveImport(source.path, specifier)] : []
    ),
  ]));
  return findCircles(graph).map((circle) => ({
    level: "error",
    path: circle[0]!,
    line: 1,
    text: `imports itself: ${circle.join(" -> ")}`,
    advice: "Move what both need into a file of its own that neither imports back.",
  }));
}

function importsOf(source: Source): Import[] {
  return source.seen.filter((fact) => fact.fact === "import");
}

function resolveImport(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier);
}

/** Text and advice when the import is not allowed. */
function refuse(path: string, item: Import): [string, string] | undefined {
  const { specifier } = item;
  if (specifier === "") return refuseComputed(path);
  if (specifier.startsWith("node:")) return refuseNode(path, item);
  if (specifier.startsWith(".")) {
    return isTest(path) ? undefined : refusePlace(path, resolveImport(path, specifier));
  }
  if (/^(https?|jsr|npm|data|file|blob):/.test(specifier)) {
    return [
      `imports "${specifier}" by address`,
      'Give it a bare name and a pinned version in "imports" of deno.json.',
    ];
  }
  return refuseForeign(path, specifier);
}

function refuseComputed(path: string): [string, string] | undefined {
  if (isTest(path) || placeOf(path)?.reaches || COMPUTED.includes(path)) return undefined;
  return [
    "imports a module whose name is computed, which no check can follow",
    "Write the name as a literal, or do it in runtime/adapters/.",
  ];
}

function refuseNode(path: string, { specifier, names }: Import): [string, string] | undefined {
  if (isTest(path) || placeOf(path)?.reaches) return undefined;
  const pure = Object.hasOwn(PURE_NODE, specifier) ? PURE_NODE[specifier]! : [];
  if (pure === "*") return undefined;
  const reaching = pure.length === 0 ? [specifier] : names.filter((name) => !pure.includes(name));
  if (reaching.length === 0 && names.length > 0) return undefined;
  return [
    `imports "${specifier}"${
      pure.length === 0 ? "" : ` {${reaching.join(", ")}}`
    }, which reaches outside`,
    "Use a port of runtime/ports/ and let an adapter do it.",
  ];
}

function refuseForeign(path: string, specifier: string): [string, string] | undefined {
  if (isTest(path) && !isWithin(path, "runtime/") && !isWithin(path, "cli/")) return undefined;
  const library = specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  const name = [specifier, library].find((key) => Object.hasOwn(OWNERS, key)) ?? library;
  const owners = OWNERS[name] ?? [];
  const tested = path.replace(/_test\.ts$/, ".ts");
  if (owners.some((owner) => isWithin(tested, owner))) return undefined;
  return owners.length === 0
    ? [`imports "${name}", which has no owner`, "Name its owner in tools/floors/table.ts (OWNERS)."]
    : [
      `imports "${name}", which belongs to ${owners.join(" and ")}`,
      `Call ${owners[0]} instead of the library.`,
    ];
}

function refusePlace(path: string, target: string): [string, string] | undefined {
  const from = placeOf(path);
  const to = placeOf(target);
  if (from === undefined) {
    return [`stands outside the house`, "Give its folder a floor in tools/floors/table.ts."];
  }
  if (to === undefined) return [`imports ${target}, outside the house`, "Import from a floor."];
  if (from.path === to.path || mayImport(from, target, to)) return undefined;
  return [`${from.path} must not import ${target}: ${reason(from, to)}`, advice(from, to)];
}

function mayImport(from: Place | Omit<Place, "floor">, target: string, to: typeof from): boolean {
  const isBeside = !("floor" in from);
  if (from.sees && !from.sees.some((place) => isWithin(target, place))) return false;
  if (isBeside) return from.sees !== undefined || from.path !== "pods/";
  if (!("floor" in to)) return from.sees !== undefined;
  if (to.seenBy && !to.seenBy.includes(from.path)) return false;
  return to.floor < from.floor;
}

function reason(from: Place | Omit<Place, "floor">, to: typeof from): string {
  if (from.sees) return `it sees ${from.sees.join(" and ")} only`;
  if (!("floor" in to)) return `nothing in the house knows ${to.path}`;
  if (to.seenBy) return `${to.path} is seen by ${[...to.seenBy, "tests"].join(", ")} only`;
  const floor = "floor" in from ? from.floor : Infinity;
  return to.floor === floor
    ? `both stand on floor ${floor} and do not know each other`
    : `floor ${floor} is below floor ${to.floor}`;
}

function advice(from: Place | Omit<Place, "floor">, to: typeof from): string {
  if (from.path === "cli/") return "Offer it in runtime/mod.ts and take it from there.";
  if (to.path === "runtime/adapters/") {
    return "Take it as an argument of a type in runtime/ports/; main.ts passes the adapter in.";
  }
  if (BESIDE.some(({ path }) => path === from.path)) {
    return "Copy what is needed, or put it in wit/.";
  }
  if ("floor" in from && "floor" in to && from.floor === to.floor) {
    return "Describe what is needed as an interface in runtime/ports/; runtime/periphery.ts joins them.";
  }
  return "Move the needed part down, or pass it in from above.";
}
