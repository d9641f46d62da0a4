import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ImageManifest, localSourceName, writeImageManifest } from '@tiltyard/pods';
import { type BuildJob, buildTag, imageName } from '@tiltyard/rules/gen3d';
import type { Hotkey } from '@tiltyard/schema';
import type { Submission } from '@tiltyard/schema/gen3d';
import type { BuildWorkflow } from './build-workflow.js';

export interface LocalBuilderOptions {
  /** Sources by repository and commit: `OWNER__NAME@COMMIT.json`, each the manifest of the image it builds to. */
  readonly sourcesDir: string;
  readonly imageDir: string;
  readonly imageFormat: string;
}

/**
 * A builder for a network on one machine. A "source" is a file that says which command the miner's container runs; to
 * build it is to check it and to publish it as a local image. A miner without a source has a failed build, as one whose
 * repository cannot be cloned.
 *
 * That a source is not there is only known of a folder that is there: one that cannot be looked into, or that is another
 * one than at the look before, as where a mount is gone, says nothing about any build.
 */
export function localBuilder({ sourcesDir, imageDir, imageFormat }: LocalBuilderOptions): BuildWorkflow {
  let folder: string | undefined;

  async function build(hotkey: Hotkey, submission: Submission): Promise<BuildJob> {
    const source = await readSource(path.join(sourcesDir, localSourceName(submission)));
    const manifest = ImageManifest.safeParse(source === undefined ? undefined : parseJson(source));
    if (!manifest.success) return { status: 'completed', conclusion: 'failure' };
    await writeImageManifest(imageDir, imageName(imageFormat, hotkey, buildTag(submission)), manifest.data);
    return { status: 'completed', conclusion: 'success' };
  }

  /** @throws what the file system says; Error for another folder than before. */
  async function checkFolder(): Promise<void> {
    const { dev, ino } = await stat(`${sourcesDir}/`);
    const found = `${dev}:${ino}`;
    folder ??= found;
    if (found !== folder) throw new Error(`${sourcesDir} is another folder than before: is its disk mounted?`);
  }

  return {
    async look(_round, submissions) {
      await checkFolder();
      const jobs = new Map<Hotkey, BuildJob>();
      const troubles: string[] = [];
      for (const [hotkey, submission] of Object.entries(submissions) as [Hotkey, Submission][]) {
        try {
          jobs.set(hotkey, await build(hotkey, submission));
        } catch (error) {
          // One source that cannot be read does not delay the other builds.
          troubles.push(`${hotkey}: ${String(error)}`);
        }
      }
      // What was missing is only known to be if the folder was there all the time.
      await checkFolder();
      return { runComplete: troubles.length === 0, jobs, troubles };
    },
  };
}

/** A source; undefined where its folder has none of that name. @throws what the file system says. */
async function readSource(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
