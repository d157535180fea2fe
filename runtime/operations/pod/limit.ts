/**
 * `pod.limit`: what a pod may use.
 *
 * @module
 */

import { type Budget, LIMIT_RULES, type LimitRule, parseLimit } from "../../model/budget.ts";
import type { JsonRecord } from "../../model/control.ts";
import { PeriError } from "../../model/errors.ts";
import type { Operation } from "../../ports/session.ts";
import type { LimitChange, PodInfo } from "../../supervisor/mod.ts";
import type { Home } from "../home.ts";
import { podOf } from "../wishes.ts";

/** What takes a limit back to the server's own. */
const DEFAULT = "default";

/**
 * `{pod, limits?: {name: text}}` sets limits, texts as people write them or `default` → one record
 * a limit: `{limit, value, unit, own, default, least, most, about, used?}`.
 */
export function limitPod({ supervisor }: Pick<Home, "supervisor">): Operation {
  return async (args, session) => {
    const ref = podOf(args, session);
    const change = readChange(args.limits ?? {});
    const { reins } = supervisor;
    if (Object.keys(change).length > 0) await reins.limit(ref, change);
    const info = await supervisor.info(ref);
    for (const rule of LIMIT_RULES) session.item(recordOf(rule, info, reins.defaults));
    return 0;
  };
}

function recordOf(rule: LimitRule, info: PodInfo, defaults: Budget): JsonRecord {
  const { name, field, unit, least, most, about } = rule;
  const used = usedOf(rule, info);
  return {
    limit: name,
    value: info.budget[field],
    unit,
    own: info.limits[field] !== undefined,
    default: defaults[field],
    least,
    most,
    about,
    ...(used === undefined ? {} : { used }),
  };
}

/** What a pod uses of a limit at this moment, where that is known. */
function usedOf({ field }: LimitRule, { stateBytes, status }: PodInfo): number | undefined {
  if (field === "stateBytes") return stateBytes;
  if (field === "memoryBytes") return status.memoryBytes;
  return field === "messagesPerMinute" ? status.messages : undefined;
}

function readChange(limits: unknown): LimitChange {
  if (typeof limits !== "object" || limits === null || Array.isArray(limits)) {
    throw refuse("limits is no record");
  }
  return Object.fromEntries(
    Object.entries(limits).map(([name, text]) => {
      const rule = LIMIT_RULES.find((one) => one.name === name);
      if (rule === undefined) {
        throw refuse(`there is no limit ${JSON.stringify(name.slice(0, 80))}`);
      }
      if (typeof text !== "string") throw refuse(`${name} is not a text`);
      return [rule.field, text === DEFAULT ? null : parseLimit(rule, text)];
    }),
  );
}

function refuse(subject: string): PeriError {
  const hint = `limits are ${LIMIT_RULES.map(({ name }) => name).join(", ")}`;
  return new PeriError("invalid", { op: "set a limit", subject, hint });
}
