import { readdir, rename, writeFile } from 'node:fs/promises';
import { type PodName, podName } from '@tiltyard/pods';
import { openRenderer, type Renderer } from '@tiltyard/render';
import { type Hotkey, LEADER } from '@tiltyard/schema';
import { isUsable, promptOf, type Stem, stateFiles } from '@tiltyard/schema/gen3d';
import { isStuckByFault } from '@tiltyard/service-kit';
import { sha256Of } from '@tiltyard/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  file,
  LEADER_ENTRY,
  startCompetition,
  submissionOf,
} from '../../../../packages/service-kit/test/support/competition.js';
import { listen } from '../../../../packages/service-kit/test/support/http-server.js';
import { until } from '../../../../packages/service-kit/test/support/scratch.js';
import { smallGlb } from '../../../../packages/service-kit/test/support/small-glb.js';
import { tick } from '../../src/tick.js';
import { A, LEADER_IMAGE, openWorkshop, TEXT_PROMPT, verdictOf, type Workshop } from '../support/orchestrator.js';

const red = smallGlb();
const other = smallGlb({ size: [0.1, 0.45, 0.1], colour: [0.1, 0.6, 0.1] });
const invisible = smallGlb({ invisible: true });
const LAMP = promptOf(TEXT_PROMPT).stem;
const IMAGE = 'local/a:image';

let renderer: Renderer;
beforeAll(async () => {
  renderer = await openRenderer({ processes: 1 });
});
afterAll(async () => await renderer.close());

const isBaselineThere = async ({ generated }: Workshop) => Object.keys(await generated(LEADER)).length === 2;
/** The duels with the audit of A asked for, its image built, and the leader's files complete. */
const auditing = (more: Partial<Parameters<typeof openWorkshop>[0]> = {}) =>
  openWorkshop({ stage: 'duels', build: 'success', baseline: true, submitted: { glb: red, renderer }, ...more });
const podsOf = async ({ provider }: Workshop) => (await provider.list('')).map(({ name }) => name);

describe('the leader’s baseline', () => {
  it('asks its container about every prompt, images as files and texts as texts, and deletes the pod', async () => {
    await using workshop = await openWorkshop({ stage: 'miner_generation', build: 'failure' });
    await workshop.image(LEADER_IMAGE, 'good', red);
    await using service = await workshop.start(renderer);
    await service.until('the baseline', () => isBaselineThere(workshop));
    const asked = (await workshop.asked(LEADER_IMAGE)).map(({ text, file: name, seed }) => [text, name, seed]);
    expect(asked.toSorted()).toEqual(
      [
        ['a red lamp', null, '42'],
        [null, 'chair.png', '42'],
      ].toSorted(),
    );
    const generated = await workshop.generated(LEADER);
    expect(Object.values(generated).every(isUsable)).toBe(true);
    expect(generated[LAMP]).toMatchObject({ attempts: 1, distance: 0 });
    await service.until('no pods', async () => (await podsOf(workshop)).length === 0);
    const stats = await workshop.competition.read(stateFiles.podStats, { round: 0, side: LEADER });
    expect(Object.values(stats ?? {})).toMatchObject([{ processed: 2, successful: 2 }]);
  });

  it('gives containers the pictures that the round keeps, whatever has become of their own addresses', async () => {
    const line = 'https://gone.invalid/chair.png';
    const picture = Buffer.from('the bytes that the round keeps');
    await using host = await listen((_request, response) => response.end(picture));
    const kept = { url: `${host.url}/kept.png`, sha256: sha256Of(picture), type: 'image/png', bytes: picture.length };
    await using workshop = await openWorkshop({
      ...{ stage: 'miner_generation', build: 'failure', prompts: [line, TEXT_PROMPT] },
      files: [file(stateFiles.promptImages, { round: 0 }, { [promptOf(line).stem]: kept } as never)],
    });
    await workshop.image(LEADER_IMAGE, 'good', red);
    await using service = await workshop.start(renderer, { hosts: [host.host] });
    await service.until('the baseline', () => isBaselineThere(workshop));
    const asked = (await workshop.asked(LEADER_IMAGE)).map(({ file: name }) => name);
    expect(asked.toSorted()).toEqual(['chair.png', null].toSorted());
  });

  it('is not made twice, and after a restart only what is missing is', async () => {
    const chair = { glb: 'g', png: 'p', generation_time: 1, size: 1, attempts: 1, distance: 0 };
    await using workshop = await openWorkshop({
      ...{ stage: 'miner_generation', build: 'failure' },
      files: [file(stateFiles.generated, { round: 0, side: LEADER }, { chair } as never)],
    });
    await workshop.image(LEADER_IMAGE, 'good', red);
    {
      await using service = await workshop.start(renderer);
      await service.until('the baseline', () => isBaselineThere(workshop));
    }
    await using again = await workshop.start(renderer);
    for (let n = 0; n < 3; n += 1) await again.tick();
    expect(again.ports.runs.pending().size).toBe(0);
    expect((await workshop.asked(LEADER_IMAGE)).map(({ text }) => text)).toEqual(['a red lamp']);
    expect((await workshop.generated(LEADER))['chair' as Stem]).toEqual(chair);
  });

  it('fault 25: a pod that dies in the middle is charged no attempt: another one makes the prompt', async () => {
    await using workshop = await openWorkshop({ stage: 'miner_generation', build: 'failure' });
    await workshop.image(LEADER_IMAGE, 'die-once', red);
    await using service = await workshop.start(renderer);
    await service.until('the baseline', () => isBaselineThere(workshop));
    const generated = await workshop.generated(LEADER);
    expect(Object.values(generated).map(({ attempts }) => attempts)).toEqual([1, 1]);
    expect(new Set((await workshop.asked(LEADER_IMAGE)).map(({ pid }) => pid)).size).toBe(2);
  });

  it('of a container that does not start gives no verdict: the operator hears of it, and may end the wait', async () => {
    await using workshop = await openWorkshop({ stage: 'miner_generation', build: 'failure' });
    await workshop.image(LEADER_IMAGE, 'crash', red);
    await using service = await workshop.start(renderer);
    const alarm = () => service.said.sent('run-0-leader');
    await service.until('an alarm', () => alarm().length > 0);
    expect(alarm()[0]?.detail).toContain(`exclude_hotkey ${LEADER_ENTRY.hotkey}`);
    expect(await workshop.generated(LEADER)).toEqual({});
    // It stays reported while it waits to be run again, with the time of that.
    for (let n = 0; n < 3; n += 1) {
      const { stuck = [] } = await service.tick();
      expect(stuck).toMatchObject([{ kind: 'baseline', retryInMs: expect.any(Number) }]);
      expect(stuck.every(isStuckByFault)).toBe(true);
    }
    await workshop.competition.amend({ action: 'exclude_hotkey', hotkey: LEADER_ENTRY.hotkey });
    await service.until('the default', () => isBaselineThere(workshop));
    expect((await service.tick()).stuck).toEqual([]);
    expect(Object.values(await workshop.generated(LEADER))).toMatchObject([
      ...[
        { png: null, attempts: 2, error: { code: 'excluded' } },
        { png: null, attempts: 2 },
      ],
    ]);
  });

  it('takes nothing more once it is published as complete: challengers play against it', async () => {
    await using workshop = await openWorkshop({ stage: 'duels', build: 'failure' });
    await workshop.image(LEADER_IMAGE, 'hang', red);
    await using service = await workshop.start(renderer);
    await service.until('a request', async () => (await workshop.asked(LEADER_IMAGE)).length === 1);
    await workshop.competition.amend({ action: 'exclude_hotkey', hotkey: LEADER_ENTRY.hotkey });
    await service.until('the default', () => isBaselineThere(workshop));
    const complete = await workshop.generated(LEADER);
    // What a pod brings in the moment before its run is called off.
    const late = { glb: 'g', png: 'p', generation_time: 1, size: 1, attempts: 3, distance: 0 };
    service.ports.memory.add(LEADER, LAMP, late);
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (let n = 0; n < 3; n += 1) await service.tick();
    expect(await workshop.generated(LEADER)).toEqual(complete);
  });

  it('stops for a pause with all its pods, and goes on after the resume', async () => {
    await using workshop = await openWorkshop({ stage: 'miner_generation', build: 'failure' });
    await workshop.image(LEADER_IMAGE, 'hang', red);
    await using service = await workshop.start(renderer);
    await service.until('a request', async () => (await workshop.asked(LEADER_IMAGE)).length === 1);
    await workshop.competition.amend({ action: 'pause', stage: 'miner_generation' });
    await workshop.competition.publishAs('submission-collector', (draft) => {
      draft.write(stateFiles.state, {}, { current_round: 0, stage: 'paused', next_stage_eta: null });
    });
    await service.until('no pods', async () => (await podsOf(workshop)).length === 0);
    await workshop.image(LEADER_IMAGE, 'good', red);
    await workshop.competition.amend({ action: 'resume', stage: 'miner_generation' });
    await workshop.competition.publishAs('submission-collector', (draft) => {
      draft.write(stateFiles.state, {}, { current_round: 0, stage: 'miner_generation', next_stage_eta: null });
    });
    await service.until('the baseline', () => isBaselineThere(workshop));
  });
});

describe('an audit', () => {
  it('passes whose container makes again what was submitted', async () => {
    await using workshop = await auditing();
    await workshop.image(IMAGE, 'good', red);
    await using service = await workshop.start(renderer);
    await service.tick();
    expect(await workshop.audit()).toMatchObject({ outcome: 'pending', checked_prompts: 0, reason: '' });
    await service.until('a verdict', async () => (await verdictOf(workshop)) !== undefined);
    expect(await verdictOf(workshop)).toMatchObject({ outcome: 'passed', checked_prompts: 2, failed_prompts: 0 });
    // Counts come with results, in no commit of their own.
    const subjects = (await workshop.competition.subjects()).filter((subject) => subject.includes('generation audits'));
    const alone = subjects.filter((subject) => !subject.includes('generated'));
    expect(alone.length).toBeLessThanOrEqual(2);
    expect((await workshop.generated(A))[LAMP]?.distance).toBeLessThan(0.01);
  });

  it.each([
    ['makes something else', 'good', other, undefined],
    ['makes what cannot be seen', 'good', invisible, 'degenerate'],
    ['makes what is no GLB', 'good', new Uint8Array(100), 'not_glb'],
    ['answers with errors', 'fail', red, 'miner_status'],
  ] as const)('rejects whose container %s', async (_what, behaviour, glb, code) => {
    await using workshop = await auditing();
    await workshop.image(IMAGE, behaviour, glb);
    await using service = await workshop.start(renderer);
    await service.until('a verdict', async () => (await verdictOf(workshop)) !== undefined);
    expect(await verdictOf(workshop)).toMatchObject({
      ...{ outcome: 'rejected', failed_prompts: 2, reason: 'Non-critical mismatches (2) exceed tolerance (0)' },
    });
    expect((await workshop.generated(A))[LAMP]?.error?.code).toBe(code);
  });

  it('stays open while our renderer is dead, and is given by the next process', async () => {
    await using workshop = await auditing();
    await workshop.image(IMAGE, 'good', red);
    const dead = await openRenderer({ processes: 1 });
    await dead.close();
    {
      await using service = await workshop.start(dead);
      await service.until('an alarm', () => service.said.sent('measure').length > 0);
      expect((await service.tick()).stuck).toMatchObject([
        { kind: 'audit_run', reason: expect.stringContaining('cannot be measured') },
      ]);
      expect([await verdictOf(workshop), await workshop.generated(A)]).toEqual([undefined, {}]);
    }
    expect(await podsOf(workshop)).toEqual([]);
    await using service = await workshop.start(renderer);
    await service.until('a verdict', async () => (await verdictOf(workshop)) !== undefined);
    expect(await verdictOf(workshop)).toMatchObject({ outcome: 'passed' });
  });

  it('stays open while no pod is to be had, and is given when there is one', async () => {
    await using workshop = await auditing();
    await workshop.image(IMAGE, 'good', red);
    await writeFile(workshop.podDir, 'a file where records of pods should be');
    await using service = await workshop.start(renderer, { acquireMs: 150 });
    await service.until('an alarm', () => service.said.sent(`run-0-${A}`).length > 0);
    expect(service.said.sent(`run-0-${A}`)[0]?.detail).toContain('not counted against anyone');
    expect(await verdictOf(workshop)).toBeUndefined();
    await rename(workshop.podDir, `${workshop.podDir}.file`);
    await service.until('a verdict', async () => (await verdictOf(workshop)) !== undefined);
    expect(await verdictOf(workshop)).toMatchObject({ outcome: 'passed' });
  });

  it('stays open while its image is not to be had, and is given when it is', async () => {
    await using workshop = await auditing();
    await using service = await workshop.start(renderer, { acquireMs: 100 });
    await service.until('an alarm', () => service.said.sent(`run-0-${A}`).length > 0);
    expect(await verdictOf(workshop)).toBeUndefined();
    await workshop.image(IMAGE, 'good', red);
    await service.until('a verdict', async () => (await verdictOf(workshop)) !== undefined);
    expect(await verdictOf(workshop)).toMatchObject({ outcome: 'passed' });
  });

  it('waits for what was submitted where that was deleted, instead of passing on nothing', async () => {
    const request = file(stateFiles.auditRequests, { round: 0 }, [{ hotkey: A, critical_prompts: [] }]);
    await using workshop = await openWorkshop({ stage: 'duels', build: 'success', baseline: true, files: [request] });
    await workshop.image(IMAGE, 'good', red);
    await using service = await workshop.start(renderer);
    await expect(service.tick()).rejects.toMatchObject({
      fault: { code: 'missing', path: `rounds/0/${A}/submitted.json` },
    });
    expect(await verdictOf(workshop)).toBeUndefined();
  });

  it('loses neither results nor verdict while the repository is out of reach', async () => {
    await using workshop = await auditing();
    await workshop.image(IMAGE, 'good', red);
    await using service = await workshop.start(renderer, { publishIntervalMs: 3_600_000 });
    await service.until('a run', () => service.ports.runs.pending().size > 0);
    while (service.ports.runs.settled().length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    const { remote } = workshop.competition;
    await rename(remote, `${remote}.away`);
    await expect(service.tick()).rejects.toMatchObject({ fault: { code: 'unreachable' } });
    await rename(`${remote}.away`, remote);
    await service.tick();
    expect(await verdictOf(workshop)).toMatchObject({ outcome: 'passed' });
    expect(await workshop.asked(IMAGE)).toHaveLength(2);
    expect(service.ports.runs.settled()).toEqual([]);
  });

  it('stops when a person rejected the source', async () => {
    await using workshop = await auditing();
    await workshop.image(IMAGE, 'hang', red);
    await using service = await workshop.start(renderer);
    await service.until('a request', async () => (await workshop.asked(IMAGE)).length === 1);
    await workshop.competition.publishAs('operator', (draft) => {
      draft.write(stateFiles.sourceAudits, { round: 0 }, [{ hotkey: A, verdict: 'failed', reason: 'copied' }]);
    });
    await service.until('no pods', async () => (await podsOf(workshop)).length === 0);
    expect([await verdictOf(workshop), service.ports.runs.pending().size]).toEqual([undefined, 0]);
  });

  it('is run again from the start when it is voided, and the verdict names the amendment', async () => {
    // Two pods, so that every prompt is tried as often as it may be: none tries a prompt twice.
    await using workshop = await auditing({
      rules: (rules) => ({ ...rules, generation: { ...rules.generation, pods_per_miner: 2 } }),
    });
    await workshop.image(IMAGE, 'fail', red);
    await using service = await workshop.start(renderer);
    await service.until('a verdict', async () => (await verdictOf(workshop))?.outcome === 'rejected');
    const attempts = async () => Object.values(await workshop.generated(A)).map((result) => result.attempts);
    expect(Math.max(...(await attempts()))).toBe(2);
    await workshop.image(IMAGE, 'good', red);
    await workshop.competition.amend({ action: 'void_audit', hotkey: A });
    await service.until('another verdict', async () => (await verdictOf(workshop))?.outcome === 'passed');
    expect(await verdictOf(workshop)).toMatchObject({ outcome: 'passed', amendment: 1 });
    expect(await attempts()).toEqual([1, 1]);
    // Settled again: nothing more is run.
    const asked = (await workshop.asked(IMAGE)).length;
    for (let n = 0; n < 3; n += 1) await service.tick();
    expect((await workshop.asked(IMAGE)).length).toBe(asked);
  });

  it('that is voided a second time in the middle of its run is run from the start again', async () => {
    await using workshop = await auditing({
      rules: (rules) => ({ ...rules, generation: { ...rules.generation, pods_per_miner: 2 } }),
    });
    await workshop.image(IMAGE, 'fail', red);
    await using service = await workshop.start(renderer);
    await service.until('a verdict', async () => (await verdictOf(workshop))?.outcome === 'rejected');
    await workshop.image(IMAGE, 'half', red);
    await workshop.competition.amend({ action: 'void_audit', hotkey: A });
    const usable = async () => Object.values(await workshop.generated(A)).filter(isUsable).length;
    await service.until('half of it', async () => (await usable()) > 0);
    await workshop.competition.amend({ action: 'void_audit', hotkey: A });
    await service.until('a new beginning', async () => (await workshop.audit())?.amendment === 2);
    await workshop.go(IMAGE);
    await service.until('another verdict', async () => (await workshop.audit())?.outcome !== 'pending');
    expect(await verdictOf(workshop)).toMatchObject({ outcome: 'passed', amendment: 2, checked_prompts: 2 });
  });

  it('ends with a verdict although the container ends itself at every prompt', async () => {
    await using workshop = await auditing();
    await workshop.image(IMAGE, 'die', red);
    await using service = await workshop.start(renderer);
    await service.until('a verdict', async () => (await verdictOf(workshop)) !== undefined);
    expect(await verdictOf(workshop)).toMatchObject({ outcome: 'rejected', failed_prompts: 2 });
    const stats = await workshop.competition.read(stateFiles.podStats, { round: 0, side: A });
    expect(Object.values(stats ?? {}).map((pod) => pod.marked_bad)).toEqual([true, true, true]);
  });

  it('gives a pod no more prompts while its answers are still on their way', async () => {
    const lines = [1, 2, 3, 4].map((n) => `text: lamp ${n}`);
    await using workshop = await auditing({ prompts: lines });
    await workshop.image(IMAGE, 'drip', red);
    await using service = await workshop.start(renderer);
    await service.until('two requests', async () => (await workshop.asked(IMAGE)).length === 2);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await workshop.asked(IMAGE)).toHaveLength(2);
  });

  it('does not begin for an excluded challenger', async () => {
    await using workshop = await auditing();
    await workshop.image(IMAGE, 'good', red);
    await workshop.competition.amend({ action: 'exclude_hotkey', hotkey: A });
    await using service = await workshop.start(renderer);
    for (let n = 0; n < 3; n += 1) await service.tick();
    expect([service.ports.runs.pending().size, await verdictOf(workshop)]).toEqual([0, undefined]);
  });
});

describe('a run of an earlier round', () => {
  it('is called off, and brings nothing for this one, although the rounds between were not seen', async () => {
    await using workshop = await openWorkshop({ stage: 'miner_generation', build: 'failure' });
    await workshop.image(LEADER_IMAGE, 'hang', red);
    await using service = await workshop.start(renderer);
    await service.until('a request', async () => (await workshop.asked(LEADER_IMAGE)).length === 1);
    await workshop.image(LEADER_IMAGE, 'good', red);
    await using now = await startCompetition({
      ...{ stage: 'miner_generation', round: 1, prompts: [TEXT_PROMPT], submissions: submissionOf(A, 500) },
    });
    const ledger = await now.ledger('generation-orchestrator');
    const podsIn = async () => Object.keys((await now.read(stateFiles.podStats, { round: 1, side: LEADER })) ?? {});
    await until('the end of a run', async () => {
      await tick({ ...service.ports, ledger });
      return (await podsIn()).length > 0;
    });
    expect((await podsIn()).filter((name) => !name.startsWith('miner-01-'))).toEqual([]);
    const files = await now.read(stateFiles.generated, { round: 1, side: LEADER });
    expect(Object.values(files ?? {}).map(isUsable)).toEqual([true]);
  });
});

describe('stray pods', () => {
  it('of this round and of earlier ones are deleted at the start; those of a run are not', async () => {
    await using workshop = await auditing({ competition: { round: 0 } });
    await workshop.image(IMAGE, 'hang', red);
    await workshop.image(LEADER_IMAGE, 'hang', red);
    const stranger = '5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy' as Hotkey;
    const stray = podName({ round: 0, side: stranger, index: 3 });
    const future = podName({ round: 1, side: stranger, index: 0 });
    for (const name of [stray, future]) await workshop.provider.deploy({ name, image: LEADER_IMAGE });
    await using service = await workshop.start(renderer);
    await service.until('a request', async () => (await workshop.asked(IMAGE)).length === 1);
    const own: PodName = podName({ round: 0, side: A, index: 0 });
    expect((await podsOf(workshop)).toSorted()).toEqual([own, future].toSorted());
    expect(service.ports.sweep.owned).toEqual(new Set([own]));
  });

  it('are looked for again when a provider could not be asked', async () => {
    await using workshop = await openWorkshop({ stage: 'open', competition: { prompts: [] } });
    await workshop.image(LEADER_IMAGE, 'hang', red);
    const stray = podName({ round: 0, side: A, index: 0 });
    await workshop.provider.deploy({ name: stray, image: LEADER_IMAGE });
    await rename(workshop.podDir, `${workshop.podDir}.away`);
    await writeFile(workshop.podDir, '');
    await using service = await workshop.start(renderer);
    await service.tick();
    await rename(workshop.podDir, `${workshop.podDir}.file`);
    await rename(`${workshop.podDir}.away`, workshop.podDir);
    await service.tick();
    expect(await podsOf(workshop)).toEqual([]);
    expect((await readdir(workshop.podDir)).length).toBeGreaterThan(0);
  });
});
