/**
 * What operations work with: the parts of one periphery, joined in `mod.ts`.
 *
 * @module
 */

import type { Boxes } from "../boxes/mod.ts";
import type { OpenDirectory } from "../directory/open.ts";
import type { Invitations } from "../directory/trust/invitations.ts";
import type { Web } from "../directory/trust/trust.ts";
import { type Known, parseBehalf } from "../identity/behalf.ts";
import type { ListenAddress } from "../model/address.ts";
import type { Bytes } from "../model/bytes.ts";
import type { Fingerprint, ServerUrl } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Sandbox } from "../ports/sandbox.ts";
import type { Transport } from "../ports/transport.ts";
import type { Store } from "../ports/store.ts";
import type { ResidentPod, Supervisor } from "../supervisor/mod.ts";
import { SERVER_POD } from "../supervisor/mod.ts";

/** An SSH port. */
export interface SshPort {
  readonly listen: ListenAddress;
  /** The public host key as SSH carries it. */
  readonly hostKey: Bytes;
}

/** Pods and people of a periphery. An operation names the parts it uses by `Pick`. */
export interface Home {
  readonly supervisor: Supervisor;
  readonly boxes: Boxes;
  readonly directory: OpenDirectory;
  readonly invitations: Invitations;
  readonly transport: Pick<Transport, "send">;
  /** The web of trust. */
  readonly web: Web;
  readonly pgp: Pgp;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly store: Store;
  readonly sandbox: Pick<Sandbox, "flaws">;
  /** Where others reach this periphery. */
  readonly server: ServerUrl;
  /** Whether it is being served, or opened by a command for a moment. */
  readonly isServing: boolean;
  /** Where people come in by SSH, when they do. */
  readonly ssh: (SshPort & { claimCode(): string | undefined }) | undefined;
  /** The owner, once it is claimed. */
  owner(): Fingerprint | undefined;
  /** Has the server stop and begin anew with what is on disk; a command's home just ends. */
  restart(): void;
  /** Has those told who may know what a person here has signed; it goes on behind the call. */
  signed(person: Fingerprint): void;
  /** Whether a person has a place here: the owner, and guests. */
  livesHere(person: Fingerprint): boolean;
}

/** The certificate of a person who lives here. @throws {PeriError} `not-found` for anybody else. */
export function certificateOf(
  { supervisor }: Pick<Home, "supervisor">,
  person: Fingerprint,
): Bytes {
  const guest = supervisor.household.guests.get(person);
  if (guest !== undefined) return guest.certificate;
  return supervisor.residents.get({ person, pod: SERVER_POD }).introduction.certificate;
}

/** Somebody who lives here. */
export interface PersonHere {
  readonly person: Fingerprint;
  /** Transferable public key. */
  readonly certificate: Bytes;
}

/** Everybody who may come in, with the certificates by which they prove it: owner and guests. */
export function peopleHere(home: Pick<Home, "supervisor" | "owner">): PersonHere[] {
  const guests = home.supervisor.household.guests.present().map(({ person }) => person);
  return [home.owner() ?? [], guests].flat().map((person) => ({
    person,
    certificate: certificateOf(home, person),
  }));
}

/** A pod's behalf as the directory takes it. */
export function knownOf(pod: ResidentPod): Known {
  return { behalf: parseBehalf(pod.introduction.document), introduction: pod.introduction };
}
