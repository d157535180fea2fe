/**
 * The web of trust and the invitations of a periphery, joined with who lives there and with its book.
 *
 * @module
 */

import type { OpenDirectory } from "../../directory/open.ts";
import { Invitations } from "../../directory/trust/invitations.ts";
import { type Former, Web } from "../../directory/trust/trust.ts";
import { successionOf } from "../../identity/succession/join.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Entropy } from "../../ports/entropy.ts";
import type { Pgp } from "../../ports/pgp.ts";
import type { Store } from "../../ports/store.ts";
import { certificateOf, type Home, peopleHere } from "../home.ts";
import { HEY } from "../petnames.ts";

/** What they work with. */
export interface TrustParts {
  readonly store: Store;
  readonly pgp: Pgp;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

/** Who lives here. */
type People = Pick<Home, "supervisor" | "owner">;

/** The web of trust. */
export function openWeb(
  { store, pgp, clock }: TrustParts,
  people: People,
  { book }: OpenDirectory,
): Web {
  return new Web({
    store,
    pgp,
    clock,
    hosted: () => peopleHere(people).map(({ person }) => person),
    certificate: async (person) => (await book.person(person))?.certificate,
    formers: (person) => formersOf(book.successions, person),
    stolen: () => book.successions.stolen(),
    revoked: () => book.revoked(),
  });
}

async function formersOf(
  successions: OpenDirectory["book"]["successions"],
  person: Fingerprint,
): Promise<Former[]> {
  const formers = await successions.formersOf(person);
  return await Promise.all(formers.map(async (former) => {
    const known = await successions.of(former);
    return {
      person: former,
      isStolen: known !== undefined && successionOf(known)?.reason === "stolen",
    };
  }));
}

/** What the book has learned of a person's key counts for what was signed with it, too. */
export async function hearOf(
  web: Web,
  { book }: OpenDirectory,
  person: Fingerprint,
): Promise<void> {
  const known = await book.person(person);
  if (known !== undefined) await web.heard(person, known.certificate);
}

/** The links by which others become known. */
export function openInvitations(
  { store, pgp, clock, entropy }: TrustParts,
  people: People,
  { book }: OpenDirectory,
): Invitations {
  const livesHere = (one: Fingerprint) => peopleHere(people).some(({ person }) => person === one);
  return new Invitations({
    store,
    pgp,
    clock,
    entropy,
    isHosted: livesHere,
    introduction: async (person) => {
      const entry = await book.entry({ person, pod: HEY });
      return entry && await book.published(entry);
    },
    certificate: (person) =>
      Promise.resolve(livesHere(person) ? certificateOf(people, person) : undefined),
    // How a guest is reached is a comfort; who they are was checked.
    learn: async (introduction) =>
      void await book.learn(introduction, "a guest").catch(() => undefined),
  });
}
