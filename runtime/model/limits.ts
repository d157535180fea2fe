/**
 * Every bound in one place, with its unit and its reason. What comes from outside is held against
 * these before it is parsed.
 *
 * @module
 */

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** A day. */
export const DAY_MS = 24 * HOUR_MS;

/** Payload of one message as UTF-8: with its header it fits one Deno KV value (64 KiB). */
export const MAX_PAYLOAD_BYTES = 48 * KIB;
/** Messages in one bundle: one sealed bundle is one commit at the other side (1,000 mutations). */
export const MAX_BUNDLE_MESSAGES = 200;
/** Plain bytes of one bundle: one commit at the other side is at most 800 KiB. */
export const MAX_BUNDLE_BYTES = 512 * KIB;
/** Sealed bytes of one envelope: a full bundle, its introduction and OpenPGP's overhead. */
export const MAX_ENVELOPE_BYTES = MAX_BUNDLE_BYTES + 64 * KIB;
/** Envelopes in one POST. */
export const MAX_POST_ENVELOPES = 64;
/** Body of one POST to a periphery. */
export const MAX_POST_BYTES = 4 * MIB;
/** Body of a periphery's reply to a POST. */
export const MAX_REPLY_BYTES = 256 * KIB;
/** Time in which a POST must have arrived as a whole, and in which a reply must come. */
export const POST_TIMEOUT_MS = 30 * SECOND_MS;
/** An OpenPGP certificate: with its behalf and signature it fits one Deno KV value (64 KiB). */
export const MAX_CERTIFICATE_BYTES = 40 * KIB;
/** A behalf document. */
export const MAX_BEHALF_BYTES = 16 * KIB;
/** A detached OpenPGP signature. */
export const MAX_SIGNATURE_BYTES = 2 * KIB;
/** Nesting of any CBOR or JSON value from outside. */
export const MAX_DEPTH = 32;
/** A pod component file. */
export const MAX_COMPONENT_BYTES = 32 * MIB;
/** One value in a row of a pod's table: fits one Deno KV value. A larger one is a file. */
export const MAX_STATE_VALUE_BYTES = 60 * KIB;
/** One value in a pod's table: a pod has it in its memory in several forms at once. */
export const MAX_VALUE_BYTES = 8 * MIB;
/** Values that are files, written in one turn of a pod: two of the largest. */
export const MAX_TURN_LARGE_BYTES = 2 * MAX_VALUE_BYTES;
/** Answers a pod is sent before it says anything more; the longest takes 16 MiB as JSON in JSON. */
export const MAX_ANSWERED_BYTES = 24 * MIB;
/** One key in a pod's table, as UTF-8. */
export const MAX_STATE_KEY_BYTES = 512;
/** Writes in one turn of a pod: one commit holds 1,000 mutations, the rest is for boxes. */
export const MAX_TURN_WRITES = 500;
/** Bytes written in one turn of a pod: one commit holds 800 KiB. */
export const MAX_TURN_BYTES = 600 * KIB;
/** Messages posted in one turn of a pod. */
export const MAX_TURN_POSTS = 100;
/** Answers to streams in one turn of a pod: an end takes five rows of the 1,000 of one commit. */
export const MAX_TURN_ANSWERS = 190;
/** Own calls cancelled in one turn of a pod. */
export const MAX_TURN_CANCELS = 100;
/** Answers to one token: who needs more asks again. */
export const MAX_STREAM_ANSWERS = 100_000;
/** Streams of one pod that wait for its answers. */
export const MAX_STREAMS = 10_000;
/** Of these, streams of one caller. */
export const MAX_STREAMS_PER_CALLER = 100;
/** Answers that wait for a caller who does not take them; then its streams end. */
export const MAX_STREAM_BACKLOG = 1000;
/** A paced errand goes on with a stream when no more messages than this wait for its caller. */
export const PACE_BACKLOG = 200;
/** What a pod calls an own open call, as UTF-8. */
export const MAX_CALL_KEY_BYTES = 256;
/** Errands of one pod that wait for their time. */
export const MAX_LATER_ERRANDS = 10_000;
/** Note and arguments of such an errand, which no quota counts. */
export const MAX_LATER_BYTES = 2 * KIB;
/** Longest time that an errand may wait: ten years. */
export const MAX_LATER_MS = 3653 * DAY_MS;
/** Capabilities that one interface may supersede: a behalf names them all. */
export const MAX_SUPERSEDED = 16;
/** Recipients of one post. */
export const MAX_RECIPIENTS = 1000;
/** A version that begins and says nothing for so long is given up. */
export const INSTALLED_SILENCE_MS = 30 * SECOND_MS;
/** Time in which a version must have brought its state up to date. */
export const INSTALLED_MS = 10 * MINUTE_MS;
/** Messages with which a version begins: with its record they are one commit of 800 KiB. */
export const MAX_INSTALLED_MAIL_BYTES = 128 * KIB;
/** Writes of a version that begins and waits for the disk. */
export const MAX_INSTALLED_BACKLOG_BYTES = 64 * MIB;
/** Runs that await others are given so long before their pod gets another version. */
export const UPGRADE_WAIT_MS = 5 * SECOND_MS;
/** A version that another has replaced is kept this long, unless its person confirms earlier. */
export const KEEP_VERSION_MS = 7 * DAY_MS;
/** State of one pod, unless its owner allows more. */
export const STATE_QUOTA_BYTES = 64 * MIB;
/** Linear memory of one pod instance. */
export const POD_MEMORY_BYTES = 64 * MIB;
/** Time a pod may compute without coming back; afterwards it is stopped. */
export const POD_SLICE_MS = 200;
/** Messages a pod may post in a minute: one that calls others at full speed runs into it in half. */
export const POD_MESSAGES_PER_MINUTE = 60_000;
/** Lines a pod may write into its log in a minute. */
export const POD_LOG_PER_MINUTE = 3000;
/** Times an event is given to a pod that dies on it before the event is answered with an error. */
export const MAX_EVENT_ATTEMPTS = 3;
/** Messages waiting in one pod's inbox. */
export const MAX_INBOX_MESSAGES = 10_000;
/** Messages of one sender waiting in one pod's inbox. */
export const MAX_INBOX_PER_SENDER = 1000;
/** How long a message is retried unless its poster says otherwise. */
export const DEFAULT_DEADLINE_MS = 7 * DAY_MS;
/** Longest time a message may be retried. */
export const MAX_DEADLINE_MS = 30 * DAY_MS;
/** Numbers of a lane reserved at once: what a restart may skip, and how rarely the row is written. */
export const LANE_BLOCK = 1024;
/** Epochs of one lane a recipient remembers: those of a month, as older envelopes are refused. */
export const MAX_LANE_EPOCHS = 16;
/** Lanes kept in memory though nothing waits in them. */
export const MAX_IDLE_LANES = 10_000;
/** Messages of one lane kept in memory after their commit, so that they are not read again. */
export const MAX_LANE_BUFFER = 1_000;
/** Bytes of messages kept in memory for all lanes; what is beyond is read again. */
export const MAX_BUFFER_BYTES = 32 * MIB;
/** Bytes of bundles aimed at in one POST, so that a burst does not hold up the line. */
export const POST_TARGET_BYTES = 1 * MIB;
/** POSTs under way to one server, in lanes of their own. */
export const MAX_SERVER_POSTS = 2;
/** Envelopes that are being opened at once; more are told to come again. */
export const MAX_OPENING = 256;
/** Rows of one accepted bundle: one commit is at most 800 KiB. */
export const MAX_ACCEPT_BYTES = 600 * KIB;
/** Dead letters kept per pod; over it the oldest go first. */
export const MAX_DEAD_LETTERS = 1000;
/** Rows of what happened to the messages of one pod, each of one bundle; the oldest go first. */
export const MAX_TRACES = 10_000;
/** What happened to a message is kept this long. */
export const KEEP_TRACES_MS = 30 * DAY_MS;
/** A file of envelopes or receipts, read and written as a whole. */
export const MAX_CARRIED_BYTES = 8 * MIB;
/** Envelopes in one file: as many receipts fit into a reply of the same bound. */
export const MAX_CARRIED_ENVELOPES = 1000;
/** An envelope in a file may be this old: as long as a message may be retried. */
export const MAX_CARRIED_AGE_MS = MAX_DEADLINE_MS;
/** Envelopes of one pod that left as files and wait for their receipts; the oldest go first. */
export const MAX_CARRIED_WAITING = 10_000;
/** Events of one inbox kept in memory until their pod takes them. */
export const MAX_FRESH_EVENTS = 1_000;
/** Bytes of such events in all inboxes; what is beyond is read from the store. */
export const MAX_FRESH_BYTES = 32 * MIB;
/** Open calls kept in memory, so that their answers need no reading. */
export const MAX_OPEN_CALLS = 4096;
/** Clocks of two peripheries may differ by this much. */
export const MAX_CLOCK_SKEW_MS = DAY_MS;
/** First wait after a failed delivery. */
export const RETRY_FIRST_MS = 500;
/** Longest wait between two deliveries to one server. */
export const RETRY_CAP_MS = 15 * MINUTE_MS;
/** Revoked keys of people outside the book that a periphery remembers by the word of one account. */
export const MAX_REVOKED = 10_000;
/** Text of a recovery or succession statement: its longest lines with all friends. */
export const MAX_STATEMENT_BYTES = 4 * KIB;
/** Recovery statements in a row; who needs more goes on with a new key. */
export const MAX_RECOVERIES = 8;
/** Friends that a recovery statement names. */
export const MAX_RECOVERY_FRIENDS = 16;
/** Of these, how many must sign: their certificates travel with what they have signed. */
export const MAX_RECOVERY_NEED = 5;
/** All statements about one person with the certificates of who signed them: one value of the store. */
export const MAX_LINEAGE_BYTES = 56 * KIB;
/** Lineages that a bundle brings with its introduction. */
export const MAX_BUNDLE_LINEAGE_BYTES = 2 * MAX_LINEAGE_BYTES;
/** How long after a statement was written others may sign it. */
export const STATEMENT_LIFE_MS = 60 * DAY_MS;
/** Keys that are followed from the one that is asked for to the one in use. */
export const MAX_SUCCESSORS = 8;
/** Lineages that a periphery keeps of people of whom one friend's server, or strangers, have told. */
export const MAX_LINEAGES = 2_000;
/** Life of a behalf unless the person says otherwise. */
export const BEHALF_LIFE_MS = 365 * DAY_MS;
/** Longest life of a behalf that is believed, so that what anybody may add to a book ends. */
export const MAX_BEHALF_LIFE_MS = 3653 * DAY_MS;
/** Behalfs that a person is shown and signs together. */
export const MAX_SIGNED_TOGETHER = 200;
/** `peri status` and `peri key list` warn this long before a behalf or a key expires. */
export const BEHALF_WARNING_MS = 30 * DAY_MS;
/** One frame of the control protocol. */
export const MAX_FRAME_BYTES = 256 * KIB;
/** What a pod keeps with a post for its continuation, as UTF-8: beside a full answer it fits one value. */
export const MAX_NOTE_BYTES = 12 * KIB;
/** Output of one run that its reader has not taken yet. */
export const MAX_RUN_OUTPUT_BYTES = 8 * MIB;
/** Values in one answer to `state-list`; a longer list is read in parts. */
export const MAX_LIST_BYTES = 1 * MIB;
/** Requests of one run that wait for their answers. */
export const MAX_RUN_REQUESTS = 1000;
/** Runs a pod is given before the first of them has ended; it works through them in order. */
export const MAX_RUNS_AHEAD = 64;
/** A pod without work is put to sleep after this and started again by its next event. */
export const POD_IDLE_MS = 5 * MINUTE_MS;
/** Pods without work that are not put to sleep yet: over it who has rested longest is. */
export const MAX_RESTING_PODS = 64;
/** First wait before a pod that broke is started again; doubles each time it breaks at once. */
export const RESTART_FIRST_MS = 100;
/** Longest wait before a broken pod is started again. */
export const RESTART_CAP_MS = MINUTE_MS;
/** Longest wait after runs that were refused, whose callers were told at once. */
export const REFUSED_CAP_MS = SECOND_MS;
/** Times in a row that a pod may break, nothing done in between, before it stays stopped. */
export const MAX_FAULTS = 10;
/** Time an interrupted command has to end by itself. */
export const INTERRUPT_GRACE_MS = 2 * SECOND_MS;
/** Lines of log kept per pod. */
export const MAX_POD_LOG_LINES = 1000;
/** What is kept of one run, so that it can be run again; of a larger one its beginning. */
export const MAX_RUN_RECORD_BYTES = 512 * KIB;
/** Runs of one pod kept in memory; the oldest go first. */
export const MAX_POD_RUNS = 100;
/** Bytes of these, unless its last run alone is larger. */
export const MAX_POD_RUN_BYTES = 256 * KIB;
/** Bytes of the runs of all pods in memory. */
export const MAX_ALL_RUN_BYTES = 16 * MIB;
/** Failed runs of one pod kept on disk; the oldest go first. */
export const MAX_FAILED_RUNS = 50;
/** Bytes of these. */
export const MAX_FAILED_RUN_BYTES = 2 * MIB;
/** A failed run is kept on disk this long. */
export const KEEP_FAILED_RUNS_MS = 7 * DAY_MS;
/** Time from SIGTERM to the end of the process. */
export const DRAIN_MS = 4 * SECOND_MS;
/** Introductions in one notice and in one page of a book: together at most `MAX_POST_BYTES`. */
export const MAX_NOTICE_ENTRIES = 64;
/** Book entries one friend may add: a village of people. */
export const MAX_BOOK_PER_FRIEND = 10_000;
/** Of one friend's people, so many hey pods are passed on: one that lies cannot fill the books of ours. */
export const MAX_PASSED_ON_PER_FRIEND = 256;
/** Notices of one friend that are taken in a minute; more are `busy`, and lose nothing. */
export const MAX_NOTICES_PER_MINUTE = 60;
/** Lineages of its people that a server hears of over HTTP in a minute. */
export const MAX_LINEAGES_PER_MINUTE = 30;
/** What a friend's book has of news is read after this; what its own people change comes as notices. */
export const READ_EVERY_MS = DAY_MS;
/** A friend's book is read as a whole after this: clocks are set, and disks come back from copies. */
export const READ_WHOLE_MS = 7 * DAY_MS;
/** Book entries all strangers together may add; over it the oldest go first. Large ones count more. */
export const MAX_BOOK_STRANGERS = 20_000;
/** Bytes for which an entry counts once: all strangers together take at most 160 MB of the disk. */
export const STRANGER_PAGE_BYTES = 8 * KIB;
/** Of these, entries of one person: anybody may sign any number of pods. */
export const MAX_BOOK_PER_STRANGER = 16;
/** An entry stays this long after its behalf expired, so that no older serial comes back. */
export const KEEP_EXPIRED_MS = 30 * DAY_MS;
/** Friends of one periphery. */
export const MAX_FRIENDS = 1000;
/** Time a directory has to answer one question. */
export const ASK_TIMEOUT_MS = 5 * SECOND_MS;
/** Questions to other directories that wait for their answers at once. */
export const MAX_ASKS = 32;
/** Of these, questions to one server: one that says nothing holds up no others. */
export const MAX_ASKS_PER_SERVER = 4;
/** Friends that are asked for one pod, the ones heard of last first. */
export const MAX_ASKED_FRIENDS = 64;
/** Once there is a good answer, others have so long to give a better one. */
export const ASK_BETTER_MS = 500;
/** A behalf in use that nobody has confirmed for so long is asked for again. */
export const RECHECK_MS = DAY_MS;
/** One whose server does not take messages is asked for again after this. */
export const RECHECK_DOUBTED_MS = 10 * MINUTE_MS;
/** Friends who are asked, others every day, for a behalf that its own server has confirmed. */
export const MAX_RECHECK_FRIENDS = 8;
/** Questions about behalfs in use in one minute: who signs for many servers cannot have them all asked. */
export const MAX_RECHECKS_PER_MINUTE = 120;
/** A pod that nobody knew is not asked for again this long. */
export const NOT_KNOWN_MS = 30 * SECOND_MS;
/** What a pod's own server said of its behalf counts this long, as does that it said nothing. */
export const FRESH_BEHALF_MS = 30 * SECOND_MS;
/** Pods remembered as not known. */
export const MAX_NOT_KNOWN = 1000;
/** Requests in work at once at the federation port. */
export const MAX_GATE_REQUESTS = 512;
/** Bytes of request bodies in memory at once. */
export const MAX_GATE_BYTES = 64 * MIB;
/** Open connections to the federation port. */
export const MAX_CONNECTIONS = 4096;
/** Of these, connections of one peer that is not this machine (a proxy in front). */
export const MAX_CONNECTIONS_PER_PEER = 128;
/** Time in which the head of a request must have come. */
export const HEAD_TIMEOUT_MS = 10 * SECOND_MS;
/** An idle connection is kept this long by the server; a client drops it earlier. */
export const IDLE_SERVER_MS = 75 * SECOND_MS;
/** An idle connection is kept this long by the client. */
export const IDLE_CLIENT_MS = 30 * SECOND_MS;
/** A regular expression in a certification: its matching takes so many steps for every letter. */
export const MAX_REGEX_LENGTH = 256;
/** A keyring of certifications, as it comes in: as base64 it fits one frame of the control protocol. */
export const MAX_KEYRING_BYTES = 160 * KIB;
/** Certificates in one keyring. */
export const MAX_RING_KEYS = 64;
/** A certificate without subkeys that is kept with what was signed over it. */
export const MAX_RING_KEY_BYTES = 16 * KIB;
/** Signatures of others in one keyring that are checked; each takes about a millisecond. */
export const MAX_RING_CHECKS = 256;
/** Certifications that a periphery keeps: a network of many thousand people, in 100 MB. */
export const MAX_CERTIFICATIONS = 100_000;
/** Of these, by people whom nobody here has a way to; over it the oldest go first. */
export const MAX_STRANGE_CERTIFICATIONS = 10_000;
/** Of these, by one person. */
export const MAX_CERTIFICATIONS_PER_ISSUER = 1_000;
/** Longest way of trust from its owner: GnuPG's own bound. */
export const MAX_TRUST_DISTANCE = 5;
/** Life of an invitation unless its maker says otherwise. */
export const INVITATION_LIFE_MS = 7 * DAY_MS;
/** Longest life of an invitation: a link lies about wherever it was sent. */
export const MAX_INVITATION_MS = 90 * DAY_MS;
/** An invitation stays this long after it expired, so that who came by it is still known. */
export const KEEP_INVITATION_MS = 30 * DAY_MS;
/** Invitations of one person, and of one server, that wait to be used. */
export const MAX_INVITATIONS = 100;
/** People who live on one server beside its owner. */
export const MAX_GUESTS = 1000;
/** What a person signs to join is good for this long: it is made when it is sent. */
export const JOIN_LIFE_MS = HOUR_MS;
/** What a guest who was removed has kept here stays this long, should they come again. */
export const KEEP_LEFT_MS = 30 * DAY_MS;
/** A sealed request to join: a certificate, the text with its signature, and OpenPGP's overhead. */
export const MAX_JOIN_BYTES = 64 * KIB;
/** Requests to join that are opened at once: anybody may send them, and opening takes a moment. */
export const MAX_JOINS = 2;
