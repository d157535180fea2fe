/**
 * Names of what a pod does later: parts of the keys of its errands, which tell one from another.
 *
 * @module
 */

const NAME = /^[a-zA-Z][a-zA-Z0-9-]{0,63}$/;

/** @throws {Error} for a text that is no such name. */
export function checkName(name: string, of: string): void {
  if (NAME.test(name)) return;
  throw new Error(`${JSON.stringify(name)} is no name of ${of}: it has letters, digits and -`);
}
