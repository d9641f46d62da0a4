import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { ProcessIdentity } from '@tiltyard/processes';
import { z } from 'zod';
import { PodError } from '../pod-error.js';
import { PodName } from '../pod-name.js';

/** What is kept on disk about a local pod, so that any later process can find, reach and end it. */
export const PodRecord = z.strictObject({
  name: PodName,
  image: z.string(),
  port: z.int().min(1).max(65_535),
  /** Marks every process of the pod, in its environment. */
  mark: z.uuid(),
  process: ProcessIdentity,
});
export type PodRecord = z.infer<typeof PodRecord>;

/** The records of a state directory: one file a pod. */
export class PodRecords {
  readonly #dir: string;

  constructor(stateDir: string) {
    this.#dir = path.join(stateDir, 'pods');
  }

  /** Writes a record, unless one of this name is there. Whole or not at all. @returns whether it was written. */
  async create(record: PodRecord): Promise<boolean> {
    await mkdir(this.#dir, { recursive: true });
    const temporary = path.join(this.#dir, `${randomUUID()}.tmp`);
    try {
      await using handle = await open(temporary, 'wx');
      await handle.writeFile(JSON.stringify(record));
      await handle.sync();
      // Unlike a rename, a link fails when the name is taken, by this process or another.
      await link(temporary, this.#fileOf(record.name));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** @throws {PodError} `bad_answer` when the record is damaged. */
  async read(name: PodName): Promise<PodRecord | undefined> {
    const file = this.#fileOf(name);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return PodRecord.parse(JSON.parse(text));
    } catch (cause) {
      throw new PodError({ code: 'bad_answer', provider: 'local', detail: `${file} is not a pod's record` }, { cause });
    }
  }

  /** Every record whose name starts like this, sorted by name. */
  async list(prefix: string): Promise<readonly PodRecord[]> {
    const files = await readdir(this.#dir).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const names = files
      .map((file) => PodName.safeParse(path.basename(file, '.json')))
      .flatMap((name) => (name.success && name.data.startsWith(prefix) ? [name.data] : []));
    const records = await Promise.all([...new Set(names)].sort().map((name) => this.read(name)));
    return records.filter((record) => record !== undefined);
  }

  async remove(name: PodName): Promise<void> {
    await rm(this.#fileOf(name), { force: true });
  }

  #fileOf(name: PodName): string {
    return path.join(this.#dir, `${name}.json`);
  }
}
