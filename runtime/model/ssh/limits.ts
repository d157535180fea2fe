/**
 * Bounds of coming in by SSH, each with its unit and its reason.
 *
 * @module
 */

const MIB = 1024 * 1024;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** A token instead of an SSH key lives at most this long: time to type it elsewhere. */
export const MAX_TOKEN_LIFE_MS = 5 * MINUTE_MS;
/** A token may be dated ahead by this much, for clocks differ. */
export const MAX_TOKEN_SKEW_MS = 30 * SECOND_MS;
/** Time from the connection until a person must be in by SSH. */
export const SSH_GRACE_MS = 30 * SECOND_MS;
/** SSH connections of which nobody is in yet; over it the one that waits longest is ended. */
export const MAX_SSH_STARTING = 128;
/** Of these, from one address that is not of this machine. */
export const MAX_SSH_STARTING_PER_PEER = 16;
/** Wrong keys and tokens on one SSH connection: as many as OpenSSH allows. */
export const MAX_SSH_ATTEMPTS = 6;
/** Keys that may be offered on one SSH connection before one is used: those of a full agent. */
export const MAX_SSH_OFFERS = 32;
/** Time after which a session that goes on looks again whether its person may still be in. */
export const SSH_LOOK_MS = 5 * SECOND_MS;
/** SSH connections at once. */
export const MAX_SSH_CONNECTIONS = 4096;
/** Of these, of one person: a guest must not fill the port for everybody. */
export const MAX_SSH_CONNECTIONS_PER_PERSON = 256;
/** Sessions on one SSH connection. */
export const MAX_SSH_SESSIONS = 16;
/** Sessions of one person, on all SSH connections: each may hold 4 MiB that nobody reads. */
export const MAX_SSH_SESSIONS_PER_PERSON = 256;
/** An SSH connection without a session is ended after this time. */
export const SSH_IDLE_MS = 10 * MINUTE_MS;
/** Bytes on their way to one SSH client; then nothing more is read from it until it reads. */
export const MAX_SSH_UNSENT_BYTES = 1 * MIB;
/** Key exchanges on one SSH connection in a minute: a client decides when the next one comes. */
export const MAX_SSH_REKEYS_PER_MINUTE = 600;
