/**
 * Documentation in WIT texts. wasm-tools drops it, so it is read beside. Pure.
 *
 * @module
 */

/**
 * What is said of an interface, by what it is about: the empty text for the interface itself,
 * `leave` for a function or type, `letter.id` for a field or case.
 */
export type WitDocs = ReadonlyMap<string, string>;

/** What has no end goes to the end of the text, and names have bounds: no text takes long. */
const TOKEN =
  /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|->|@[a-z]{1,32}\([^)]*(?:\)|$)|[%A-Za-z0-9_.@:/-]{0,200}[A-Za-z0-9_]|[^\s]/g;

/** Words in front of the name of a type with members. */
const WITH_MEMBERS = new Set(["record", "variant", "enum", "flags", "resource"]);

/** Where the reader stands. */
interface Place {
  /** `peri:hey`, empty before the first. */
  packageName: string;
  /** Docs of the interface that is open. */
  docs: Map<string, string> | undefined;
  /** The type whose members are being read. */
  type: string | undefined;
  /** Braces inside of an interface. */
  depth: number;
}

/**
 * The documentation of every interface of a valid WIT text, by the interface's name without
 * version. Of a text that is not valid it gives something. Never throws.
 */
export function readDocs(source: string): Map<string, WitDocs> {
  const all = new Map<string, Map<string, string>>();
  const place: Place = { packageName: "", docs: undefined, type: undefined, depth: 0 };
  let said: string[] = [];
  for (const item of itemsOf(source)) {
    if (typeof item === "string") said.push(item);
    else {
      take(item, said.join("\n").trim(), place, all);
      said = [];
    }
  }
  return all;
}

/** Words up to the next `{`, `}`, `;` or `,` and what ended them; documentation as plain texts. */
interface Item {
  readonly words: readonly string[];
  readonly end: string;
}

function* itemsOf(source: string): Iterable<string | Item> {
  let words: string[] = [];
  let nested = 0;
  for (const [token] of source.matchAll(TOKEN)) {
    if (token.startsWith("//") || token.startsWith("/*")) {
      const text = docText(token);
      if (text !== undefined && words.length === 0) yield text;
      continue;
    }
    if (/^@[a-z]+\(/.test(token)) continue;
    if (token === "(" || token === "<") nested++;
    if (token === ")" || token === ">") nested--;
    const isEnd = token === "{" || token === "}" || token === ";" ||
      (token === "," && nested === 0);
    if (!isEnd) words.push(token);
    else {
      if (token === "}" && words.length > 0) yield { words, end: "," };
      yield { words: token === "}" ? [] : words, end: token };
      words = [];
      nested = 0;
    }
  }
}

/** The text of a documentation comment; undefined for other comments. */
function docText(token: string): string | undefined {
  if (token.startsWith("///")) return token.slice(3).replace(/^ /, "").trimEnd();
  if (!token.startsWith("/**") || token === "/**/") return undefined;
  return token.slice(3, -2).split("\n").map((line) => line.trim().replace(/^\* ?/, "")).join("\n");
}

function take(
  { words, end }: Item,
  said: string,
  place: Place,
  all: Map<string, Map<string, string>>,
): void {
  const [word = "", second = ""] = words;
  if (end === "}") return close(place);
  if (word === "package") place.packageName = plain(second);
  else if (place.docs !== undefined) takeInside(words, end, said, place);
  else if (word === "interface" && end === "{") {
    place.docs = new Map();
    all.set(`${place.packageName}/${plain(second)}`, place.docs);
    remember(place.docs, "", said);
  }
}

function takeInside(words: readonly string[], end: string, said: string, place: Place): void {
  const [word = "", second = ""] = words;
  const docs = place.docs!;
  if (end === "{") place.depth++;
  if (place.type !== undefined) return remember(docs, `${place.type}.${memberOf(word)}`, said);
  if (WITH_MEMBERS.has(word)) {
    if (end === "{") place.type = plain(second);
    return remember(docs, plain(second), said);
  }
  if (word === "use") return;
  remember(docs, word === "type" ? plain(second) : memberOf(word), said);
}

function close(place: Place): void {
  if (place.depth > 0) place.depth--;
  else place.docs = undefined;
  place.type = undefined;
}

function remember(docs: Map<string, string>, key: string, said: string): void {
  if (said !== "") docs.set(key, said);
}

/** A name without its escape and version. */
function plain(name: string): string {
  return name.replace(/^%/, "").replace(/@.*$/, "");
}

/** The name of a member or function, whatever follows it without a blank. */
function memberOf(word: string): string {
  return plain(word).replace(/:.*$/, "");
}
