/**
 * How hey writes persons and times.
 *
 * @module
 */

/** A person in short, for columns; `read` shows the whole fingerprint. */
export function formatShort(person: string): string {
  return `${person.slice(0, 8)}…`;
}

/** People in one phrase: `bob`, `bob and carol`, `bob, carol and 8 others` of ten. */
export function formatPeople(shown: readonly string[], all = shown.length): string {
  const most = all > shown.length ? shown.slice(0, 2) : shown;
  const rest = all - most.length;
  const words = rest > 0 ? [...most, `${rest} ${rest === 1 ? "other" : "others"}`] : most;
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** A fingerprint in groups of four digits, as GnuPG shows it. */
export function formatFingerprint(person: string): string {
  const groups = person.match(/.{1,4}/g) ?? [];
  const half = groups.length / 2;
  return `${groups.slice(0, half).join(" ")}  ${groups.slice(half).join(" ")}`;
}

/** How long ago, as people say it: `just now`, `5 min ago`, `3 h ago`; a date after a day. */
export function formatAge(timeMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - timeMs) / 60_000);
  if (minutes >= 24 * 60 || minutes < -1) return formatIso(timeMs).slice(0, 10);
  if (minutes < 1) return "just now";
  return minutes < 60 ? `${minutes} min ago` : `${Math.floor(minutes / 60)} h ago`;
}

/** `2026-11-23 07:24`, UTC. */
export function formatTime(timeMs: number): string {
  return formatIso(timeMs).slice(0, 16).replace("T", " ");
}

/** `2026-11-23T07:24:00.000Z`; a time no calendar has becomes the first one. */
export function formatIso(timeMs: number): string {
  return new Date(Math.abs(timeMs) <= 8.64e15 ? timeMs : 0).toISOString();
}
