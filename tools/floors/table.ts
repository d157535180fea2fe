/**
 * Who may import whom. This table is the truth; the one in docs/ARCHITECTURE.md is checked
 * against it.
 *
 * @module
 */

/** A place in the house: a file, or a folder with all below it (ends in `/`). */
export interface Place {
  readonly path: string;
  /** Imports go to lower floors. Places of one floor do not know each other. */
  readonly floor: number;
  /** The only places it sees, also those beside the house; without it, every lower floor. */
  readonly sees?: readonly string[];
  /** The only places that see it; without it, every higher floor. */
  readonly seenBy?: readonly string[];
  /** Whether it may use clock, chance, disk, network and terminal directly. */
  readonly reaches?: true;
}

/** The floors, highest first. Tools and tests stand beside the house and see all of it. */
export const PLACES: readonly Place[] = [
  { path: "main.ts", floor: 9, reaches: true },
  { path: "cli/", floor: 8, sees: ["runtime/mod.ts", "runtime/model/"] },
  {
    path: "runtime/testing/",
    floor: 8,
    sees: ["runtime/", "pods/sdk/", "pods/build/author/kept.ts", "wit/"],
    seenBy: [],
    reaches: true,
  },
  { path: "runtime/server/", floor: 8, seenBy: ["main.ts"], reaches: true },
  { path: "runtime/mod.ts", floor: 7 },
  { path: "runtime/periphery.ts", floor: 6 },
  {
    path: "runtime/adapters/",
    floor: 6,
    seenBy: ["main.ts", "runtime/server/", "runtime/testing/"],
    reaches: true,
  },
  { path: "runtime/operations/", floor: 5 },
  { path: "runtime/boxes/", floor: 4 },
  { path: "runtime/supervisor/", floor: 4 },
  { path: "runtime/gate/", floor: 4 },
  { path: "runtime/directory/", floor: 3 },
  { path: "runtime/identity/", floor: 2 },
  { path: "runtime/ports/", floor: 1 },
  { path: "runtime/model/", floor: 0 },
  { path: "wit/", floor: 0 },
];

/** Places beside the house: `sees` as in {@link Place}; nothing in the house sees them. */
export const BESIDE: readonly Omit<Place, "floor">[] = [
  { path: "pods/build/", sees: ["pods/", "wit/"], reaches: true },
  // Puts the run's own clock and chance in the place of the globals.
  { path: "pods/sdk/globals.ts", sees: ["pods/", "wit/"], reaches: true },
  // A periphery for tests, which must see when a pod has come back.
  { path: "pods/sdk/testing/fake.ts", sees: ["pods/", "wit/"], reaches: true },
  { path: "pods/", sees: ["pods/sdk/testing/fake.ts", "pods/sdk/globals.ts", "wit/"] },
  { path: "tools/", reaches: true },
  { path: "tests/", reaches: true },
];

/** The files or folders that own a foreign library, or one entry of it; nobody else imports it. */
export const OWNERS: Readonly<Record<string, readonly string[]>> = {
  "@bytecodealliance/jco-transpile/component": ["runtime/adapters/jco/", "tests/bench/pods/raw.ts"],
  "@bytecodealliance/jco-transpile/wasm-tools": [
    "wit/tree.ts",
    "runtime/adapters/jco/wat.ts",
    "tests/pods/c/make.ts",
  ],
  "@logtape/logtape": ["runtime/adapters/log.ts"],
  "@opentelemetry/api": ["runtime/adapters/otel.ts"],
  "@stricli/core": ["cli/"],
  "bcrypt-pbkdf": ["runtime/adapters/ssh/lock.ts"],
  "cborg": ["runtime/model/cbor.ts"],
  "componentize-qjs": ["pods/build/"],
  "openpgp": ["runtime/adapters/openpgp.ts", "runtime/adapters/openpgp/"],
  "smol-toml": ["runtime/adapters/config_file.ts"],
  "ssh2": ["runtime/adapters/ssh/library.ts", "tests/helpers/ssh_client.ts"],
  "typescript": ["pods/build/read/"],
  "uqr": ["cli/qr.ts"],
  "valibot": ["runtime/model/config.ts", "runtime/adapters/jco/manifest.ts"],
};

/** Files that load by a computed name: every start of `peri` would read literal ones ahead. */
export const COMPUTED = ["cli/dispatch.ts", "cli/words.ts"];

/** Modules of Node that compute and reach nothing; with names, only these of the module. */
export const PURE_NODE: Readonly<Record<string, readonly string[] | "*">> = {
  "node:assert/strict": "*",
  "node:buffer": "*",
  "node:crypto": ["createHash", "createHmac", "hash", "timingSafeEqual"],
  "node:path": "*",
  "node:path/posix": "*",
  "node:url": "*",
  "node:util": "*",
};

/** Lines of a file: above the first it is refused, above the second it is time to think. */
export const MAX_LINES = 400;
/** See {@link MAX_LINES}. */
export const WARN_LINES = 250;
/** Lines of a test file, which is a list. */
export const MAX_TEST_LINES = 700;
/** Lines of a function: above this it is time to think. */
export const WARN_FUNCTION_LINES = 45;
/** File names that say nothing. */
export const EMPTY_NAMES = ["utils", "util", "common", "manager", "service", "index", "helpers"];

/** The place a file stands in. */
export function placeOf(path: string): Place | Omit<Place, "floor"> | undefined {
  return [...PLACES, ...BESIDE].find((place) => isWithin(path, place.path));
}

/** Whether a file is `place` or stands below it. */
export function isWithin(path: string, place: string): boolean {
  return place.endsWith("/") ? path.startsWith(place) : path === place;
}
