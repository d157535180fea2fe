/**
 * `pod.terminal`: the screens of a pod, or those where a person chooses one of theirs.
 *
 * @module
 */

import type { Screens } from "../../gate/ssh/terminal.ts";
import { HomeScreen, type Shown } from "../../gate/terminal/home.ts";
import { Left, type Program, Sitting } from "../../gate/terminal/serve.ts";
import { PeriError, toPeriError } from "../../model/errors.ts";
import { parseColours, parseFrame, seatOf, TERMINAL_FACE } from "../../model/terminal.ts";
import { type Fingerprint, parsePodName, type PodName, type PodRef } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import { COMMAND_FACE, SERVER_POD } from "../../supervisor/mod.ts";
import type { Home } from "../home.ts";
import { actorOf, optionalTextOf, wordsOf } from "../wishes.ts";

type Parts = Pick<Home, "supervisor" | "clock">;

/** Exit code of who left with Ctrl-C: 128 and SIGINT. */
const INTERRUPTED = 130;

/**
 * `{pod?, argv, columns, rows, colours}` with keys as standard input and a terminal as standard output
 * → the exit code. Without a pod: the person's pods, to go in.
 */
export function showTerminal(home: Parts): Operation {
  return async (args, session) => {
    const person = actorOf(session);
    const pod = optionalTextOf(args, "pod");
    const argv = wordsOf(args, "argv");
    const name = pod === undefined ? undefined : parsePodName(pod);
    const program = name && programOf(home, { person, pod: name });
    const seat = seatOf(args.columns, args.rows, parseColours(args.colours));
    const write = async (bytes: Uint8Array) => {
      session.write(1, bytes);
      await session.flush();
    };
    const tty = { input: session.input, gone: session.interrupted, write };
    const sitting = new Sitting(tty, home.clock, seat);
    try {
      return program === undefined
        ? await goAround(sitting, home, person)
        : await sitting.run(program, argv);
    } catch (thrown) {
      if (thrown instanceof Left) return INTERRUPTED;
      throw thrown;
    } finally {
      await sitting.leave();
    }
  };
}

/** What the SSH port asks before it shows any. */
export function screensOf({ supervisor: { faces } }: Pick<Home, "supervisor">): Screens {
  return {
    has: (person, pod) => faces.has({ person, pod }, TERMINAL_FACE),
    async verbs(person, pod) {
      if (!faces.has({ person, pod }, COMMAND_FACE)) return [];
      const verbs = await faces.call({ person, pod }, COMMAND_FACE, "verbs", []);
      return Array.isArray(verbs) ? verbs.flatMap((verb) => nameOf(verb)) : [];
    },
  };
}

function nameOf(verb: unknown): string[] {
  const { name } = Object(verb) as { readonly name?: unknown };
  return typeof name === "string" ? [name] : [];
}

/** From the person's pods into one, and back, until they have enough. */
async function goAround(sitting: Sitting, home: Parts, person: Fingerprint): Promise<number> {
  const screen = new HomeScreen(() => podsOf(home, person));
  for (;;) {
    await sitting.run(screen, []);
    const { chosen } = screen;
    if (chosen === undefined) return 0;
    try {
      await sitting.run(programOf(home, { person, pod: chosen }), []);
    } catch (thrown) {
      if (thrown instanceof Left) throw thrown;
      // A pod that breaks is one of several.
      screen.say(toPeriError(thrown, "show a terminal").message);
    }
  }
}

function podsOf({ supervisor }: Parts, person: Fingerprint): Shown[] {
  const own = supervisor.list().filter(({ ref }) =>
    ref.person === person && ref.pod !== SERVER_POD
  );
  return own.map(({ ref, about, status }) => ({
    name: ref.pod,
    about,
    state: status.state,
    hasTerminal: supervisor.faces.has(ref, TERMINAL_FACE),
  }));
}

/** @throws {PeriError} `not-found`, `missing-implementation` when it has no screens. */
function programOf({ supervisor: { faces, residents } }: Parts, ref: PodRef): Program {
  residents.get(ref);
  if (!faces.has(ref, TERMINAL_FACE)) throw noScreens(ref.pod);
  return {
    name: ref.pod,
    show: async (seat, view, inputs, signal) => {
      const args = [seat, view, inputs];
      return parseFrame(await faces.call(ref, TERMINAL_FACE, "show", args, signal), seat);
    },
    watch: (changed) => faces.watch(ref, changed),
  };
}

function noScreens(pod: PodName): PeriError {
  return new PeriError("missing-implementation", {
    op: "show a terminal",
    subject: `the pod ${pod} has no ${TERMINAL_FACE}`,
    hint: `peri ${pod} help shows its words`,
  });
}
