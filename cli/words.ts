/**
 * The built-in words of `peri`, with what help says of them and where each is found. Only a table:
 * it is read at every start.
 *
 * @module
 */

import type { Command } from "./command.ts";

/** Loads one command. */
export type Loader = () => Promise<Command>;

/** A first word: a command, or a noun with verbs. */
export interface Word {
  readonly about: string;
  /** The command itself; absent for a noun. */
  readonly load?: Loader;
  /** Commands by verb; absent for a command. */
  readonly verbs?: Readonly<Record<string, Loader>>;
}

/**
 * Loads the default export of a file below `commands/`. The path is put together here so that the
 * start of `peri` does not read every command ahead: literal imports would be.
 */
function at(path: string): Loader {
  return async () => (await import(import.meta.resolve(`./commands/${path}.ts`))).default;
}

function verbs(noun: string, names: string): Record<string, Loader> {
  return Object.fromEntries(names.split(" ").map((verb) => [verb, at(`${noun}/${verb}`)]));
}

/** Every built-in word, in the order of help. */
export const WORDS: Readonly<Record<string, Word>> = {
  serve: { about: "Run your periphery", load: at("serve") },
  status: { about: "Show how your periphery is", load: at("status") },
  doctor: { about: "Look for what is wrong, and say what to do", load: at("doctor") },
  claim: { about: "Make a new periphery yours", load: at("claim") },
  key: {
    about: "Your OpenPGP keys",
    verbs: verbs(
      "key",
      "init import export show list passwd renew revoke publish backup restore sign unsign trust invite accept recovery succeed vouch",
    ),
  },
  pod: {
    about: "Your pods",
    verbs: verbs(
      "pod",
      "install list info limit stop start rollback confirm renew remove logs replay exec new dev test build",
    ),
  },
  behalf: {
    about: "What lets your pods act for you, and until when",
    verbs: verbs("behalf", "list show renew revoke"),
  },
  capability: {
    about: "What pods offer each other, by its content",
    verbs: verbs("capability", "show diff list client"),
  },
  friend: { about: "Servers that yours talks with", verbs: verbs("friend", "add list remove") },
  person: {
    about: "People who live on your server",
    verbs: verbs("person", "invite list limit remove join"),
  },
  who: { about: "Show what is known of a person", load: at("who") },
  profile: { about: "Show what others see of you", load: at("profile") },
  outbox: {
    about: "Messages that are on their way",
    verbs: verbs("outbox", "list show retry drop export settle"),
  },
  inbox: { about: "Messages that wait for your pods", verbs: verbs("inbox", "list import") },
  trace: { about: "Show what became of a message, hop by hop", load: at("trace") },
  server: {
    about: "Servers of yours elsewhere; peri --on NAME …",
    verbs: verbs("server", "add claim list use remove"),
  },
  ssh: { about: "Go to a server by SSH, with a token of yours", load: at("ssh") },
  mount: { about: "Show a pod's files in a folder of this computer", load: at("mount") },
  service: {
    about: "peri serve as a systemd service",
    verbs: verbs("service", "install uninstall"),
  },
  completions: { about: "Print a completion script for your shell", load: at("completions") },
  version: { about: "Print the version", load: at("version") },
};

/** The word of a name; undefined when it is not built in. */
export function findWord(name: string): Word | undefined {
  return Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
}
