import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openLocalPods, type PodProvider, writeImageManifest } from '../../src/index.js';
import type { ProviderUnderTest } from './pod-provider-contract.js';

const here = path.dirname(fileURLToPath(import.meta.url));
export const DEPLOYER = path.join(here, 'deployer.mjs');
export const SAMPLE_POD = path.join(here, 'sample-pod.mjs');

/** Local pods in directories of their own. */
export interface LocalPodsUnderTest extends ProviderUnderTest {
  readonly imageDir: string;
  readonly stateDir: string;
  open(graceMs?: number): PodProvider;
  /** Publishes the sample pod, with settings, under a name. */
  publish(reference: string, env?: Record<string, string>): Promise<string>;
}

export async function localPods(): Promise<LocalPodsUnderTest> {
  const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-pods-'));
  const [imageDir, stateDir] = [path.join(dir, 'images'), path.join(dir, 'state')];
  const publish = async (reference: string, env: Record<string, string> = {}) => {
    const args = [SAMPLE_POD, 'an argument with "quotes" $HOME'];
    await writeImageManifest(imageDir, reference, { command: process.execPath, args, env, cwd: here });
    return reference;
  };
  return {
    imageDir,
    stateDir,
    publish,
    image: await publish('local/5abcdefghi:28900bb-name-0'),
    otherImage: await publish('local/5zyxwvutsr:28900bb-name-0'),
    missingImage: 'local/nothing:here',
    open: (graceMs = 5000) => openLocalPods({ imageDir, stateDir, graceMs }),
    deployAndLoseAnswer: async (name, image) => {
      await promisify(execFile)(process.execPath, [DEPLOYER, imageDir, stateDir, name, image]);
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Every process with this text in its environment or command line, however it came to be. */
export async function processesMentioning(text: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number)) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    if ((await read('environ')).includes(text) || (await read('cmdline')).includes(text)) found.push(pid);
  }
  return found;
}
