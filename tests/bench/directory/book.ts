/**
 * A book of very many people on a real store, with keys that look real: one behalf was made and
 * signed, the others are its copies under other names.
 *
 * @module
 */

import { openDenoKv } from "../../../runtime/adapters/deno_kv.ts";
import { MemoryClock } from "../../../runtime/adapters/memory/clock.ts";
import { openPgp } from "../../../runtime/adapters/openpgp.ts";
import { Book } from "../../../runtime/directory/book.ts";
import { claimChange } from "../../../runtime/directory/claims.ts";
import { entryKey, type EntryRow, type PersonRow } from "../../../runtime/directory/entry.ts";
import { encodeIntroduction } from "../../../runtime/identity/introduction.ts";
import { type Fingerprint, parsePodName, type PodRef } from "../../../runtime/model/words.ts";
import { mergeChanges, type Store } from "../../../runtime/ports/store.ts";
import { makePerson, makePod, type TestPerson, type TestPod } from "../../helpers/village.ts";

const HEY = parsePodName("hey");
const FRIEND = "friend http://friend.example";
/** Bytes of rows in one commit; a store takes 800 KiB. */
const COMMIT_BYTES = 400_000;

/** See the module. Close the store. */
export interface BigBook {
  readonly store: Store;
  readonly book: Book;
  /** Somebody real, of whom the book knows nothing yet. */
  readonly person: TestPerson;
  /** Their next behalf. */
  sign(): Promise<TestPod>;
  /** The hey pod of one of those in the book. */
  ref(at: number): PodRef;
  /** The name that one claims, which nobody else does. */
  nameOf(at: number): string;
  /** Bytes of an introduction on the wire. */
  readonly introductionBytes: number;
  /** Rows that a person takes. */
  readonly rowsEach: number;
}

/** Opens a store in a new file and writes a book of so many people into it. */
export async function openBigBook(path: string, people: number): Promise<BigBook> {
  const clock = new MemoryClock();
  const pgp = openPgp(clock);
  const store = await openDenoKv(path);
  const person = await makePerson(pgp, "somebody");
  let serial = 0;
  const key = await pgp.makePodKey("peri pod hey");
  const sign = () => makePod(pgp, clock, person, { serial: ++serial, key });
  const { introduction, behalf } = await sign();
  const row: EntryRow = {
    ...introduction,
    expiresMs: behalf.expiresMs,
    from: FRIEND,
    atMs: clock.nowMs(),
    account: FRIEND,
  };
  const introductionBytes = encodeIntroduction(introduction).length;
  let pending: Parameters<Store["commit"]>[0][] = [];
  const each = Math.max(1, Math.floor(COMMIT_BYTES / (2 * introductionBytes)));
  for (let at = 0; at < people; at++) {
    pending.push(rowsOf(at, row, behalf.person));
    if (pending.length < each && at < people - 1) continue;
    await store.commit(mergeChanges(pending));
    pending = [];
  }
  return {
    store,
    book: new Book({ store, pgp, clock }),
    person,
    sign,
    ref: (at) => ({ person: fingerprintOf(at), pod: HEY }),
    nameOf,
    introductionBytes,
    rowsEach: rowsOf(0, row, behalf.person).puts!.length,
  };
}

function rowsOf(at: number, row: EntryRow, signer: Fingerprint) {
  const person = fingerprintOf(at);
  const userIds = [`${nameOf(at)} Example <p${at}@example.org>`];
  const known: PersonRow = { certificate: row.certificate, userIds, issuedMs: row.atMs };
  const document = row.document.replace(signer, person);
  return mergeChanges([
    { puts: [{ key: entryKey({ person, pod: HEY }), value: { ...row, document } }] },
    { puts: [{ key: ["person", person], value: known }] },
    claimChange(person, undefined, userIds),
  ]);
}

/** Spread over all there are, as fingerprints are. */
function fingerprintOf(at: number): Fingerprint {
  const spread = (Math.imul(at + 1, 2_654_435_761) >>> 0).toString(16).padStart(8, "0");
  return `${spread}${at.toString(16).padStart(32, "0")}`.toUpperCase() as Fingerprint;
}

function nameOf(at: number): string {
  return `Name${at}`;
}
