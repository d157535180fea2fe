/**
 * One function of a pod in its host, offered by a class and offered by hand.
 *
 * @module
 */

import { bundlePod, type Joint } from "../../../pods/build/bundle.ts";
import { componentizeModule } from "../../../pods/build/component.ts";
import { generatePod } from "../../../pods/build/generate.ts";
import { type Project, readProject } from "../../../pods/build/project.ts";
import { ROOT } from "../../../pods/build/author/config.ts";
import { openCompiler } from "../../../runtime/adapters/compiler.ts";
import { openHosts } from "../../../runtime/adapters/hosts.ts";
import { POD_MEMORY_BYTES, POD_SLICE_MS } from "../../../runtime/model/limits.ts";
import type { PodOutput } from "../../../runtime/model/pod.ts";
import { VALUE } from "./large.ts";

const BUDGET = { memoryBytes: POD_MEMORY_BYTES, sliceMs: POD_SLICE_MS };
/** Calls in a row, of which the mean is taken. */
const CALLS = 200;
const INTERFACE = "pod:large/large";
const FUNCTION = "turn0";

/** The two ways. */
export interface Pair {
  /** Microseconds of a call. */
  typed(): Promise<number>;
  /** See {@link Pair.typed}. */
  byHand(): Promise<number>;
  /** Ends both. */
  close(): Promise<void>;
}

/** Builds and starts both. @param folder to work in */
export async function openPair(project: Project, folder: string): Promise<Pair> {
  const joint = await generatePod(project);
  const hosts = openHosts({ count: 1 });
  const compiler = openCompiler({ cacheDir: `${folder}/programs` });
  const start = async (of: Project, joint: Joint) => {
    const module = await bundlePod(of, joint, `${folder}/.call`);
    const program = await compiler.compile(await componentizeModule(module));
    let hear: (output: PodOutput) => void = () => {};
    const instance = await hosts.start(program, BUDGET, (output) => hear(output));
    return { instance, listen: (listener: typeof hear) => hear = listener };
  };
  const typed = await start(project, joint);
  const hand = await writeByHand(`${folder}/hand`);
  const byHand = await start(hand, { ...joint, shape: { offers: [], verbs: [] } });
  return {
    typed: () => timeCalls(typed),
    byHand: () => timeCalls(byHand),
    async close() {
      await hosts.close();
      await compiler.close();
    },
  };
}

type Started = {
  readonly instance: Awaited<ReturnType<ReturnType<typeof openHosts>["start"]>>;
  readonly listen: (listener: (output: PodOutput) => void) => void;
};

let invocation = 0;

async function timeCalls({ instance, listen }: Started): Promise<number> {
  const done = Promise.withResolvers<void>();
  let left = CALLS;
  listen((output) => {
    if (output.kind === "log") done.reject(new Error(output.line));
    if (output.kind !== "finish") return;
    if ("error" in output.outcome) return done.reject(new Error(output.outcome.error.subject));
    if (--left === 0) return done.resolve();
    call(instance);
  });
  const startMs = performance.now();
  call(instance);
  await done.promise;
  return (performance.now() - startMs) / CALLS * 1_000;
}

function call(instance: Started["instance"]): void {
  instance.dispatch([{
    kind: "call",
    pod: "large",
    invocation: ++invocation,
    caller: { person: "A".repeat(40) },
    interface: INTERFACE,
    function: FUNCTION,
    arguments: ARGUMENTS,
    nowMs: 1_800_000_000_000,
    seed: invocation,
  }]);
}

const ARGUMENTS = JSON.stringify([{
  ...VALUE,
  places: VALUE.places.map((place) => ({ depth: null, ...place })),
}]);

/** A pod that offers the function itself and looks at nothing. */
async function writeByHand(folder: string): Promise<Project> {
  await Deno.mkdir(folder);
  const about = { name: "hand", version: "0.1.0", about: "Offers by hand." };
  await Deno.writeTextFile(`${folder}/pod.json`, JSON.stringify(about));
  await Deno.writeTextFile(
    `${folder}/pod.ts`,
    `import { HandPod } from ${JSON.stringify(`${ROOT}/pods/sdk/testing/hand.ts`)};
const turn = { interface: "${INTERFACE}", function: "${FUNCTION}", capability: "", functionId: "" };
export default class Hand extends HandPod {
  constructor(run) {
    super(run);
    this.offer({ turn }, { turn: (pond) => pond });
  }
}
`,
  );
  return await readProject(folder);
}
