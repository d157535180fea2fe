/** `peri mount`. @module */

import { PeriError } from "../../runtime/model/errors.ts";
import { hostKeyOf, type KnownServer, parseSshAddress } from "../../runtime/model/ssh/servers.ts";
import { command, toggle } from "../command.ts";
import type { Context } from "../context.ts";
import { wayTo } from "../far.ts";
import { gather, podNames } from "../lookup.ts";
import { printLine } from "../output.ts";

export default command({
  about: "Show a pod's files in a folder of this computer",
  details:
    "peri mount hey ~/hey shows them, with sshfs, until peri mount --off ~/hey or until the " +
    "server ends. Every editor and program can use them; what is saved is told to the pod at once, " +
    "and what it refuses is an error of the editor. With --on SERVER those of a pod elsewhere. " +
    "Without a folder it is one of the pod's name in your home.",
  flags: { off: toggle("Take the folder off again") },
  arguments: [
    { name: "pod", about: "Whose files; with --off the folder", complete: podNames },
    { name: "folder", about: "Where; an empty one, or none yet", count: "optional" },
  ],
  async run(context, { off }, pod, folder) {
    const far = await context.far();
    const at = folderOf(context, off ? folder ?? pod! : folder ?? `~/${pod}`);
    if (off) {
      await far.unmount(at);
      return 0;
    }
    const server = context.at ?? await serverHere(context);
    if (!(await podNames(context)).includes(pod!)) {
      const hint = "peri pod list shows your pods";
      throw new PeriError("not-found", {
        op: "mount files",
        subject: `no pod is called ${pod}`,
        hint,
      });
    }
    await far.mount(server, await wayTo(context, server), pod!, at);
    await printLine(context.streams.stdout, `${pod} is in ${at}; peri mount --off ${at}`);
    return 0;
  },
});

/** `~/` is the person's home, where no shell has said so. */
function folderOf({ env }: Context, said: string): string {
  const home = env("HOME");
  return said.startsWith("~/") && home ? `${home}/${said.slice(2)}` : said;
}

/** The SSH port of the server on this computer. */
async function serverHere(context: Context): Promise<KnownServer> {
  const line = await context.dial();
  const [status] = line === undefined ? [] : await gather(line, "status", {});
  const ssh = status?.ssh as { address?: string; knownHosts?: string } | undefined;
  if (ssh?.address !== undefined && ssh.knownHosts !== undefined) {
    const { host, port } = parseSshAddress(ssh.address);
    return { name: "here", host: own(host), port, hostKey: hostKeyOf(ssh.knownHosts) };
  }
  throw new PeriError("unreachable", {
    op: "mount files",
    subject: status === undefined ? "no server runs here" : "the server here has no SSH port",
    hint: status === undefined
      ? "peri serve; for one elsewhere peri mount --on SERVER …"
      : "peri serve --ssh 127.0.0.1:2222, or ssh in its configuration",
  });
}

/** An address that means all of this computer is no address to go to. */
function own(host: string): string {
  return host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
}
