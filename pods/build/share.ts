/**
 * JSON values as JavaScript in which equal parts are one object: shapes repeat their types, and
 * every object of a component's start is memory of each of its instances.
 *
 * @module
 */

/** Shortest JSON text of a part that is worth a name. */
const MIN_SHARED = 32;

/** A value as an expression, and the constants that must stand before it. */
export interface SharedText {
  readonly constants: readonly string[];
  readonly expression: string;
}

/**
 * The JavaScript of a JSON value.
 *
 * @param prefix of the constants' names
 */
export function shareText(value: unknown, prefix: string): SharedText {
  const counts = new Map<string, number>();
  countParts(value, counts);
  const names = new Map<string, string>();
  const constants: string[] = [];
  const textOf = (part: unknown): string => {
    const json = JSON.stringify(part);
    if (typeof part !== "object" || part === null) return json;
    const known = names.get(json);
    if (known !== undefined) return known;
    const text = Array.isArray(part)
      ? `[${part.map(textOf).join(",")}]`
      : `{${
        Object.entries(part).filter(([, of]) => of !== undefined)
          .map(([key, of]) => `${JSON.stringify(key)}:${textOf(of)}`).join(",")
      }}`;
    if (counts.get(json)! < 2 || json.length < MIN_SHARED) return text;
    const name = `${prefix}${names.size}`;
    names.set(json, name);
    constants.push(`const ${name} = ${text};`);
    return name;
  };
  const expression = textOf(value);
  return { constants, expression };
}

/** Counts equal parts; what is inside of equal ones is counted once. */
function countParts(value: unknown, counts: Map<string, number>): void {
  if (typeof value !== "object" || value === null) return;
  const json = JSON.stringify(value);
  const count = counts.get(json) ?? 0;
  counts.set(json, count + 1);
  if (count === 0) { for (const part of Object.values(value)) countParts(part, counts); }
}
