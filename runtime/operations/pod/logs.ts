/**
 * `pod.logs`: what a pod has to say of itself.
 *
 * @module
 */

import { MAX_POD_LOG_LINES } from "../../model/limits.ts";
import type { Operation } from "../../ports/session.ts";
import type { LogLine } from "../../supervisor/mod.ts";
import type { Home } from "../home.ts";
import { podOf, switchOf } from "../wishes.ts";

/** `{pod, follow?}` → one record a line: `{number, atMs, level, line}`. Following ends by interrupt. */
export function showLogs({ supervisor }: Pick<Home, "supervisor">): Operation {
  return async (args, session) => {
    const { residents, logs } = supervisor;
    const { ref } = residents.get(podOf(args, session));
    const show = ({ number, atMs, level, text }: LogLine) =>
      session.item({ number, atMs, level, line: text });
    if (!switchOf(args, "follow")) {
      for (const line of await logs.read(ref, MAX_POD_LOG_LINES)) show(line);
      return 0;
    }
    const followed = logs.follow(ref, MAX_POD_LOG_LINES, session.interrupted);
    for await (const line of followed) show(line);
    return 0;
  };
}
