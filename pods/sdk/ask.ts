/**
 * Asking several pods at once, and taking what comes when it comes.
 *
 * @module
 */

import { Refusal } from "./refusal.ts";

/** What became of asking one of several. */
export type Told<Whom, Value> =
  | { readonly of: Whom; readonly ok: Value; readonly error?: undefined }
  | { readonly of: Whom; readonly ok?: undefined; readonly error: Refusal };

/**
 * Asks all at once and gives what becomes of each, in the order in which it comes. Who refuses, does
 * not answer in time or has no such pod is an `error` beside the answers of the others:
 *
 * ```ts
 * const ask = (of: string) => this.peer({ of, deadlineMs: 5_000 }).count();
 * for await (const { of, ok, error } of askAll(friends, ask)) …
 * ```
 *
 * Whoever leaves the loop early hears nothing of the others; their calls are cancelled when the run
 * ends. The order survives a restart.
 *
 * @param ask called for each at once; a deadline for all is the same one for each
 * @throws what `ask` throws that is no {@link Refusal}, after what had come before.
 */
export async function* askAll<Whom, Value>(
  whom: Iterable<Whom>,
  ask: (of: Whom) => Promise<Value>,
): AsyncGenerator<Told<Whom, Value>, void> {
  const come: (Told<Whom, Value> | { readonly thrown: unknown })[] = [];
  let wake = () => {};
  let left = 0;
  const asking = async (of: Whom) => {
    try {
      come.push({ of, ok: await ask(of) });
    } catch (error) {
      come.push(error instanceof Refusal ? { of, error } : { thrown: error });
    }
    wake();
  };
  for (const of of whom) {
    left++;
    void asking(of);
  }
  for (; left > 0; left--) {
    if (come.length === 0) await new Promise<void>((resolve) => wake = resolve);
    const told = come.shift()!;
    if ("thrown" in told) throw told.thrown;
    yield told;
  }
}
