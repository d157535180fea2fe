/**
 * Route: where a lane's messages go, and the key they are sealed to.
 *
 * @module
 */

import type { Directory } from "../directory/directory.ts";
import type { Behalf, Known } from "../identity/behalf.ts";
import type { Bytes } from "../model/bytes.ts";
import type { Fingerprint, PodRef, ServerUrl } from "../model/words.ts";
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
  readonly #directory: Directory;
  readonly #residents: Residents;
  readonly #pgp: Pgp;
  readonly #certificates = new WeakMap<Uint8Array, Promise<Bytes>>();

  constructor(directory: Directory, residents: Residents, pgp: Pgp) {
    this.#directory = directory;
    this.#residents = residents;
    this.#pgp = pgp;
  }

  /**
   * The way of a lane now; none when its sender no longer lives here.
   *
   * @param isDoubted what was sent lately was not taken where the recipient is said to live
   * @throws {PeriError} `not-found`, `expired` or `unreachable` when nobody can say where the
   * recipient lives; worth another try later.
   */
  async route(lane: Lane, isDoubted = false): Promise<Routed | undefined> {
    const sender = this.#residents.byRef(lane.from);
    if (!sender) return undefined;
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
      const certificate = await this.#publicPart(resident.secretKey);
      return { server: undefined, podKey: resident.podKey, certificate };
    }
    return wayOf(await this.#directory.find(to, isDoubted));
  }

  #publicPart(secretKey: Bytes): Promise<Bytes> {
    const known = this.#certificates.get(secretKey) ?? this.#pgp.publicPart(secretKey);
    this.#certificates.set(secretKey, known);
    return known;
  }
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
