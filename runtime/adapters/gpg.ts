/**
 * GnuPG as a program: for keys that stay in it or on a card.
 *
 * @module
 */

import type { Bytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { MAX_CERTIFICATE_BYTES, MAX_SIGNATURE_BYTES } from "../model/limits.ts";
import type { Fingerprint } from "../model/words.ts";
import type { Gpg } from "../ports/gpg.ts";
import { gpgCertifier } from "./gpg_certify.ts";

/** Its questions go to its agent, which asks by itself. */
const QUIETLY = ["--batch", "--no-auto-check-trustdb"];

/** Other than usual; for tests. */
export interface GpgOptions {
  /** GNUPGHOME. Default: the person's own. */
  readonly home?: string;
  /** Default: `gpg` on PATH. */
  readonly program?: string;
}

/** GnuPG as it is installed. */
export function systemGpg({ home, program = "gpg" }: GpgOptions = {}): Gpg {
  const run = (op: string, args: readonly string[], input?: Uint8Array) =>
    runGpg(spawnProgram(program, [...QUIETLY, ...args], home, op), op, input);
  return {
    ...gpgCertifier(run),
    async certificate(person) {
      const op = "export a key from gpg";
      const args = ["--export-options", "export-minimal", "--export", exactly(person)];
      const bytes = bound(await run(op, args), MAX_CERTIFICATE_BYTES, op);
      if (bytes.length > 0) return bytes;
      throw new PeriError("not-found", {
        op,
        subject: `gpg has no key ${person}`,
        hint: "gpg --list-keys shows those it has",
      });
    },
    async hasSecret(person) {
      const args = ["--with-colons", "--list-secret-keys", exactly(person)];
      return await run("look into gpg", args).then(() => true, (error: unknown) => {
        if (error instanceof PeriError && error.kind === "denied") return false;
        throw error;
      });
    },
    async sign(person, content) {
      const op = "sign with gpg";
      const args = ["--detach-sign", "--digest-algo", "SHA512", "-u", person, "-o", "-"];
      return bound(await run(op, args, content), MAX_SIGNATURE_BYTES, op);
    },
    async renew(person, expiresMs) {
      const op = "renew the key with gpg";
      const end = expiresMs === undefined ? "0" : formatIso(expiresMs);
      await run(op, ["--quick-set-expire", person, end]);
      // The primary key alone was meant above; the star is for all others.
      await run(op, ["--quick-set-expire", person, end, "*"]);
    },
  };
}

/** A time as gpg takes it (GnuPG manual, "--quick-set-expire"): `20291231T235959`, in UTC. */
function formatIso(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 19).replace(/[-:]/g, "");
}

/** How gpg is told that a primary key is meant, not a subkey or part of a user id. */
function exactly(person: Fingerprint): string {
  return `0x${person}`;
}

/** Standard output of a gpg that succeeded. */
async function runGpg(
  child: Deno.ChildProcess,
  op: string,
  input: Uint8Array = new Uint8Array(),
): Promise<Bytes> {
  const result = await talk(child, input);
  if (result.success) return result.stdout;
  const complaint = lastLine(result.stderr);
  throw new PeriError("denied", { op, subject: complaint || `gpg ended with ${result.code}` });
}

/**
 * Starts a GnuPG program with pipes.
 *
 * @throws {PeriError} `missing-implementation` when it is not installed.
 */
export function spawnProgram(
  program: string,
  args: readonly string[],
  home: string | undefined,
  op: string,
): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args: [...args],
      // Messages are read below, so they must be in one language.
      env: { LC_ALL: "C", ...(home === undefined ? {} : { GNUPGHOME: home }) },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (cause) {
    const isMissing = cause instanceof Deno.errors.NotFound;
    throw new PeriError(isMissing ? "missing-implementation" : "denied", {
      op,
      subject: isMissing ? `${program} is not installed` : `${program} cannot be run`,
      ...(isMissing ? { hint: "install GnuPG, or keep the key in peri: peri key import" } : {}),
      cause,
    });
  }
}

/** Writes all input, then waits for the end. */
export async function talk(
  child: Deno.ChildProcess,
  input: Uint8Array,
): Promise<{ success: boolean; code: number; stdout: Bytes; stderr: string }> {
  const writing = (async () => {
    const writer = child.stdin.getWriter();
    await writer.write(input);
    await writer.close();
  })().catch(() => {
    // It ended without reading everything; how it ended says more.
  });
  const { success, code, stdout, stderr } = await child.output();
  await writing;
  return {
    success,
    code,
    stdout: stdout as Bytes,
    stderr: new TextDecoder().decode(stderr.subarray(0, 4_000)),
  };
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.slice(0, 300) ?? "";
}

function bound(bytes: Bytes, limit: number, op: string): Bytes {
  if (bytes.length <= limit) return bytes;
  const subject = `${bytes.length} bytes from gpg, ${limit} allowed`;
  throw new PeriError("too-large", { op, subject });
}
