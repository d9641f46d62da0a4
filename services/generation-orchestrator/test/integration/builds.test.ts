import { rename, writeFile } from 'node:fs/promises';
import { openRenderer, type Renderer } from '@tiltyard/render';
import { type Builds, stateFiles } from '@tiltyard/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallGlb } from '../../../../packages/service-kit/test/support/small-glb.js';
import { LISTED_KEY, pushWithoutKey } from '../../../../packages/service-kit/test/support/without-key.js';
import { A, openWorkshop, type Workshop } from '../support/orchestrator.js';

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

  it('are not taken from somebody without a key: nothing is run of an image that they name', async () => {
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

  it('that nobody listed hold the audit open and raise an alarm with what an operator can do', async () => {
    const submitted = { glb: red, renderer };
    await using workshop = await openWorkshop({ stage: 'duels', build: 'not_found', baseline: true, submitted });
    await using service = await workshop.start(renderer);
    for (let n = 0; n < 2; n += 1) await service.tick();
    expect(await workshop.audit()).toBeUndefined();
    const [alarm] = service.said.sent(`build-0-${A}`);
    expect(alarm).toMatchObject({ level: 'error' });
    expect(alarm?.detail).toMatch(/retry_build.*exclude_hotkey/);

    await workshop.source('good', red);
    await workshop.competition.amend({ action: 'retry_build', hotkey: A });
    await service.until('a verdict', async () => (await workshop.audit()) !== undefined);
    expect(await workshop.audit()).toMatchObject({ outcome: 'passed' });
  });
});
