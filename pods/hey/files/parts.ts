/**
 * What the files of hey are made of.
 *
 * @module
 */

import type { Table } from "../../sdk/mod.ts";
import type { Letters } from "../letters.ts";
import type { Outgoing } from "../mail.ts";
import type { Names } from "../names.ts";
import type { OwnProfile } from "../profile.ts";

/** What the files are made of. */
export interface FileParts {
  readonly names: Names;
  readonly letters: Letters;
  readonly outgoing: Outgoing;
  readonly profile: OwnProfile;
  /** Numbers of letters that were saved as files, by `<fingerprint>/<name>`. */
  readonly filed: Table<number>;
}
