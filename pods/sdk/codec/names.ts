/**
 * Names on the wire are kebab case, names in TypeScript camel case; one comes from the other.
 *
 * @module
 */

/** `find-all` as TypeScript writes it: `findAll`. */
export function camelOf(name: string): string {
  return name.replace(/-([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
}

/** `findAll` as it travels: `find-all`; what is kebab case already stays as it is. */
export function kebabOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `NoSuchPlace` or `find-all` as words: `no such place`. */
export function wordsOf(name: string): string {
  return kebabOf(name).replace(/^-/, "").replaceAll("-", " ");
}
