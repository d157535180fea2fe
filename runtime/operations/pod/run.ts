/**
 * `pod.run` and `pod.complete`: a pod's own words on the command line.
 *
 * @module
 */

import type { Operation } from "../../ports/session.ts";
import { COMMAND_FACE } from "../../supervisor/mod.ts";
import type { Home } from "../home.ts";
import { podOf, wordsOf } from "../wishes.ts";

/** `{pod, argv}` with streams → the pod's exit code. */
export function runPod({ supervisor }: Pick<Home, "supervisor">): Operation {
  return (args, session) =>
    supervisor.faces.run(podOf(args, session), wordsOf(args, "argv"), {
      terminal: session.terminal,
      input: session.input,
      signal: session.interrupted,
      write: (fd, data) => session.write(fd, data),
    });
}

/** `{pod, argv}` → one record `{word}` for each word that may stand last. */
export function completePod({ supervisor }: Pick<Home, "supervisor">): Operation {
  return async (args, session) => {
    const argv = wordsOf(args, "argv");
    const words = await supervisor.faces.call(podOf(args, session), COMMAND_FACE, "complete", [
      argv,
    ]);
    for (const word of words as readonly string[]) session.item({ word });
    return 0;
  };
}
