/**
 * Runs pods in host processes without any permission: a few processes, many pods in each.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";
import type { PodOutput, PodProgram } from "../model/pod.ts";
import type { BlobId } from "../model/words.ts";
import type { Log } from "../ports/log.ts";
import type { Flaw, PodBudget, PodInstance, ProgramSource, Sandbox } from "../ports/sandbox.ts";
import { canConfine, hasMemoryBound, warmChild } from "./child.ts";
import { HostProcess } from "./hosts/process.ts";

/** How to run hosts. */
export interface HostsOptions {
  /** Most processes, 1 to 64. They are started when they are needed. */
  readonly count: number;
  /** The `deno` program. Default: the one that runs this process. */
  readonly denoPath?: string;
  readonly log?: Log;
  /**
   * Time between two pings; a host that misses five is killed, one that is still starting when it
   * misses thirty. Default: one second.
   */
  readonly pingMs?: number;
  /** The control groups of the system, where a part of them is this process's own. */
  readonly groups?: string;
  /** What a host process runs; tests put a hostile one here. Default: `host/main.ts`. */
  readonly script?: URL;
}

/** A host that takes longer to its first word may have found Deno's caches empty. */
const SLOW_START_MS = 400;
const PING_MS = 1_000;
/** JavaScript heap of a host that only loads what a host is made of. */
const WARM_HEAP_MIB = 64;
/** Processes beyond `count` for pods that are to be alone. */
const MAX_ALONE = 4;
const HOST = new URL("./host/main.ts", import.meta.url);

/** A sandbox of host processes. The caller closes it; then none of its processes is left. */
export function openHosts(options: HostsOptions): Sandbox {
  return new Hosts(options);
}

class Hosts implements Sandbox {
  readonly #options: HostsOptions;
  readonly #hosts = new Set<HostProcess>();
  #isClosed = false;
  #isWarm = false;

  constructor(options: HostsOptions) {
    this.#options = options;
  }

  async start(
    program: PodProgram | ProgramSource,
    budget: PodBudget,
    hear: (output: PodOutput) => void,
  ): Promise<PodInstance> {
    const { memoryBytes, sliceMs, recalls = false, group = "" } = budget;
    const said: PodOutput[] = [];
    const state = { isStarted: false };
    // Whoever starts a pod wants to know why it does not start, and hears nothing of it then.
    const instance = await this.#place(budget.isAlone === true).start(program, {
      memoryBytes,
      sliceMs,
      recalls,
      group,
    }, (output) => {
      if (state.isStarted) hear(output);
      else said.push(output);
    });
    const end = instance.endedWith;
    if (end !== undefined) throw refuseStart(program.component, end, said);
    state.isStarted = true;
    said.forEach(hear);
    return instance;
  }

  async flaws(): Promise<readonly Flaw[]> {
    if (!await canConfine()) {
      const what = "pod hosts are bounded by Deno alone, not by the system: /bin/sh cannot be run";
      return [{ what, hint: "deno task install writes a launcher that allows it" }];
    }
    const { groups } = this.#options;
    if (groups !== undefined && await hasMemoryBound(groups)) return [];
    const what = "all pods together may take as much memory as the machine has";
    const hint = "peri service install has systemd set a bound; hosts begin in it";
    return [{ what, hint, isMinor: true }];
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#hosts].map((host) => host.close()));
  }

  /** The host with the fewest instances; a new process while there may be more and none is idle. */
  #place(isAlone: boolean): HostProcess {
    if (this.#isClosed) {
      throw new PeriError("internal", { op: "start pod", subject: "the sandbox is closed" });
    }
    const all = [...this.#hosts].filter((host) => !host.isOver);
    const hosts = all.filter((host) => !host.isReserved);
    if (isAlone && all.length - hosts.length < MAX_ALONE) {
      const own = hosts.find((host) => host.load === 0) ?? this.#spawn();
      own.reserve();
      return own;
    }
    const least = hosts.sort((a, b) => a.load - b.load)[0];
    if (least !== undefined && (least.load === 0 || hosts.length >= this.#options.count)) {
      least.share();
      return least;
    }
    return this.#spawn();
  }

  /** A host may write no file, not even the caches that would make the next one start faster. */
  #warm(afterMs: number): void {
    const { script } = this.#options;
    if (this.#isWarm || this.#isClosed || script !== undefined || afterMs < SLOW_START_MS) return;
    this.#isWarm = true;
    void warmChild({ script: HOST, heapMib: WARM_HEAP_MIB });
  }

  #spawn(): HostProcess {
    const { denoPath, groups, log, pingMs = PING_MS, script = HOST } = this.#options;
    const options = {
      pingMs,
      script,
      spoken: (afterMs: number) => this.#warm(afterMs),
      ...(groups === undefined ? {} : { groups }),
      ...(denoPath === undefined ? {} : { denoPath }),
      ...(log === undefined ? {} : { log }),
    };
    try {
      const host = new HostProcess(options);
      this.#hosts.add(host);
      void host.gone.then(() => this.#hosts.delete(host));
      return host;
    } catch (cause) {
      const subject = "no pod host can be started";
      throw new PeriError("internal", { op: "start pod", subject, cause });
    }
  }
}

function refuseStart(component: BlobId, end: string, said: readonly PodOutput[]): PeriError {
  const lines = said.flatMap((output) => output.kind === "log" ? [output.line] : []);
  const reason = lines.at(-1) ?? end;
  const subject = `${component.slice(0, 12)} does not start: ${reason.slice(0, 500)}`;
  return new PeriError(end === "host" || end === "shared" ? "internal" : "damaged", {
    op: "start pod",
    subject,
  });
}
