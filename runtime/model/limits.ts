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
const DAY_MS = 24 * HOUR_MS;

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
/** An OpenPGP certificate: GnuPG's largest usual ones with many certifications are below this. */
export const MAX_CERTIFICATE_BYTES = 64 * KIB;
/** A behalf document. */
export const MAX_BEHALF_BYTES = 16 * KIB;
/** A detached OpenPGP signature. */
export const MAX_SIGNATURE_BYTES = 2 * KIB;
/** Nesting of any CBOR or JSON value from outside. */
export const MAX_DEPTH = 32;
/** A pod component file. */
export const MAX_COMPONENT_BYTES = 32 * MIB;
/** One value in a pod's table: fits one Deno KV value. */
export const MAX_STATE_VALUE_BYTES = 60 * KIB;
/** One key in a pod's table, as UTF-8. */
export const MAX_STATE_KEY_BYTES = 512;
/** Writes in one turn of a pod: one commit holds 1,000 mutations, the rest is for boxes. */
export const MAX_TURN_WRITES = 500;
/** Bytes written in one turn of a pod: one commit holds 800 KiB. */
export const MAX_TURN_BYTES = 600 * KIB;
/** Messages posted in one turn of a pod. */
export const MAX_TURN_POSTS = 100;
/** Recipients of one post. */
export const MAX_RECIPIENTS = 1000;
/** State of one pod, unless its owner allows more. */
export const STATE_QUOTA_BYTES = 64 * MIB;
/** Linear memory of one pod instance. */
export const POD_MEMORY_BYTES = 64 * MIB;
/** Time a pod may compute without coming back; afterwards it is stopped. */
export const POD_SLICE_MS = 200;
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
/** Clocks of two peripheries may differ by this much. */
export const MAX_CLOCK_SKEW_MS = DAY_MS;
/** First wait after a failed delivery. */
export const RETRY_FIRST_MS = 500;
/** Longest wait between two deliveries to one server. */
export const RETRY_CAP_MS = 15 * MINUTE_MS;
/** Life of a behalf unless the person says otherwise. */
export const BEHALF_LIFE_MS = 365 * DAY_MS;
/** `peri status` warns this long before a behalf expires. */
export const BEHALF_WARNING_MS = 30 * DAY_MS;
/** One frame of the control protocol. */
export const MAX_FRAME_BYTES = 256 * KIB;
/** Lines of log kept per pod. */
export const MAX_POD_LOG_LINES = 1000;
/** Time from SIGTERM to the end of the process. */
export const DRAIN_MS = 4 * SECOND_MS;
