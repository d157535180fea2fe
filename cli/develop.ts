/**
 * `peri pod dev`: takes what the workshop builds and puts it in the place of the version before.
 *
 * @module
 */

import { parseBase64 } from "../runtime/model/bytes.ts";
import type { Ask, JsonRecord } from "../runtime/model/control.ts";
import { type ErrorRecord, PeriError } from "../runtime/model/errors.ts";
import { answerAsk, readSign, signShown } from "./asks.ts";
import type { Context, Permission } from "./context.ts";
import { control } from "./control.ts";
import { printError } from "./failure.ts";
import { formatValue, printable, printLine } from "./output.ts";

/** How a pod is developed. */
export interface Development {
  readonly folder: string;
  /** Another name than its own. */
  readonly as: string | undefined;
  /** Sign without asking. */
  readonly yes: boolean;
}

/** A line of the workshop (`pods/build/author/watch.ts`). */
type Report =
  | { readonly built: Built }
  | { readonly failed: string }
  | { readonly mistyped: string }
  | { readonly refused: Omit<ErrorRecord, "op"> };

interface Built {
  readonly name: string;
  readonly version: string;
  /** Base64. */
  readonly component: string;
  /** When the file was saved. */
  readonly savedMs: number;
}

/**
 * Builds and installs until Ctrl-C. Resolves to the exit code.
 *
 * @throws {PeriError} `not-found` when the folder has no pod, `invalid` when it is wrong; what the first install is refused with.
 */
export async function develop(context: Context, wishes: Development): Promise<number> {
  const running = (await context.workshop()).start("author/watch", [wishes.folder]);
  let isInterrupted = false;
  const forget = context.onInterrupt(() => {
    isInterrupted = true;
    void running.stop();
  });
  try {
    const bench = new Bench(context, wishes);
    for await (const line of running.lines) await bench.take(JSON.parse(line) as Report);
  } finally {
    forget();
    await running.stop();
  }
  if (isInterrupted) return 0;
  throw new PeriError("internal", { op: "develop a pod", subject: "its build has ended" });
}

/** Where the versions of one pod come in. */
class Bench {
  readonly #context: Context;
  readonly #wishes: Development;
  /** What the person has signed last; undefined before the first install. */
  #signed: Permission | undefined;

  constructor(context: Context, wishes: Development) {
    const signer = context.signer(true);
    signer.catch(() => {});
    // One signer for all versions: it remembers the passphrase.
    this.#context = Object.create(context, { signer: { value: () => signer } });
    this.#wishes = wishes;
  }

  async take(report: Report): Promise<void> {
    if ("refused" in report) {
      throw new PeriError(report.refused.kind, { op: "develop a pod", ...report.refused });
    }
    if ("failed" in report) {
      return await this.#complain(report.failed, "the version before goes on");
    }
    if ("mistyped" in report) return await this.#complain(report.mistyped, "it runs all the same");
    if (this.#signed === undefined) return await this.#begin(report.built);
    try {
      await this.#install(report.built, true);
      await this.#say(`${printable(report.built.name)} reloaded in ${this.#since(report.built)}`);
    } catch (thrown) {
      if (!(thrown instanceof PeriError)) throw thrown;
      await printError(this.#context, thrown, false);
    }
  }

  async #begin(built: Built): Promise<void> {
    const name = this.#wishes.as ?? built.name;
    const isThere = await this.#isInstalled(name);
    await this.#install(built, isThere);
    await this.#say(
      `${printable(name)} ${printable(built.version)} is yours: peri ${printable(name)} --help`,
    );
    await this.#say("saving a file reloads it; Ctrl-C ends");
    void this.#followLogs(name).catch(() => {});
  }

  async #install({ name, component }: Built, upgrade: boolean): Promise<void> {
    const bytes = parseBase64(component);
    const as = this.#wishes.as ?? name;
    const wishes = { name: as, upgrade, draft: true, size: bytes.length };
    const input = (async function* () {
      yield bytes;
    })();
    await control(this.#context, "pod.install", wishes, {
      report: { add: () => Promise.resolve() },
      ask: (ask) => this.#answer(ask),
      input,
    });
  }

  /** The first version is looked at; later ones may do what they like under the same name. */
  async #answer(ask: Ask): Promise<JsonRecord> {
    const before = this.#signed;
    if (ask.kind !== "sign") {
      // The first of these says what the pod is.
      const isFirst = before === undefined || ask.kind !== "confirm";
      const news = isFirst ? [] : ask.details.slice(1);
      for (const line of news) await this.#say(`it ${printable(line)} from now on`);
      return await answerAsk(this.#context, ask, this.#isAgreed);
    }
    const now = await readSign(this.#context, ask);
    const isSame = before !== undefined && before.person === now.person &&
      before.pod === now.pod && before.endpoint === now.endpoint;
    const answer = isSame
      ? await this.#sign(ask, before, now)
      : await answerAsk(this.#context, ask, this.#wishes.yes);
    this.#signed = now;
    return answer;
  }

  async #sign(
    ask: Ask & { kind: "sign" },
    before: Permission,
    now: Permission,
  ): Promise<JsonRecord> {
    const known = new Set(before.capabilities.map((one) => one.interface));
    for (const { interface: name } of now.capabilities) {
      if (!known.has(name)) await this.#say(`it answers ${printable(name)} from now on`);
    }
    return await signShown(this.#context, ask);
  }

  get #isAgreed(): boolean {
    return this.#signed !== undefined || this.#wishes.yes;
  }

  async #isInstalled(name: string): Promise<boolean> {
    const names: string[] = [];
    const report = {
      add: (record: JsonRecord) => Promise.resolve(void names.push(String(record.name))),
    };
    await control(this.#context, "pod.list", {}, { report });
    return names.includes(name);
  }

  /** Shows what the pod logs from now on; without a server there is nothing to follow. */
  async #followLogs(pod: string): Promise<void> {
    const line = await this.#context.dial();
    if (line === undefined) return;
    await line.close();
    const startMs = this.#context.nowMs();
    await control(this.#context, "pod.logs", { pod, follow: true }, {
      report: {
        add: async ({ atMs, level, line }) => {
          if (Number(atMs) < startMs) return;
          const [first = "", ...rest] = String(line ?? "").split("\n").map(printable);
          await this.#say(`${printable(pod)}: ${formatValue(level)}: ${first}`);
          for (const one of rest) await this.#say(`  ${one}`);
        },
      },
    });
  }

  async #complain(text: string, comfort: string): Promise<void> {
    const lines = text.trimEnd().split("\n").map(printable);
    const kept = this.#signed === undefined ? [] : [comfort];
    for (const line of [...lines, ...kept]) await printLine(this.#context.streams.stderr, line);
  }

  #say(line: string): Promise<void> {
    return printLine(this.#context.streams.stdout, line);
  }

  #since({ savedMs }: Built): string {
    return `${((this.#context.nowMs() - savedMs) / 1000).toFixed(1)} s`;
  }
}
