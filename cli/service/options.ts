/**
 * What the service commands take from the environment.
 *
 * @module
 */

import { PeriError } from "../../runtime/model/errors.ts";
import type { Context } from "../context.ts";
import type { Installation } from "./install.ts";

/** Where the unit stands. */
export function whereOf(
  context: Context,
  system: boolean,
): Pick<Installation, "scope" | "configFolder"> {
  const given = context.env("XDG_CONFIG_HOME");
  const configFolder = given?.startsWith("/") ? given : `${context.env("HOME") ?? ""}/.config`;
  return { scope: system ? "system" : "user", configFolder };
}

/**
 * The launcher that runs this process: it is what knows the permissions of `peri serve`.
 *
 * @throws {PeriError} `not-found` when peri was started without one.
 */
export function launcherOf(context: Context): string {
  const path = context.env("PERI_LAUNCHER");
  if (path?.startsWith("/")) return path;
  throw new PeriError("not-found", {
    op: "install the service",
    subject: "peri was not started by its launcher",
    hint: "deno task install puts it on your PATH; then peri service install",
  });
}
