/**
 * Documentation of WIT as doc comments.
 *
 * @module
 */

/** A comment on one line with a blank behind it; empty without text. */
export function docText(text: string | undefined): string {
  return text === undefined ? "" : `/** ${escaped(text.replace(/\s+/g, " "))} */ `;
}

/** The lines of a comment. */
export function docLines(text: string, indent = ""): string[] {
  const lines = escaped(text).split("\n");
  if (lines.length === 1) return [`${indent}/** ${lines[0]} */`];
  return [
    `${indent}/**`,
    ...lines.map((line) => `${indent} * ${line}`.trimEnd()),
    `${indent} */`,
  ];
}

/**
 * Documentation of a function with the names that it has in TypeScript. What is thrown comes last
 * and in the order of the cases, which counts for the function's hash.
 *
 * @param params names of parameters by those in WIT
 * @param thrown classes of errors by their cases, in order
 */
export function nativeDocs(
  text: string,
  params: ReadonlyMap<string, string>,
  thrown: ReadonlyMap<string, string>,
): string {
  const abouts = new Map<string, string>();
  const kept = text.split(/^(?=@)/m).filter((part) => {
    const [, name = "", about = ""] = /^@throws ([a-z0-9-]+)\s*([^]*)$/i.exec(part) ?? [];
    if (thrown.has(name)) abouts.set(name, about.trim());
    return !thrown.has(name);
  });
  const said = kept.join("").trim().replace(/^@param ([a-z0-9-]+)/gim, (whole, name: string) => {
    const param = params.get(name);
    return param === undefined ? whole : `@param ${param}`;
  });
  const throws = [...thrown].map(([name, className]) =>
    `@throws {${className}} ${abouts.get(name) ?? ""}`.trimEnd()
  );
  return [said, ...throws].join("\n");
}

/** What is taken out goes first: it may stand between the two characters that end a comment. */
function escaped(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Bidi_Control}]/gu,
    (character) => character === "\n" ? "\n" : "",
  ).replaceAll("*/", "*\\/");
}
