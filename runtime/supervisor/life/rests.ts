/**
 * Started pods without work. Each costs memory for as long as it stays started, so only so many
 * do: when one more comes to rest, the one that has rested longest is put to sleep.
 *
 * @module
 */

/** The pods of a server that rest, the one that has rested longest first. */
export class Rests {
  readonly #most: number;
  readonly #resting = new Set<AbortController>();

  /** @param most pods that may rest */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many rest. */
  get count(): number {
    return this.#resting.size;
  }

  /**
   * A pod comes to rest.
   *
   * @param rest aborted when the pod is to sleep; who has work by then need not heed it
   * @returns ends the rest, as soon as there is work or it has slept enough
   */
  begin(rest: AbortController): () => void {
    this.#resting.add(rest);
    if (this.#resting.size > this.#most) {
      const [longest] = this.#resting;
      this.#resting.delete(longest!);
      longest!.abort();
    }
    return () => this.#resting.delete(rest);
  }
}
