/**
 * Every operation by its name.
 *
 * @module
 */

import type { Operation } from "../ports/session.ts";
import { listCapabilities } from "./capability/list.ts";
import { showCapabilities } from "./capability/show.ts";
import { showSource } from "./capability/source.ts";
import { claim } from "./claim.ts";
import { examine } from "./doctor.ts";
import { addFriend } from "./friend/add.ts";
import { listFriends } from "./friend/list.ts";
import { removeFriend } from "./friend/remove.ts";
import type { Home } from "./home.ts";
import { importLetters } from "./inbox/import.ts";
import { listInbox } from "./inbox/list.ts";
import { publishKey } from "./key/publish.ts";
import { dropLetters } from "./outbox/drop.ts";
import { exportLetters } from "./outbox/export.ts";
import { listOutbox } from "./outbox/list.ts";
import { retryLetters } from "./outbox/retry.ts";
import { settleReplies } from "./outbox/settle.ts";
import { showLetter } from "./outbox/show.ts";
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
import { showStatus } from "./status.ts";
import { traceMessages } from "./trace.ts";
import { showPerson } from "./who.ts";

/** What can be asked of a periphery; names are dotted words (PROTOCOL.md, "Control"). */
export function openOperations(
  home: Home,
  version: string,
): ReadonlyMap<string, Operation> {
  return new Map(Object.entries({
    "status": showStatus(home, version),
    "doctor": examine(home),
    "claim": claim(home),
    "who": showPerson(home),
    "key.publish": publishKey(home),
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
    "capability.list": listCapabilities(home),
    "capability.show": showCapabilities(home),
    "capability.source": showSource(home),
    "friend.add": addFriend(home),
    "friend.list": listFriends(home),
    "friend.remove": removeFriend(home),
    "outbox.list": listOutbox(home),
    "outbox.show": showLetter(home),
    "outbox.retry": retryLetters(home),
    "outbox.drop": dropLetters(home),
    "outbox.export": exportLetters(home),
    "outbox.settle": settleReplies(home),
    "inbox.list": listInbox(home),
    "inbox.import": importLetters(home),
    "trace": traceMessages(home),
  }));
}
