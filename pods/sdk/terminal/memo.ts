/**
 * What plain functions have said of texts lately: most of a screen is as it was at the last key, and
 * looking through letters is slow in a pod. Nobody can tell whether it was remembered.
 *
 * @module
 */

/** Values by text, up to so many characters of texts; then it begins anew. */
export class Memo<Value> {
  readonly #values = new Map<string, Value>();
  #room: number;

  constructor(private readonly maxCharacters: number) {
    this.#room = maxCharacters;
  }

  /** The value of a text, which `make` gives when it is not known. */
  of(text: string, make: (text: string) => Value): Value {
    const known = this.#values.get(text);
    if (known !== undefined) return known;
    const made = make(text);
    this.#room -= text.length + 8;
    if (this.#room < 0) {
      this.#values.clear();
      this.#room = this.maxCharacters;
    }
    this.#values.set(text, made);
    return made;
  }
}
