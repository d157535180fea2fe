/**
 * Who lives on a server, as the door of its SSH port knows them, and where that port is.
 *
 * @module
 */

import type { Inhabitant } from "../gate/ssh/door.ts";
import { formatListenAddress } from "../model/address.ts";
import { formatSshKey, knownHostName, sshFingerprint } from "../model/ssh/key.ts";
import type { JsonRecord } from "../model/control.ts";
import type { Fingerprint, PodName, ServerUrl } from "../model/words.ts";
import { SERVER_POD } from "../supervisor/mod.ts";
import { type Home, peopleHere } from "./home.ts";

/** The people who live here, but for those whose key is known to be revoked. */
export async function inhabitants(
  home: Pick<Home, "supervisor" | "directory" | "owner">,
): Promise<Inhabitant[]> {
  const found: Inhabitant[] = [];
  for (const one of peopleHere(home)) {
    if (!await home.directory.book.isRevoked(one.person)) found.push(one);
  }
  return found;
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
