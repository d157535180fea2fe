/**
 * Behalfs: what lets a pod key act for a person (PROTOCOL.md, "Behalfs").
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import type {
  CapabilityId,
  Fingerprint,
  InterfaceName,
  PodName,
  ServerUrl,
} from "../model/words.ts";

/** What a behalf document says. */
export interface Behalf {
  readonly person: Fingerprint;
  readonly pod: PodName;
  readonly endpoint: ServerUrl;
  /** Sorted by interface name, each interface once. */
  readonly capabilities: readonly {
    readonly interface: InterfaceName;
    readonly capability: CapabilityId;
  }[];
  readonly podKey: Fingerprint;
  /** The pod's transferable public key, whose fingerprint is `podKey`. */
  readonly podCertificate: Bytes;
  /** 1 upward; the highest valid one counts. */
  readonly serial: number;
  /** Whole seconds. */
  readonly issuedMs: number;
  /** Whole seconds. */
  readonly expiresMs: number;
}

/** A behalf as it travels: the person's certificate, the document and its detached signature. */
export interface Introduction {
  readonly certificate: Bytes;
  readonly document: string;
  readonly signature: Bytes;
}

/** An introduction that was checked, with what it says. */
export interface Known {
  readonly behalf: Behalf;
  readonly introduction: Introduction;
}
