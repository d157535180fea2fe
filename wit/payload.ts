/**
 * JSON texts from outside. Pure.
 *
 * @module
 */

/** The value of a JSON text that means the same to every reader, or what is wrong. Never throws. */
export function readJson(text: string): { readonly value: unknown } | { readonly error: string } {
  if (!text.isWellFormed()) return { error: "payload is not well-formed Unicode" };
  try {
    const value: unknown = JSON.parse(text);
    // Readers differ in which of two equal keys they believe.
    if (countMembers(text) !== countKeys(value)) return { error: "an object has a key twice" };
    return { value };
  } catch {
    return { error: "payload is not JSON" };
  }
}

/** Members of all objects of a valid JSON text: every one has a colon outside of texts. */
function countMembers(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === ":") count++;
    if (character !== '"') continue;
    for (at++; text[at] !== '"' && at < text.length; at++) if (text[at] === "\\") at++;
  }
  return count;
}

function countKeys(value: unknown): number {
  let count = 0;
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== "object" || next === null) continue;
    const parts = Object.values(next);
    if (!Array.isArray(next)) count += parts.length;
    for (const part of parts) open.push(part);
  }
  return count;
}
