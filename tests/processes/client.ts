/**
 * A person's end of the control socket, without a command line that has to start.
 *
 * @module
 */

import { runSession } from "../../cli/session.ts";
import { dialControl } from "../../runtime/adapters/control_line.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { controlSocket } from "../../runtime/model/home.ts";
import type { Person } from "../../tools/demo/person.ts";

/** How a command of a pod ended. */
export interface Said {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Why there is no exit code of the pod's own. */
  readonly error?: PeriError;
}

/** Runs a command of a pod on a running server to its end. @throws {PeriError} `unreachable`. */
export async function talk(person: Person, argv: readonly string[]): Promise<Said> {
  const line = await dialControl(controlSocket(person.home));
  if (line === undefined) {
    const subject = `${person.name}'s server does not run`;
    throw new PeriError("unreachable", { op: "talk to a pod", subject });
  }
  const said = { 1: "", 2: "" };
  const decoder = new TextDecoder();
  const [pod, ...rest] = argv;
  const open = { operation: "pod.run", arguments: { pod: pod!, argv: rest }, terminal: false };
  const end = (exitCode: number) => ({ exitCode, stdout: said[1], stderr: said[2] });
  try {
    return end(
      await runSession(line, open, {
        item: () => {},
        note: () => {},
        output: (fd, bytes) => void (said[fd] += decoder.decode(bytes)),
        ask: () => Promise.reject(new Error("nobody answers questions here")),
      }),
    );
  } catch (error) {
    if (!(error instanceof PeriError) || error.kind === "unreachable") throw error;
    return { ...end(error.exitCode), error };
  }
}

/** Runs a command of a pod on a running server; its standard output. @throws when it fails. */
export async function askPod(person: Person, argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr, error } = await talk(person, argv);
  if (exitCode === 0) return stdout;
  throw new Error(`${argv.join(" ")} ended with ${exitCode}: ${stderr}`, { cause: error });
}

/** A letter as `peri hey list --json` tells of it. */
export interface Letter {
  readonly n: number;
  readonly start: string;
  /** Of those that were sent. */
  readonly fate?: "waiting" | "delivered" | "failed";
}

/** The letters that came, or were sent, oldest first. */
export async function letters(person: Person, ...flags: readonly string[]): Promise<Letter[]> {
  const text = await askPod(person, ["hey", "list", "--all", "--json", ...flags]);
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line)).reverse();
}
