/**
 * What is the same in many pods, held in memory once: the certificate of their person, and the
 * manifest of pods that run the same component.
 *
 * @module
 */

import { type Bytes, encodeUtf8, equalBytes, formatHex, sha256 } from "../model/bytes.ts";
import type { Manifest } from "../model/pod.ts";
import type { BlobId, Fingerprint } from "../model/words.ts";
import type { ResidentPod } from "./resident.ts";

/** A manifest that pods have, by the text it was read from. */
interface KnownManifest {
  readonly hash: string;
  readonly manifest: WeakRef<Manifest>;
}

/** Finds what an earlier pod has of the same. It keeps nothing alive that no pod has. */
export class Twins {
  readonly #manifests = new Map<BlobId, KnownManifest>();
  readonly #certificates = new Map<Fingerprint, WeakRef<Bytes>>();

  /** A component's manifest from its text; read once for all who have that very text. */
  read(component: BlobId | undefined, text: string): Manifest {
    if (component === undefined) return JSON.parse(text);
    return this.#share(component, text, () => JSON.parse(text));
  }

  /** The pod with what others have already in place of its own, where it is the same. */
  join(pod: ResidentPod): ResidentPod {
    const { ref, component, introduction, manifest } = pod;
    const known = this.#certificates.get(ref.person)?.deref();
    const isKnown = known !== undefined && equalBytes(known, introduction.certificate);
    const certificate = isKnown ? known : introduction.certificate;
    if (!isKnown) this.#certificates.set(ref.person, new WeakRef(certificate));
    const isShared = component === undefined ||
      this.#manifests.get(component)?.manifest.deref() === manifest;
    return {
      ...pod,
      introduction: { ...introduction, certificate },
      manifest: isShared
        ? manifest
        : this.#share(component, JSON.stringify(manifest), () => manifest),
    };
  }

  #share(component: BlobId, text: string, make: () => Manifest): Manifest {
    // Texts would take as much room as what is saved.
    const hash = formatHex(sha256(encodeUtf8(text)));
    const known = this.#manifests.get(component);
    const shared = known?.hash === hash ? known.manifest.deref() : undefined;
    if (shared !== undefined) return shared;
    const manifest = make();
    this.#manifests.set(component, { hash, manifest: new WeakRef(manifest) });
    return manifest;
  }
}
