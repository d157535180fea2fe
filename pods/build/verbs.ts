/**
 * Verbs of the command line, made from methods: what is a word, what a flag, what takes the rest.
 *
 * @module
 */

import type { CanonicalType } from "../../wit/types.ts";
import { placeholderOf } from "../sdk/verbs/values.ts";
import { HELP, JSON_FLAG, OF } from "../sdk/verbs/words.ts";
import type { VerbParam, VerbShape } from "../sdk/shape.ts";
import type { FunctionModel, ParamModel, PodModel } from "./model.ts";
import { firstLine } from "./read/docs.ts";
import { kebabOf } from "./read/names.ts";
import type { Refused } from "./read/refusals.ts";

/** Flags that every verb may have. */
const COMMON: ReadonlySet<string> = new Set([OF, JSON_FLAG, HELP]);

/** Words that are no verbs of a pod. */
const KEPT = new Set(["help"]);

/** Verbs, and what is wrong with their names. */
export interface PlannedVerbs {
  readonly verbs: readonly VerbShape[];
  readonly refused: readonly Refused[];
}

/** A method that becomes a verb. */
interface Wanted {
  readonly field: string;
  readonly method: FunctionModel;
  readonly remote: boolean;
}

/**
 * The verbs of a pod: its own functions, its commands, then the functions of its further
 * capabilities. A command takes the place of a function of the same name; a further capability's
 * function whose name is taken is called `<field>-<name>`.
 */
export function planVerbs({ offers, commands }: PodModel): PlannedVerbs {
  const wanted = (
    field: string,
    hidden: boolean,
    methods: readonly FunctionModel[],
    remote: boolean,
  ) =>
    hidden
      ? []
      : methods.filter((method) => !method.hidden).map((method) => ({ field, method, remote }));
  const all = offers.flatMap(({ field, hidden, part }) =>
    wanted(field, hidden, part.methods, true)
  );
  const byCommands = commands.flatMap(({ field, hidden, part }) =>
    wanted(field, hidden, part, false)
  );
  const commanded = new Set(byCommands.map(({ method }) => method.name));
  const own = all.filter(({ field, method }) => field === "" && !commanded.has(method.name));
  const verbs = new Map<string, VerbShape>();
  const refused: Refused[] = [];
  for (const one of [...own, ...byCommands, ...all.filter(({ field }) => field !== "")]) {
    const name = nameOf(one, verbs);
    const verb = verbOf(one, name, refused);
    if (!verbs.has(name) && !KEPT.has(name)) verbs.set(name, verb);
    else {
      const what = `two verbs are called ${name}, or the SDK keeps that word`;
      refused.push({ ...one.method.at, what, instead: "rename the method, or tag it @hidden" });
    }
  }
  return { verbs: [...verbs.values()], refused };
}

function nameOf({ field, method, remote }: Wanted, verbs: ReadonlyMap<string, VerbShape>): string {
  const isTaken = remote && field !== "" && (verbs.has(method.name) || KEPT.has(method.name));
  return isTaken ? `${kebabOf(field)}-${method.name}` : method.name;
}

function verbOf({ field, method, remote }: Wanted, name: string, refused: Refused[]): VerbShape {
  const params = sorted(paramsOf(method, refused));
  const isRest = method.params.at(-1)?.rest === true;
  return {
    name,
    method: method.method,
    field,
    about: firstLine(method.about),
    params,
    ...isRest && { rest: true as const },
    ...method.verbatim && { verbatim: true as const },
    ...method.alone && { alone: true as const },
    result: method.type.result,
    remote,
    usage: (method.verbatim ? params.toSorted(flagsFirst) : params).map(usageOf).join(" "),
  };
}

/** A part of the arguments before it is known how it is written. */
interface Piece {
  readonly name: string;
  readonly type: CanonicalType;
  readonly about: string;
  readonly optional: boolean;
  readonly path: readonly string[];
  /** It never takes more than one word. */
  readonly word: boolean;
  readonly complete?: string;
}

function paramsOf(method: FunctionModel, refused: Refused[]): VerbParam[] {
  const pieces = distinct(method.params, method.params.map(piecesOf));
  const rest = restOf(method, pieces);
  const before = wordsBefore(method, pieces);
  const params = pieces.map(({ word: _, ...piece }, at): VerbParam => ({
    ...piece,
    kind: pieces[at] === rest ? "rest" : at >= before ? "positional" : kindOf(pieces[at]!),
    optional: piece.optional || pieces[at] === rest && piece.type !== "string",
  }));
  const seen = new Set<string>();
  for (const param of params) {
    const { name } = param;
    if (seen.has(name) || isFlag(param) && COMMON.has(name)) {
      const what = seen.has(name)
        ? `two arguments of ${method.method} are called --${name}`
        : `${method.method} has the flag --${name}, which every verb has`;
      refused.push({ ...method.at, what, instead: `rename ${name}, or tag the method @hidden` });
    }
    seen.add(name);
  }
  return params;
}

/** The fields of a record are written one by one, other parameters as they are. */
function piecesOf(param: ParamModel, at: number): Piece[] {
  const { name, about, complete, optional } = param;
  const type = plainType(param.type);
  const head = { about: firstLine(about), ...complete !== undefined && { complete } };
  const whole: Piece = { name, type, optional, path: [String(at)], word: param.word, ...head };
  if (typeof type === "string" || !("record" in type) || param.rest) return [whole];
  const fields = type.record.map(([field, of]): Piece => ({
    name: field,
    type: plainType(of),
    about: firstLine(param.fields.get(field) ?? ""),
    optional: isOption(of),
    path: [String(at), field],
    word: false,
  }));
  // What may be missing as a whole, and not in parts, is written as a whole.
  return optional && fields.some((field) => !field.optional) ? [whole] : fields;
}

/** Fields whose names are taken get the parameter's before theirs. */
function distinct(
  params: readonly ParamModel[],
  groups: readonly (readonly Piece[])[],
): Piece[] {
  const counts = new Map<string, number>();
  for (const { name } of groups.flat()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return groups.flatMap((group, at) =>
    group.map((piece) => {
      const isTaken = piece.path.length > 1 && counts.get(piece.name)! > 1;
      return isTaken ? { ...piece, name: `${params[at]!.name}-${piece.name}` } : piece;
    })
  );
}

/** The piece that takes all further words: a last list, or else a last text. */
function restOf({ params }: FunctionModel, pieces: readonly Piece[]): Piece | undefined {
  const last = pieces.at(-1);
  if (last === undefined) return undefined;
  const isList = last.path.length === 1 && isWords(last.type);
  if (isList && (params.at(-1)!.rest || !last.optional)) return last;
  const word = pieces.filter((piece) => kindOf(piece) === "positional").at(-1);
  return word?.type === "string" && !word.word ? word : undefined;
}

/** Where the optional words begin that further ones follow: `add` in `group band add bob carol`. */
function wordsBefore({ params }: FunctionModel, pieces: readonly Piece[]): number {
  let at = pieces.length;
  if (params.at(-1)?.rest !== true) return at;
  while (at >= 2 && isWord(pieces[at - 2]!)) at--;
  return at - 1;
}

/** Whether a piece is an optional word in its own right. */
function isWord({ type, optional, path }: Piece): boolean {
  return optional && path.length === 1 && type !== "bool" &&
    (typeof type === "string" || "enum" in type);
}

function kindOf({ type, optional }: Piece): VerbParam["kind"] {
  const isScalar = typeof type === "string" || "enum" in type || "list" in type && !isWords(type);
  if (isScalar && !optional) return "positional";
  return type === "bool" ? "switch" : "flag";
}

function sorted(params: readonly VerbParam[]): VerbParam[] {
  return [...params.filter((param) => !isFlag(param)), ...params.filter(isFlag)];
}

function flagsFirst(a: VerbParam, b: VerbParam): number {
  return Number(isFlag(b)) - Number(isFlag(a));
}

function isFlag({ kind }: VerbParam): boolean {
  return kind === "flag" || kind === "switch";
}

function usageOf({ name, kind, type, optional }: VerbParam): string {
  if (kind === "positional" && !optional) return `<${name}>`;
  if (kind === "positional") {
    return typeof type === "string" ? `[${name}]` : `[${placeholderOf(type)}]`;
  }
  if (kind === "rest") return optional || type !== "string" ? `[${name}…]` : `<${name}…>`;
  const flag = kind === "switch" ? `--${name}` : `--${name} ${placeholderOf(type)}`;
  return optional ? `[${flag}]` : flag;
}

function plainType(type: CanonicalType): CanonicalType {
  return typeof type !== "string" && "option" in type ? type.option : type;
}

function isOption(type: CanonicalType): boolean {
  return typeof type !== "string" && "option" in type;
}

/** Whether a type is a list of more than bytes. */
function isWords(type: CanonicalType): boolean {
  return typeof type !== "string" && "list" in type && type.list !== "u8";
}
