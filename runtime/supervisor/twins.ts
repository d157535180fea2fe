/**
 * What is the same in many pods, held in memory once: the certificate of their person, and the
 * manifest of pods that run the same component.
 *
 * @module
 */

import { type Bytes, equalBytes } from "../model/bytes.ts";
import type { Manifest } from "../model/pod.ts";
import type { ResidentPod } from "./resident.ts";

/** Finds what an earlier pod has of the same. It keeps nothing alive that no pod has. */
export class Twins {
  readonly #manifests = new Map<string, WeakRef<Manifest>>();
  readonly #certificates = new Map<string, WeakRef<Bytes>>();

  /** The pod with what others have already in place of its own, where it is the same. */
  join(pod: ResidentPod): ResidentPod {
    const { ref, component, introduction } = pod;
    const certificate = shared(
      this.#certificates,
      ref.person,
      introduction.certificate,
      equalBytes,
    );
    const manifest = component === undefined
      ? pod.manifest
      : shared(this.#manifests, component, pod.manifest, isSameManifest);
    return { ...pod, manifest, introduction: { ...introduction, certificate } };
  }
}

function shared<Value extends WeakKey>(
  known: Map<string, WeakRef<Value>>,
  name: string,
  value: Value,
  isSame: (one: Value, other: Value) => boolean,
): Value {
  const other = known.get(name)?.deref();
  if (other !== undefined && (other === value || isSame(other, value))) return other;
  known.set(name, new WeakRef(value));
  return value;
}

/** The manifest of one component is read by one program: an older one may have seen less in it. */
function isSameManifest(one: Manifest, other: Manifest): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
