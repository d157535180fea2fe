/**
 * Who lives on a server, as the door of its SSH port knows them, and where that port is.
 *
 * @module
 */

import type { Inhabitant } from "../gate/ssh/door.ts";
import { formatListenAddress } from "../model/address.ts";
import { formatSshKey, knownHostName, sshFingerprint } from "../model/ssh/key.ts";
import { successionOf } from "../identity/succession/join.ts";
import type { JsonRecord } from "../model/control.ts";
import type { Fingerprint, PodName, ServerUrl } from "../model/words.ts";
import { SERVER_POD } from "../supervisor/mod.ts";
import { type Home, peopleHere } from "./home.ts";

type People = Pick<Home, "supervisor" | "directory" | "owner" | "pgp">;

/**
 * The people who live here, but for those whose key is known to be revoked. In the place of a key that
 * has a successor the successor comes in, who may do nothing but take over what is here.
 */
export async function inhabitants(home: People): Promise<Inhabitant[]> {
  const { book } = home.directory;
  const found: Inhabitant[] = [];
  for (const one of peopleHere(home)) {
    const heir = await heirOf(home, one.person) ?? one;
    if (!await book.isRevoked(heir.person)) found.push(heir);
  }
  return found;
}

/** Who stands in the place of a person, with the certificate that signed so. */
async function heirOf({ directory, pgp }: People, person: Fingerprint) {
  const { successions } = directory.book;
  // Most people have none, and this is asked at every knock.
  if (await successions.heirOf(person) === person) return undefined;
  const known = await successions.of(person);
  const to = known && successionOf(known)?.to;
  const signed = known?.successions.find(({ succession }) => succession.to === to);
  for (const { certificate } of signed?.signatures ?? []) {
    const { fingerprint } = await pgp.inspect(certificate);
    if (fingerprint === to) return { person: to, certificate };
  }
  return undefined;
}

/** The pods of a person that have a name they may be called by. */
export function podsOf({ supervisor }: Pick<Home, "supervisor">, person: Fingerprint): PodName[] {
  return supervisor.residents.all()
    .filter(({ ref }) => ref.person === person && ref.pod !== SERVER_POD)
    .map(({ ref }) => ref.pod);
}

/**
 * What a person types and compares to come in: `{address, fingerprint, knownHosts, claimCode?}`, the
 * last as long as the server belongs to nobody.
 */
export function describePort(
  { listen, hostKey, claimCode }: NonNullable<Home["ssh"]>,
  server: ServerUrl,
): JsonRecord {
  const code = claimCode();
  const { hostname } = new URL(server);
  const name = knownHostName(hostname.replace(/^\[|\]$/g, ""), listen.port);
  return {
    address: formatListenAddress(listen),
    fingerprint: sshFingerprint(hostKey),
    knownHosts: `${name} ${formatSshKey(hostKey, "")}`,
    ...(code && { claimCode: code }),
  };
}
