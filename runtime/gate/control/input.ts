/**
 * Standard input of a session: pieces come in from the connection, one reader takes them out.
 *
 * @module
 */

/** Bytes held for a reader that is slow; the connection is not read further over it. */
const MAX_HELD_BYTES = 1024 * 1024;

/** A queue of pieces that pushes back. */
export class Input implements AsyncIterable<Uint8Array> {
  #pieces: Uint8Array[] = [];
  #held = 0;
  #ended = false;
  #changed = Promise.withResolvers<void>();

  /** Adds a piece; an empty one ends the input. Resolves when there is room for more. */
  async push(piece: Uint8Array): Promise<void> {
    if (this.#ended) return;
    if (piece.length === 0) return this.end();
    this.#pieces.push(piece);
    this.#held += piece.length;
    this.#change();
    while (this.#held > MAX_HELD_BYTES && !this.#ended) await this.#changed.promise;
  }

  /** No more pieces come. */
  end(): void {
    this.#ended = true;
    this.#change();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#held -= piece.length;
        this.#change();
        yield piece;
      } else if (this.#ended) {
        return;
      } else {
        await this.#changed.promise;
      }
    }
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
