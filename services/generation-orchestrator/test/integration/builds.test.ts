import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { localSourceName } from '@tiltyard/pods';
import { openRenderer, type Renderer } from '@tiltyard/render';
import type { Hotkey } from '@tiltyard/schema';
import { type Builds, type Submission, type Submissions, stateFiles } from '@tiltyard/schema/gen3d';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { submissionOf } from '../../../../packages/service-kit/test/support/competition.js';
import { scratch } from '../../../../packages/service-kit/test/support/scratch.js';
import { smallGlb } from '../../../../packages/service-kit/test/support/small-glb.js';
import { LISTED_KEY, pushWithoutKey } from '../../../../packages/service-kit/test/support/without-key.js';
import { localBuilder } from '../../src/local-builder.js';
import { A, openWorkshop, type Workshop } from '../support/orchestrator.js';

const HOTKEYS = [
  A,
  '5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy',
  '5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw',
] as readonly string[] as readonly [Hotkey, Hotkey, Hotkey];

const red = smallGlb();
let renderer: Renderer;
beforeAll(async () => {
  renderer = await openRenderer({ processes: 1 });
});
afterAll(async () => await renderer.close());

const buildOf = async ({ competition }: Workshop) =>
  ((await competition.read(stateFiles.builds, { round: 0 })) as Builds | undefined)?.[A];

describe('builds', () => {
  it('are published with the image that they made', async () => {
    await using workshop = await openWorkshop({ stage: 'miner_generation', baseline: true });
    await workshop.source('good', red);
    await using service = await workshop.start(renderer);
    await service.until('a build', async () => (await buildOf(workshop))?.status === 'success');
    expect(await buildOf(workshop)).toMatchObject({
      ...{ tag: 'ccccccc-test-0', docker_image: `local/${A.slice(0, 10).toLowerCase()}:ccccccc-test-0` },
    });
    expect((await workshop.competition.subjects())[0]).toBe('Update build statuses for round 0');
  });

  it('are not taken without a key: no image that such a change names is run', async () => {
    await using workshop = await openWorkshop({ stage: 'miner_generation', baseline: true, files: [LISTED_KEY] });
    const commit = await pushWithoutKey(workshop.competition, 'rounds/0/builds.json', '{}');
    await using service = await workshop.start(renderer);
    await expect(service.tick()).rejects.toMatchObject({ fault: { code: 'unvouched', commit } });
    expect(await workshop.competition.subjects()).toHaveLength(2);
  });

  it('say nothing about a miner while the builder cannot be asked', async () => {
    await using workshop = await openWorkshop({ stage: 'miner_generation', baseline: true });
    await workshop.source('good', red);
    await rename(workshop.sourcesDir, `${workshop.sourcesDir}.away`);
    await writeFile(workshop.sourcesDir, 'not a folder');
    await using service = await workshop.start(renderer);
    for (let n = 0; n < 3; n += 1) await service.tick();
    expect(await buildOf(workshop)).toBeUndefined();
    expect(service.said.sent('builds')[0]).toMatchObject({ level: 'error' });
    await rename(workshop.sourcesDir, `${workshop.sourcesDir}.file`);
    await rename(`${workshop.sourcesDir}.away`, workshop.sourcesDir);
    await service.until('a build', async () => (await buildOf(workshop))?.status === 'success');
  });

  it('say nothing about a miner while their folder is gone, or another one is in its place', async () => {
    await using workshop = await openWorkshop({ stage: 'miner_generation', baseline: true });
    await workshop.source('good', red);
    const away = `${workshop.sourcesDir}.away`;
    await rename(workshop.sourcesDir, away);
    await using service = await workshop.start(renderer);
    for (let n = 0; n < 3; n += 1) await service.tick();
    expect(await buildOf(workshop)).toBeUndefined();
    expect(service.said.sent('builds')[0]?.detail).toContain('They stay open');
    // Not ready, and no failure of the tick: all else goes on.
    expect((await service.tick()).stuck).toMatchObject([{ kind: 'builds', reason: expect.stringContaining('ENOENT') }]);
    await rename(away, workshop.sourcesDir);
    await service.until('a build', async () => (await buildOf(workshop))?.status === 'success');
    expect((await service.tick()).stuck).toEqual([]);
  });

  it('of others are made while one source cannot be read, and that one stays open', async () => {
    await using folder = await scratch();
    const [sourcesDir, imageDir] = [path.join(folder.dir, 'sources'), path.join(folder.dir, 'images')];
    await mkdir(sourcesDir);
    const builder = localBuilder({ sourcesDir, imageDir, imageFormat: 'local/{hotkey10}:{tag}' });
    const submissions = Object.assign({}, ...HOTKEYS.map((hotkey) => submissionOf(hotkey, 500))) as Submissions;
    const [one, other, none] = HOTKEYS;
    const sourceOf = (hotkey: Hotkey) => path.join(sourcesDir, localSourceName(submissions[hotkey] as Submission));
    await mkdir(sourceOf(one)); // Cannot be read as a file.
    await writeFile(sourceOf(other), JSON.stringify({ command: 'true', cwd: '/' }));
    const look = await builder.look(0, submissions, AbortSignal.timeout(60_000));
    expect(look?.runComplete).toBe(false);
    expect(look?.troubles).toEqual([expect.stringContaining(one)]);
    expect([...(look?.jobs ?? [])].map(([hotkey, { conclusion }]) => [hotkey, conclusion])).toEqual([
      [other, 'success'],
      [none, 'failure'],
    ]);
    // An empty folder where the disk was mounted.
    await rename(sourcesDir, `${sourcesDir}.mounted`);
    await mkdir(sourcesDir);
    await expect(builder.look(0, submissions, AbortSignal.timeout(60_000))).rejects.toThrow('is its disk mounted?');
    await rm(sourcesDir, { recursive: true });
    await expect(builder.look(0, submissions, AbortSignal.timeout(60_000))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('that failed reject without a run; retried and voided, the audit runs and passes', async () => {
    const submitted = { glb: red, renderer };
    await using workshop = await openWorkshop({ stage: 'duels', baseline: true, submitted });
    await using service = await workshop.start(renderer);
    await service.until('a rejection', async () => (await workshop.audit())?.outcome === 'rejected');
    expect(await workshop.audit()).toMatchObject({ reason: 'Failed to build a docker image' });
    expect((await buildOf(workshop))?.status).toBe('failure');
    await service.until('a notice', () => service.said.sent(/^build-failed-0/).length > 0);
    expect(service.said.sent(/^build-failed-0/)[0]?.detail).toContain('retry_build, then void_audit');

    await workshop.source('good', red);
    await workshop.competition.amend({ action: 'retry_build', hotkey: A });
    await service.until('the build', async () => (await buildOf(workshop))?.status === 'success');
    expect(await buildOf(workshop)).toMatchObject({ amendment: 1 });
    await workshop.competition.amend({ action: 'void_audit', hotkey: A });
    await service.until('another verdict', async () => (await workshop.audit())?.outcome === 'passed');
    expect(await workshop.audit()).toMatchObject({ amendment: 2, checked_prompts: 2 });
  });

  it('that were never listed hold the audit open and raise an alarm with what an operator can do', async () => {
    const submitted = { glb: red, renderer };
    await using workshop = await openWorkshop({ stage: 'duels', build: 'not_found', baseline: true, submitted });
    await using service = await workshop.start(renderer);
    for (let n = 0; n < 2; n += 1) await service.tick();
    expect(await workshop.audit()).toMatchObject({ outcome: 'pending', checked_prompts: 0 });
    const [alarm] = service.said.sent(`build-0-${A}`);
    expect(alarm).toMatchObject({ level: 'error' });
    expect(alarm?.detail).toMatch(/retry_build.*exclude_hotkey/);

    await workshop.source('good', red);
    await workshop.competition.amend({ action: 'retry_build', hotkey: A });
    await service.until('a verdict', async () => (await workshop.audit())?.outcome !== 'pending');
    expect(await workshop.audit()).toMatchObject({ outcome: 'passed' });
  });
});
