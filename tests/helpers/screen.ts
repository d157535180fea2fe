/**
 * Commands of pods and what a person sees of them.
 *
 * @module
 */

import { decodeUtf8 } from "../../runtime/model/bytes.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { parsePodName } from "../../runtime/model/words.ts";
import type { GuestRun } from "./guest.ts";
import { ALICE, World } from "./world.ts";

/** Everything a command wrote, and its exit code once it has one. */
export class Screen {
  text = "";
  code: number | undefined;
  error: PeriError | undefined;

  write(_: 1 | 2, data: Uint8Array): void {
    this.text += decodeUtf8(data);
  }
}

/** Runs the command of the pod `counter` on a screen. */
export async function visit(
  world: World,
  argv: readonly string[],
  more: { input?: AsyncIterable<Uint8Array>; signal?: AbortSignal } = {},
): Promise<Screen> {
  const ref = { person: ALICE, pod: parsePodName("counter") };
  const screen = new Screen();
  const session = { terminal: false, write: screen.write.bind(screen), ...more };
  await world.rest();
  world.supervisor.faces.run(ref, argv, session).then(
    (code) => screen.code = code,
    (error) => screen.error = error,
  );
  return screen;
}

/** For `World.until`: the command has ended. */
export function isOver(screen: Screen): () => boolean {
  return () => screen.code !== undefined || screen.error !== undefined;
}

/** The words of the command that a guest runs. */
export function words(run: GuestRun): readonly string[] {
  return run.args[0] as string[];
}
