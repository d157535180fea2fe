/**
 * Every operation by its name, and whom it is for.
 *
 * @module
 */

import type { Operation } from "../ports/session.ts";
import { listBehalfs } from "./behalf/list.ts";
import { renewBehalfs } from "./behalf/renew.ts";
import { revokeBehalfs } from "./behalf/revoke.ts";
import { showBehalf } from "./behalf/show.ts";
import type { Admission } from "../supervisor/mod.ts";
import { listCapabilities } from "./capability/list.ts";
import { showCapabilities } from "./capability/show.ts";
import { showSource } from "./capability/source.ts";
import { claim } from "./claim.ts";
import { examine } from "./doctor.ts";
import { behind, doors, type Operations } from "./doors.ts";
import { addFriend } from "./friend/add.ts";
import { listFriends } from "./friend/list.ts";
import { removeFriend } from "./friend/remove.ts";
import type { Home } from "./home.ts";
import { importLetters } from "./inbox/import.ts";
import { listInbox } from "./inbox/list.ts";
import { acceptInvitation } from "./invitation/accept.ts";
import { cancelInvitation, listInvitations, makeInvitation } from "./invitation/make.ts";
import { showLineage, tellLineage } from "./key/lineage.ts";
import { answerPetition, askFriends, gatherAnswers, listPetitions } from "./key/petition.ts";
import { publishKey } from "./key/publish.ts";
import { succeedKey } from "./key/succeed.ts";
import { dropLetters } from "./outbox/drop.ts";
import { exportLetters } from "./outbox/export.ts";
import { listOutbox } from "./outbox/list.ts";
import { retryLetters } from "./outbox/retry.ts";
import { settleReplies } from "./outbox/settle.ts";
import { showLetter } from "./outbox/show.ts";
import { invitePerson } from "./person/invite.ts";
import { joinServer } from "./person/join.ts";
import { limitPerson } from "./person/limit.ts";
import { listPeople } from "./person/list.ts";
import { removePerson } from "./person/remove.ts";
import { confirmPod } from "./pod/confirm.ts";
import { showPod } from "./pod/info.ts";
import { installPod } from "./pod/install.ts";
import { limitPod } from "./pod/limit.ts";
import { listPods } from "./pod/list.ts";
import { showLogs } from "./pod/logs.ts";
import { removePod } from "./pod/remove.ts";
import { renewPod } from "./pod/renew.ts";
import { rollBackPod } from "./pod/rollback.ts";
import { replayPod } from "./pod/replay.ts";
import { completePod, runPod } from "./pod/run.ts";
import { startPod, stopPod } from "./pod/stop.ts";
import { showTerminal } from "./pod/terminal.ts";
import { showStatus } from "./status.ts";
import { traceMessages } from "./trace.ts";
import { exportTrust } from "./trust/export.ts";
import { showCertificate } from "./trust/person.ts";
import { showTrust } from "./trust/show.ts";
import { takeCertifications } from "./trust/take.ts";
import { showPerson } from "./who.ts";

/** What can be asked of a periphery, and for which of it nobody has to have come in. */
export interface OpenOperations {
  /** By name: dotted words (PROTOCOL.md, "Control"). Each lets in only whom it is for. */
  readonly operations: ReadonlyMap<string, Operation>;
  /** Those that make sure themselves who asks. */
  readonly open: ReadonlySet<string>;
}

/** Every operation behind the door that it has; there is no place here for one without a door. */
export function openOperations(
  home: Home,
  version: string,
  admission: Admission,
): OpenOperations {
  const open = forAnyone(home, admission);
  const all = [
    Object.entries(open),
    behind(doors.claimed, home, forWhoeverClaims(home, version)),
    behind(doors.people, home, forPeople(home)),
    behind(doors.owner, home, forOwner(home)),
  ];
  return { operations: new Map(all.flat()), open: new Set(Object.keys(open)) };
}

/** They prove by a signature, or by what they are given, that they may be done. */
function forAnyone(home: Home, admission: Admission): Operations {
  return {
    "claim": claim(home),
    "person.join": joinServer(admission),
    "key.publish": publishKey(home),
    "key.lineage": showLineage(home),
    "key.tell": tellLineage(home),
    "key.succeed": succeedKey(home),
  };
}

/** Of a server that belongs to nobody yet they are anybody's; then they are its people's. */
function forWhoeverClaims(home: Home, version: string): Operations {
  return {
    "status": showStatus(home, version),
    "doctor": examine(home),
  };
}

/** Each person of the server does these with what is their own. */
function forPeople(home: Home): Operations {
  return {
    "who": showPerson(home),
    "key.ask": askFriends(home),
    "key.answers": gatherAnswers(home),
    "key.petitions": listPetitions(home),
    "key.answer": answerPetition(home),
    "behalf.list": listBehalfs(home),
    "behalf.show": showBehalf(home),
    "behalf.renew": renewBehalfs(home),
    "behalf.revoke": revokeBehalfs(home),
    "pod.install": installPod(home),
    "pod.list": listPods(home),
    "pod.info": showPod(home),
    "pod.limit": limitPod(home),
    "pod.stop": stopPod(home),
    "pod.start": startPod(home),
    "pod.remove": removePod(home),
    "pod.renew": renewPod(home),
    "pod.rollback": rollBackPod(home),
    "pod.confirm": confirmPod(home),
    "pod.logs": showLogs(home),
    "pod.replay": replayPod(home),
    "pod.run": runPod(home),
    "pod.complete": completePod(home),
    "pod.terminal": showTerminal(home),
    "capability.list": listCapabilities(home),
    "capability.show": showCapabilities(home),
    "capability.source": showSource(home),
    "outbox.list": listOutbox(home),
    "outbox.show": showLetter(home),
    "outbox.retry": retryLetters(home),
    "outbox.drop": dropLetters(home),
    "outbox.export": exportLetters(home),
    "outbox.settle": settleReplies(home),
    "inbox.list": listInbox(home),
    "inbox.import": importLetters(home),
    "trace": traceMessages(home),
    "invitation.make": makeInvitation(home),
    "invitation.list": listInvitations(home),
    "invitation.cancel": cancelInvitation(home),
    "invitation.accept": acceptInvitation(home),
    "trust.person": showCertificate(home),
    "trust.take": takeCertifications(home),
    "trust.show": showTrust(home),
    "trust.export": exportTrust(home),
    "person.list": listPeople(home),
  };
}

/** What is the server's own. */
function forOwner(home: Home): Operations {
  return {
    "friend.add": addFriend(home),
    "friend.list": listFriends(home),
    "friend.remove": removeFriend(home),
    "person.invite": invitePerson(home),
    "person.limit": limitPerson(home),
    "person.remove": removePerson(home),
  };
}
