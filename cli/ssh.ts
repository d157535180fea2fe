/**
 * `peri ssh [POD@]SERVER words…`: the system's ssh, with a token and the host key that was pinned; and
 * `peri ssh POD`, for which no ssh is needed.
 *
 * @module
 */

import { PeriError } from "../runtime/model/errors.ts";
import { findServer } from "../runtime/model/ssh/servers.ts";
import { GIVE_BACK_TERMINAL } from "../runtime/model/terminal.ts";
import type { Context } from "./context.ts";
import { meet, tokenFor, wayTo } from "./far.ts";
import { podNames } from "./lookup.ts";
import { printLine } from "./output.ts";
import { isAtTerminal, runTerminal } from "./terminal.ts";

/** Flags that go on to ssh. */
const PASSED = new Set(["-t", "-T", "-n", "-v"]);
/** The user name that names no pod. */
const NOBODY = "peri";
/** Exit code of ssh when the connection is gone, or was none. */
const TORN = 255;

/**
 * Runs `ssh`. Resolves to its exit code, which is that of the command.
 *
 * @param argv what follows `peri ssh`
 * @throws {PeriError} as {@link meet}, and whatever keeps the person's key from signing.
 */
export async function runSsh(argv: readonly string[], context: Context): Promise<number> {
  const at = argv.findIndex((word) => !word.startsWith("-"));
  const flags = at === -1 ? argv : argv.slice(0, at);
  if (argv.length === 0 && isAtTerminal(context)) return await runTerminal(undefined, [], context);
  const wrong = flags.find((flag) => flag !== "--token" && !PASSED.has(flag));
  if (at === -1 || wrong !== undefined) {
    const subject = wrong === undefined ? "no server is named" : `it takes no ${wrong}`;
    throw new PeriError("invalid", { op: "run peri ssh", subject, hint: hintFor(wrong) });
  }
  const [user, name] = divide(argv[at]!);
  const far = await context.far();
  const known = findServer(await far.read(), name);
  if (known === undefined && await isOwnPod(argv[at]!, context)) {
    return await runTerminal(name, argv.slice(at + 1), context);
  }
  const server = known ?? await meet(context, name, { yes: false });
  if (flags.includes("--token")) {
    await printLine(context.streams.stdout, await tokenFor(context, server));
    return 0;
  }
  const way = await wayTo(context, server);
  const code = await far.run(server, way, user, flags, argv.slice(at + 1).map(quote));
  // Nobody is left at the other end who would.
  if (code === TORN && isAtTerminal(context)) {
    await context.streams.stdout.write(new TextEncoder().encode(GIVE_BACK_TERMINAL));
  }
  return code;
}

/** A word that could be no host, and is a pod of the server of this computer. */
async function isOwnPod(target: string, context: Context): Promise<boolean> {
  return /^[a-z][a-z0-9-]*$/.test(target) && (await podNames(context)).includes(target);
}

/** What is typed in place of a flag of ssh. */
function hintFor(flag: string | undefined): string {
  if (flag?.startsWith("-p")) return "the port stands behind the server: peri ssh HOST:PORT";
  if (flag?.startsWith("-l")) return "the pod stands before the server: peri ssh POD@SERVER";
  return "peri ssh --help says what it takes; peri server list shows your servers";
}

/** `hey@host` in two; the user name may be left out. */
function divide(target: string): readonly [user: string, server: string] {
  const at = target.lastIndexOf("@");
  return at > 0 ? [target.slice(0, at), target.slice(at + 1)] : [NOBODY, target.slice(at + 1)];
}

/** ssh puts the words together, and the server divides them again: each stays the one it was. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
