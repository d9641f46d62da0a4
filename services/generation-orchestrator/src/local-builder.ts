import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ImageManifest, localSourceName, writeImageManifest } from '@tiltyard/pods';
import { type BuildJob, buildTag, imageName } from '@tiltyard/rules';
import type { Hotkey, Submission } from '@tiltyard/schema';
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
 */
export function localBuilder({ sourcesDir, imageDir, imageFormat }: LocalBuilderOptions): BuildWorkflow {
  async function build(hotkey: Hotkey, submission: Submission): Promise<BuildJob> {
    let source: string;
    try {
      source = await readFile(path.join(sourcesDir, localSourceName(submission)), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { status: 'completed', conclusion: 'failure' };
      throw error;
    }
    const manifest = ImageManifest.safeParse(parseJson(source));
    if (!manifest.success) return { status: 'completed', conclusion: 'failure' };
    await writeImageManifest(imageDir, imageName(imageFormat, hotkey, buildTag(submission)), manifest.data);
    return { status: 'completed', conclusion: 'success' };
  }
  return {
    async look(_round, submissions) {
      const jobs = new Map<Hotkey, BuildJob>();
      for (const [hotkey, submission] of Object.entries(submissions) as [Hotkey, Submission][]) {
        jobs.set(hotkey, await build(hotkey, submission));
      }
      return { runComplete: true, jobs };
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
