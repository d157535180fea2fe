/**
 * Route: where a lane's messages go, and the key they are sealed to.
 *
 * @module
 */

import type { Directory } from "../directory/directory.ts";
import { type Behalf, type Known, parseBehalf } from "../identity/behalf.ts";
import { notInForce } from "../identity/ended.ts";
import type { Bytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { Fingerprint, PodRef, ServerUrl } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Resident, Residents } from "../ports/mailbox.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Lane, Waiting } from "./lane.ts";

declare const routed: unique symbol;

/** A lane whose recipient is known. Only {@link Router} makes one. */
export interface Routed {
  readonly [routed]: true;
  readonly lane: Lane;
  readonly sender: Resident;
  /** Where the recipient's periphery is; undefined when it is this one. */
  readonly server: ServerUrl | undefined;
  /** The recipient's pod key, and its transferable public key. */
  readonly podKey: Fingerprint;
  readonly certificate: Bytes;
  /** What says in whose place the sender stands, for who does not know. */
  readonly lineages: readonly Bytes[];
  /**
   * What the recipient's behalf says it offers. Absent when nothing is to be held against it: it
   * lives here, or nobody can say whether that is still so.
   */
  readonly offers?: Behalf["capabilities"];
}

type Way = Pick<Routed, "server" | "podKey" | "certificate" | "offers">;

/** Finds the way of lanes. */
export class Router {
  readonly #clock: Clock;
  readonly #directory: Directory;
  readonly #residents: Residents;
  readonly #pgp: Pgp;
  readonly #certificates = new WeakMap<Uint8Array, Promise<Bytes>>();

  constructor(directory: Directory, residents: Residents, pgp: Pgp, clock: Clock) {
    this.#clock = clock;
    this.#directory = directory;
    this.#residents = residents;
    this.#pgp = pgp;
  }

  /**
   * The way of a lane now; none when its sender no longer lives here.
   *
   * @param isDoubted what was sent lately was not taken where the recipient is said to live
   * @throws {PeriError} `not-found`, `expired` or `unreachable` when nobody can say where the
   * recipient lives, or the sender may not act just now; worth another try later.
   * @throws {Over} when the recipient's behalf or its person's key is revoked.
   */
  async route(lane: Lane, isDoubted = false): Promise<Routed | undefined> {
    const sender = this.#residents.byRef(lane.from);
    if (!sender) return undefined;
    if (sender.revoked !== undefined) throw mayNot(sender, `is revoked (${sender.revoked.reason})`);
    if (this.#isLate(sender)) throw mayNot(sender, "has expired");
    const way = await this.#wayTo(lane.to, isDoubted);
    const lineages = await this.#directory.lineagesOf(lane.from.person);
    return { lane, sender, lineages, ...way } as Routed;
  }

  /** The way as the recipient's own server says it is now; without offers when it says nothing. */
  async refresh(routed: Routed): Promise<Routed> {
    const { offers: _, ...way } = routed;
    const known = await this.#directory.refresh(routed.lane.to);
    return known === undefined ? way : { ...way, ...wayOf(known) };
  }

  async #wayTo(to: PodRef, isDoubted: boolean): Promise<Way> {
    const resident = this.#residents.byRef(to) ??
      this.#residents.byRef(await this.#directory.current(to));
    if (resident) {
      this.#refuseOver(resident);
      const certificate = await this.#publicPart(resident.secretKey);
      return { server: undefined, podKey: resident.podKey, certificate };
    }
    return wayOf(await this.#directory.find(to, isDoubted));
  }

  #isLate({ expiresMs = Infinity }: Resident): boolean {
    return expiresMs <= this.#clock.nowMs();
  }

  /** Pods of one server have the rules that others have. */
  #refuseOver(resident: Resident): void {
    if (resident.revoked === undefined && !this.#isLate(resident)) return;
    throw notInForce(parseBehalf(resident.introduction.document));
  }

  #publicPart(secretKey: Bytes): Promise<Bytes> {
    const known = this.#certificates.get(secretKey) ?? this.#pgp.publicPart(secretKey);
    this.#certificates.set(secretKey, known);
    return known;
  }
}

/** What waits in a pod's lanes goes on when its person has renewed its behalf. */
function mayNot({ ref: { pod } }: Resident, why: string): PeriError {
  return new PeriError("expired", {
    op: `send for ${pod}`,
    subject: `its own behalf ${why}`,
    hint: `peri behalf renew ${pod}`,
  });
}

function wayOf({ behalf }: Known): Way {
  const { endpoint: server, podKey, podCertificate: certificate, capabilities: offers } = behalf;
  return { server, podKey, certificate, offers };
}

/** Whether a message may be sent as far as the recipient's behalf says; what is no call may be. */
export function isOffered({ offers }: Pick<Routed, "offers">, { traced }: Waiting): boolean {
  if (offers === undefined || traced === undefined) return true;
  const { what } = traced;
  return offers.some(({ interface: name }) => what[name.length] === "#" && what.startsWith(name));
}
