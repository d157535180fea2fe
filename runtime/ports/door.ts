/**
 * Where a person's rules are asked before anything of a sender is kept.
 *
 * @module
 */

import type { ErrorRecord } from "../model/errors.ts";
import type { PodRef } from "../model/words.ts";

/** Who may leave something with the pods that live here. */
export interface Door {
  /**
   * Why nothing of a sender is taken by a pod; nothing when it is. Asked for every bundle whose
   * signature holds, so it reads a row or two and wakes no pod.
   *
   * @param isExpected whether the pod has ever posted to the sender; asked only when it matters
   */
  refusal(
    to: PodRef,
    from: PodRef,
    isExpected: () => Promise<boolean>,
  ): Promise<ErrorRecord | undefined>;
}
