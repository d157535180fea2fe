/**
 * Signing others' user ids with GnuPG, for keys that stay in it or on a card. It works on a keyring
 * of its own in a folder that is gone afterwards; the secret stays where its agent has it.
 *
 * @module
 */

import { join } from "node:path";
import { encodeUtf8 } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { MAX_KEYRING_BYTES } from "../model/limits.ts";
import type { Fingerprint } from "../model/words.ts";
import { AMOUNT, type CertificationWish } from "../ports/certification.ts";
import type { Certificates, Gpg } from "../ports/gpg.ts";
import { fingerprintsOf, keepUsers } from "./openpgp/ring.ts";

const OP = "sign a key with gpg";

/** Runs gpg with arguments and standard input; its standard output. */
export type RunGpg = (
  op: string,
  args: readonly string[],
  input?: Uint8Array,
) => Promise<Uint8Array<ArrayBuffer>>;

/** What {@link Gpg} does with others' keys. */
export function gpgCertifier(run: RunGpg): Pick<Gpg, "certify" | "uncertify"> {
  return {
    certify: (signer, certificates, wish) => {
      const { words, flags } = readWish(wish);
      return onKeyring(run, certificates, wish.userIds, (other) => ({
        args: [
          "--no-batch",
          "--no-tty",
          ...flags,
          "--command-fd",
          "0",
          "-u",
          signer,
          "--edit-key",
          other,
          words[0]!,
        ],
        input: encodeUtf8([
          ...(wish.userIds.length > 1 ? ["y"] : []),
          ...words.slice(1),
          "y",
          "save",
          "",
        ].join("\n")),
      }));
    },
    uncertify: (signer, certificates, userIds) =>
      onKeyring(run, certificates, userIds, (other) => ({
        args: ["--yes", "--quick-revoke-sig", other, signer],
      })),
  };
}

/** The command of gpg's editor and what it asks after it, and flags. @throws {PeriError} `invalid`. */
function readWish({ depth, amount, regex, expiresMs }: CertificationWish) {
  const end = expiresMs === undefined ? "0" : new Date(expiresMs).toISOString();
  const flags = [
    "--no-ask-cert-expire",
    "--no-ask-cert-level",
    "--default-cert-expire",
    end.slice(0, 19).replace(/[-:]/g, ""),
    "--cert-digest-algo",
    "SHA512",
  ];
  if (depth === 0) return { words: ["sign"], flags };
  const value = amount === AMOUNT.full ? "2" : amount === AMOUNT.partial ? "1" : undefined;
  const domain = regex === undefined ? "" : domainOf(regex);
  if (value === undefined || domain === undefined) {
    throw new PeriError("invalid", {
      op: OP,
      subject: value === undefined
        ? `gpg cannot write the amount ${amount}`
        : `gpg cannot write ${regex}`,
      hint: value === undefined ? "--amount partial or full" : "--domain example.org",
    });
  }
  return { words: ["tsign", value, String(depth), domain], flags };
}

/** The domain for which gpg itself would write an expression. */
function domainOf(regex: string): string | undefined {
  const escaped = /^<\[\^>\]\+\[@\.\](?<domain>.+)>\$$/.exec(regex)?.groups?.domain;
  const domain = escaped?.replace(/\\(.)/g, "$1");
  return domain !== undefined && /^[a-z0-9.-]+$/i.test(domain) ? domain : undefined;
}

async function onKeyring(
  run: RunGpg,
  { own, other }: Certificates,
  userIds: readonly string[],
  work: (other: Fingerprint) => { readonly args: readonly string[]; readonly input?: Uint8Array },
): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await Deno.makeTempDir({ prefix: "peri-sign-" });
  try {
    const keyring = join(folder, "ring.kbx");
    const base = ["--no-default-keyring", "--keyring", keyring, "--trust-model", "always"];
    const [signer] = fingerprintsOf(own);
    await run(OP, [...base, "--import"], own);
    // With the user ids alone that are meant, gpg need not be told which.
    const named = keepUsers(other, userIds, signer);
    await run(OP, [...base, "--import"], named);
    const subject = fingerprintsOf(named).at(-1)!;
    const { args, input } = work(subject);
    await run(OP, [...base, ...args], input);
    const ring = await run(OP, [...base, "--export"]);
    if (ring.length <= MAX_KEYRING_BYTES) return ring;
    const why = `${ring.length} bytes from gpg, ${MAX_KEYRING_BYTES} allowed`;
    throw new PeriError("too-large", { op: OP, subject: why });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
