/**
 * Whom an operation is for: the one place that says yes or no.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";
import type { Operation, Session } from "../ports/session.ts";
import type { Home } from "./home.ts";
import { actorOf } from "./wishes.ts";

/** Operations by name. */
export type Operations = Readonly<Record<string, Operation>>;

type DoorHome = Pick<Home, "owner" | "livesHere">;

/** Lets somebody in. @throws {PeriError} `denied`. */
type Door = (home: DoorHome, session: Session) => void;

/** Kinds of people. */
export const doors = {
  /** The people of the server, and anybody before it has an owner. */
  claimed: (home, session) => {
    if (home.owner() !== undefined) doors.people(home, session);
  },
  /** The owner and whoever else lives here. They find what is their own, whatever they ask for. */
  people: (home, session) => {
    const person = actorOf(session);
    if (home.owner() === undefined) throw unclaimed();
    if (!home.livesHere(person)) throw stranger(person);
  },
  /** The owner. */
  owner: (home, session) => {
    doors.people(home, session);
    if (session.person !== home.owner()) throw ownersOnly();
  },
} as const satisfies Readonly<Record<string, Door>>;

/** Operations that let in whom a door lets in; others are refused before anything is looked at. */
export function behind(
  door: Door,
  home: DoorHome,
  operations: Operations,
): readonly (readonly [name: string, operation: Operation])[] {
  return Object.entries(operations).map(([name, operation]) => [
    name,
    async (args, session) => {
      door(home, session);
      return await operation(args, session);
    },
  ]);
}

function unclaimed(): PeriError {
  const subject = "this server belongs to nobody yet";
  return new PeriError("denied", { op: "act for a person", subject, hint: "peri claim" });
}

function stranger(person: string): PeriError {
  return new PeriError("denied", {
    op: "act for a person",
    subject: `${person} does not live on this server`,
    hint: "its owner invites people with peri person invite",
  });
}

function ownersOnly(): PeriError {
  return new PeriError("denied", {
    op: "act for its owner",
    subject: "only the owner of this server does that",
    hint: "ask them, or run a server of your own: peri serve",
  });
}
