/**
 * Why a port cannot be listened on.
 *
 * @module
 */

import { formatListenAddress, type ListenAddress } from "../model/address.ts";
import { PeriError } from "../model/errors.ts";

/** What a failure to listen means. @param flag where the address is set: `--listen` */
export function listenError(
  flag: string,
  listen: ListenAddress,
  cause: Error & { readonly code?: string },
): PeriError {
  const op = `listen on ${formatListenAddress(listen)}`;
  const { port } = listen;
  const free = `choose another with ${flag} ${formatListenAddress({ ...listen, port: port + 1 })}`;
  if (cause.code === "EADDRINUSE") {
    const hint = `peri status tells whether a server of yours runs; ${free}`;
    return new PeriError("busy", { op, subject: `port ${port} is taken`, hint, cause });
  }
  if (cause.code === "EACCES" || cause.code === "EPERM") {
    const subject = `no permission to use port ${port}`;
    return new PeriError("denied", { op, subject, hint: "use a port above 1023", cause });
  }
  const hint = `127.0.0.1:${port} is for this machine, :${port} for all of its addresses`;
  return new PeriError("invalid", { op, subject: cause.message, hint, cause });
}
