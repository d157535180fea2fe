/**
 * Doc comments.
 *
 * @module
 */

import ts from "typescript";

/** Longest text of one comment that is kept, in UTF-16 units. */
const MAX_TEXT = 4_000;

/** What the comment above something says. */
export interface Said {
  /** Without its tags. */
  readonly about: string;
  /** Of parameters, by name. */
  readonly params: ReadonlyMap<string, string>;
  readonly throws: readonly { readonly type: ts.TypeNode; readonly about: string }[];
  /** Other tags with their texts. */
  readonly tags: readonly { readonly name: string; readonly text: string; readonly at: ts.Node }[];
}

/** Reads the doc comments of a declaration. */
export function docsOf(node: ts.Node): Said {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const params = new Map<string, string>();
  const throws: { type: ts.TypeNode; about: string }[] = [];
  const tags: { name: string; text: string; at: ts.Node }[] = [];
  for (const tag of comments.flatMap(({ tags }) => [...tags ?? []])) {
    const text = textOf(tag.comment);
    if (ts.isJSDocParameterTag(tag)) params.set(tag.name.getText(), text);
    else if (ts.isJSDocThrowsTag(tag)) {
      if (tag.typeExpression) throws.push({ type: tag.typeExpression.type, about: text });
    } else tags.push({ name: tag.tagName.text, text, at: tag });
  }
  return {
    about: comments.map(({ comment }) => textOf(comment)).join("\n").trim(),
    params,
    throws,
    tags,
  };
}

/** The text of a comment above a field or type. */
export function aboutOf(node: ts.Node): string {
  return docsOf(node).about;
}

/** The first sentence or line, on one line. */
export function firstLine(text: string): string {
  const [paragraph = ""] = text.split(/\n\s*\n/);
  const line = paragraph.replace(/\s+/g, " ").trim();
  return /^.*?[.!?](?= |$)/.exec(line)?.[0] ?? line;
}

function textOf(comment: string | ts.NodeArray<ts.JSDocComment> | undefined): string {
  const text = ts.getTextOfJSDocComment(comment) ?? "";
  return text.replace(/^- /, "").split("\n").map((line) => line.trim()).join("\n").trim()
    .slice(0, MAX_TEXT);
}
