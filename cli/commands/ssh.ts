/** `peri ssh`, as far as help goes: its words are not peri's, and `dispatch.ts` passes them on. @module */

import { command } from "../command.ts";
import { runSsh } from "../ssh.ts";

export default command({
  about: "Go to a server by SSH, with a token of yours",
  details: "peri ssh [-t] [POD@]SERVER [words …]. SERVER is one that you have met, or host:port, " +
    "which you meet now: its host key is shown and pinned. The token is signed by your key, good " +
    "for a minute, once, and there alone; with an agent that holds your SSH key none is needed. " +
    "peri ssh --token SERVER prints one, to be pasted where ssh asks for it. peri ssh POD shows the " +
    "terminal of a pod on this computer, peri ssh alone your pods.",
  arguments: [{ name: "word", about: "[POD@]SERVER and what to do there", count: "many" }],
  run: (context, _flags, ...words) => runSsh(words, context),
});
