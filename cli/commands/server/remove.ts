/** `peri server remove`. @module */

import { command } from "../../command.ts";
import { forget } from "../../far.ts";
import { printLine } from "../../output.ts";

export default command({
  about: "Forget a server elsewhere and its host key",
  arguments: [{ name: "server", about: "A server that you have met" }],
  async run(context, _flags, name) {
    const far = await context.far();
    await far.write(await forget(far, name!));
    await printLine(context.streams.stdout, `forgot ${name}; what is on it stays`);
    return 0;
  },
});
