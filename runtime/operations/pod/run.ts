/**
 * `pod.run` and `pod.complete`: a pod's own words on the command line.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
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
    // Nobody has held it against the face's type.
    if (!Array.isArray(words)) throw noWords(words);
    for (const word of words) if (typeof word === "string") session.item({ word });
    return 0;
  };
}

function noWords(result: unknown): PeriError {
  const subject = `the pod returned ${JSON.stringify(result).slice(0, 80)}, not a list of words`;
  return new PeriError("invalid", { op: "complete a command", subject });
}
