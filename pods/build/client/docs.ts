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
 * Documentation of a function with the names that it has in TypeScript.
 *
 * @param rename names of parameters and errors; undefined for what is neither
 */
export function renamed(
  text: string,
  rename: (tag: "param" | "throws", name: string) => string | undefined,
): string {
  const tag = /^@(param|throws) ([a-z0-9-]+)/gim;
  return text.replace(tag, (whole, word: "param" | "throws", name: string) => {
    const native = rename(word, name);
    if (native === undefined) return whole;
    return word === "param" ? `@param ${native}` : `@throws {${native}}`;
  });
}

function escaped(text: string): string {
  return text.replaceAll("*/", "*\\/").replace(
    /[\p{Cc}\p{Bidi_Control}]/gu,
    (character) => character === "\n" ? "\n" : "",
  );
}
