/**
 * A server of a simulation: what survives its crashes, and what does not survive its disk.
 *
 * @module
 */

import type { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import { MemoryDisk } from "../../runtime/adapters/memory/store.ts";
import type { ServerUrl } from "../../runtime/model/words.ts";
import type { Resident } from "../../runtime/ports/mailbox.ts";
import { House, type World } from "./house.ts";
import type { Posted } from "./ledger.ts";
import { Life } from "../../runtime/adapters/memory/life.ts";
import type { Sky } from "./trouble.ts";

const LONGEST_DOWN_MS = 30_000;

/** What a site is made of. */
export interface SiteOptions {
  readonly world: World;
  readonly sky: Pick<Sky, "came" | "link" | "fault">;
  readonly chance: SeededEntropy;
  readonly server: ServerUrl;
  readonly residents: readonly Resident[];
  readonly skewMs: number;
}

/** An older state of a disk, and which posts it knows. */
interface Copy {
  readonly disk: MemoryDisk;
  readonly known: ReadonlySet<Posted>;
}

/** See the module. */
export class Site {
  readonly server: ServerUrl;
  readonly residents: readonly Resident[];
  disk = new MemoryDisk();
  /** Disks that were replaced by an older copy. */
  readonly lost: MemoryDisk[] = [];
  /** When it came up from an older copy, by the time of the world. */
  restoredMs = -Infinity;
  isUp = false;
  /** It never comes back. */
  isDead = false;
  house!: House;
  readonly #options: SiteOptions;
  #life!: Life;
  #lives = 0;
  #copy: Copy | undefined;

  constructor(options: SiteOptions) {
    this.#options = options;
    this.server = options.server;
    this.residents = options.residents;
  }

  /** Comes up, for the first time or again. */
  async start(): Promise<void> {
    const { world, sky, skewMs } = this.#options;
    const crash = () => this.#end() && this.#comeBack();
    const life = this.#life = new Life(sky.came(() => life.isOver || crash()));
    const troubles = {
      skewMs,
      life,
      link: sky.link(this.server, life),
      fault: sky.fault(life, () => life.isOver || crash()),
    };
    this.house = new House(
      world,
      this.server,
      this.residents,
      this.disk,
      troubles,
      this.#lives++,
    );
    this.isUp = true;
    await this.house.start();
  }

  /** Somebody copies its disk. */
  copy(posted: readonly Posted[]): void {
    const disk = this.disk.copy();
    const isKnown = ({ from, state, proof }: Posted) =>
      state === "kept" || disk.get(["pod", from.person, from.pod, "open", proof]) !== undefined;
    this.#copy = { disk, known: new Set(this.#own(posted).filter(isKnown)) };
  }

  /** Its disk is replaced by the copy. Posts that the copy does not know are forgotten. */
  restore(posted: readonly Posted[]): void {
    if (!this.#copy || !this.isUp) return;
    const { disk, known } = this.#copy;
    this.#end();
    this.#life.isLost = true;
    this.lost.push(this.disk);
    this.disk = disk.copy();
    for (const entry of this.#own(posted)) {
      if (known.has(entry)) entry.state = "kept";
      else if (entry.state !== "refused") entry.state = "forgotten";
    }
    this.restoredMs = Infinity;
    this.#comeBack(() => this.restoredMs = this.#options.world.clock.nowMs());
  }

  /** Goes for good. What its pods posted nobody needs to be told any more. */
  die(posted: readonly Posted[]): void {
    this.isDead = true;
    this.#end();
    for (const entry of this.#own(posted)) entry.state = "forgotten";
  }

  /** Whether something is still on its way here. */
  get isBusy(): boolean {
    return !this.isDead && this.disk.rows().some(({ key }) => UNDER_WAY.has(String(key[3])));
  }

  #end(): boolean {
    this.#life.end();
    this.isUp = false;
    this.#options.world.network.drop(this.server);
    return true;
  }

  #comeBack(up: () => void = () => undefined): void {
    const { world, chance } = this.#options;
    void world.clock.sleep(chance.below(LONGEST_DOWN_MS)).then(() => {
      if (this.isDead) return;
      up();
      return this.start();
    });
  }

  #own(posted: readonly Posted[]): Posted[] {
    const persons = new Set(this.residents.map(({ ref }) => ref.person));
    return posted.filter(({ from }) => persons.has(from.person));
  }
}

/** Rows of what is on its way. */
const UNDER_WAY = new Set(["outbox", "inbox", "open", "due", "owed", "stream", "pace", "later"]);
