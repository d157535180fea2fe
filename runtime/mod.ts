/**
 * The only door of the runtime: what `cli/` and `main.ts` may know of it. A whole periphery is
 * opened behind `server/`: most commands ask one that runs, and need not load it.
 *
 * @module
 */

export { type Behalf, parseBehalf } from "./identity/behalf.ts";
export { checkIntroduction } from "./identity/introduction.ts";
export {
  type Backup,
  makeBackup,
  openBackup,
  restoreBackup,
  testBackup,
} from "./identity/backup.ts";
export { exportPerson, importFromGpg, importPerson } from "./identity/carry.ts";
export {
  changePassphrase,
  renewPerson,
  type RevocationWish,
  revokePerson,
} from "./identity/change.ts";
export {
  certificateOf,
  choosePerson,
  initPerson,
  type KeyTools,
  listPersons,
  type PersonKey,
  showPerson,
} from "./identity/person.ts";
export {
  formatMeeting,
  type InvitationLink,
  invitationOf,
  parseLink,
  proveInvitation,
} from "./identity/trust/invitation.ts";
export { signMeeting } from "./identity/trust/meet.ts";
export { domainRegex } from "./identity/trust/regex.ts";
export { signPerson, unsignPerson } from "./identity/trust/sign.ts";
export { exportSshKey, exportSshSecret } from "./identity/ssh.ts";
export { diffShown } from "./operations/capability/shown.ts";
export { type InterfaceChange, isBreaking } from "../wit/diff.ts";
export { signBehalf, signBehalfs } from "./identity/sign.ts";
export { signToken } from "./identity/pass.ts";
export { announceLineage } from "./directory/announce.ts";
export { explainHost, joinHost, type JoinPorts, meetHost } from "./directory/join.ts";
export { type Invitation, parseInvitation } from "./identity/join/invitation.ts";
export { signJoin } from "./identity/join/sign.ts";
export { checkLineage, type HeldLineage } from "./identity/succession/check.ts";
export { successionOf } from "./identity/succession/join.ts";
export { decodeLineage, encodeLineage, type Lineage } from "./identity/succession/lineage.ts";
export {
  joinPetitions,
  nameRecovery,
  nameSuccessor,
  type Petition,
  readPetition,
  signStatement,
  type StatementSigner,
  withSuccession,
} from "./identity/succession/make.ts";
export { parseRecovery } from "./identity/succession/recovery.ts";
export { makeRecoveryKey, openRecoveryKey } from "./identity/succession/paper.ts";
export {
  KINDS,
  parseSuccession,
  REASONS,
  type SuccessionKind,
  type SuccessionReason,
} from "./identity/succession/succession.ts";
export { findLineage, formatLineage, MAX_LINEAGE_TEXT } from "./identity/succession/text.ts";
export { TOKEN_ID_BYTES } from "./identity/token.ts";
export type { CertificationWish } from "./ports/certification.ts";
export type { Transport } from "./ports/transport.ts";
export type { Revocation, RevocationReason } from "./ports/keysmith.ts";
export type { Passphrase, PassphraseRequest } from "./ports/passphrase.ts";
