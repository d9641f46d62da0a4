import type { BlockNumber } from '@tiltyard/schema';
import type { Build, BuildStatus, Builds, Submissions } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import {
  areBuildsSettled,
  type BuildJob,
  type BuildLook,
  type BuildTrackingInput,
  buildOutcome,
  buildTag,
  imageFormatOf,
  imageName,
  jobBuildStatus,
  trackBuilds,
} from '../../src/gen3d/audit/builds.js';
import { commit, hotkey } from '../support/samples.js';

const [A, B] = [hotkey(0), hotkey(1)];
const MINUTE = 60_000;
const submission = (digit: string) => ({
  repo: 'a/b',
  commit: commit(digit),
  cdn_url: 'https://cdn.example',
  revealed_at_block: 5 as BlockNumber,
  round: 'mesh-3',
});
const submissions: Submissions = { [A]: submission('a'), [B]: submission('b') };
const running: BuildJob = { status: 'in_progress', conclusion: null };
const concluded = (conclusion: string): BuildJob => ({ status: 'completed', conclusion });
const look = (minute: number, jobs: readonly (readonly [typeof A, BuildJob])[], runComplete = false): BuildLook => ({
  atMs: minute * MINUTE,
  runComplete,
  jobs: new Map(jobs),
});
const tracked = (minute: number, looks: readonly BuildLook[], changes: Partial<BuildTrackingInput> = {}) =>
  trackBuilds({
    submissions,
    builds: {},
    looks,
    nowMs: minute * MINUTE,
    imageFormat: 'registry.example/Project/{hotkey10}:{tag}',
    ...changes,
  });
const statuses = (builds: Builds) => [builds[A]?.status, builds[B]?.status];

describe('builds', () => {
  it('are tagged by commit and round, and named in lower case', () => {
    expect(buildTag(submission('c'))).toBe('ccccccc-mesh-3');
    const name = `registry.example/project/${A.slice(0, 10).toLowerCase()}:ccccccc-mesh-3`;
    expect(imageName('registry.example/Project/{hotkey10}:{tag}', A, 'ccccccc-mesh-3')).toBe(name);
    expect(imageName('registry.example/Project/{}:{}', A, 'ccccccc-mesh-3')).toBe(name);
    expect(imageName('registry.example/Project/{0}:{1}', A, 'ccccccc-mesh-3')).toBe(name);
  });

  it('show the format that they were named by', () => {
    const format = 'registry.example/project/{hotkey10}:{tag}';
    expect(imageFormatOf(imageName(format, A, 'ccccccc-mesh-3'), A, 'ccccccc-mesh-3')).toBe(format);
    expect(imageFormatOf(imageName(format, A, 'ccccccc-mesh-3'), B, 'ccccccc-mesh-3')).toBeUndefined();
    expect(imageFormatOf(imageName(format, A, 'ccccccc-mesh-3'), A, 'ddddddd-mesh-3')).toBeUndefined();
  });

  it('get no name that all of them would share', () => {
    for (const format of ['registry/x', 'registry/{tag}', 'registry/{hotkey10}', 'registry/{}', 'registry/{0}:{0}']) {
      expect(() => imageName(format, A, 'tag')).toThrow(/has no place for/);
    }
    expect(() => buildTag({ commit: 'main', round: 'mesh-3' })).toThrow();
  });

  it('stand where their jobs stand, and are pending where we know no better', () => {
    const expected: readonly (readonly [BuildJob, BuildStatus])[] = [
      [concluded('success'), 'success'],
      ...['failure', 'cancelled', 'skipped', 'timed_out', 'action_required'].map(
        (c) => [concluded(c), 'failure'] as const,
      ),
      [running, 'in_progress'],
      [{ status: 'queued', conclusion: null }, 'pending'],
      [concluded('stale'), 'pending'],
    ];
    for (const [job, status] of expected) expect(jobBuildStatus(job)).toBe(status);
  });

  it('have an image exactly when they succeeded', () => {
    const builds = tracked(9, [
      look(9, [
        [A, concluded('success')],
        [B, concluded('failure')],
      ]),
    ]);
    expect(statuses(builds)).toEqual(['success', 'failure']);
    expect(builds[A]?.docker_image).toBe(`registry.example/project/${A.slice(0, 10).toLowerCase()}:aaaaaaa-mesh-3`);
    expect(builds[B]?.docker_image).toBeNull();
    expect(areBuildsSettled(submissions, builds)).toBe(true);
    expect(areBuildsSettled(submissions, tracked(1, []))).toBe(false);
    expect(areBuildsSettled(submissions, {})).toBe(false);
  });

  it('that are not listed stay pending until the run is complete and a second look two minutes later agrees', () => {
    expect(statuses(tracked(1, []))).toEqual(['pending', 'pending']);
    expect(statuses(tracked(1, [look(1, [])]))).toEqual(['pending', 'pending']);
    const complete = [look(5, [], true)];
    expect(statuses(tracked(6, complete))).toEqual(['pending', 'pending']);
    expect(statuses(tracked(6, [...complete, look(6, [], true)]))).toEqual(['pending', 'pending']);
    expect(statuses(tracked(7, [...complete, look(7, [], true)]))).toEqual(['not_found', 'not_found']);
    expect(statuses(tracked(7, [...complete, look(6, [[A, running]], true), look(7, [], true)]))).toEqual([
      'pending',
      'not_found',
    ]);
    expect(statuses(tracked(7, [...complete, look(6, []), look(7, [], true)]))).toEqual(['pending', 'pending']);
  });

  it('that take more than three hours are timed out, and those that never began are not found', () => {
    expect(statuses(tracked(179, [look(179, [[A, running]])]))).toEqual(['in_progress', 'pending']);
    expect(statuses(tracked(180, [look(179, [[A, running]])]))).toEqual(['timed_out', 'not_found']);
    expect(statuses(tracked(180, [look(180, [[A, concluded('success')]])]))).toEqual(['success', 'not_found']);
  });

  it('stay as they are once settled', () => {
    const builds = tracked(180, [look(179, [[A, running]])]);
    expect(
      tracked(
        181,
        [
          look(181, [
            [A, concluded('success')],
            [B, running],
          ]),
        ],
        { builds },
      ),
    ).toEqual(builds);
  });

  it("are tracked again under an operator's retry, by jobs that began after it", () => {
    const failedBuild: Build = {
      repo: 'a/b',
      commit: commit('a'),
      revealed_at_block: 5 as BlockNumber,
      tag: 't',
      status: 'failure',
      docker_image: null,
    };
    const builds = { [A]: failedBuild };
    const retries = new Map([[A, { amendment: 2, atMs: 300 * MINUTE }]]);
    const old: BuildJob = { ...concluded('failure'), startedMs: 10 * MINUTE };
    const now = (minute: number, job: BuildJob) =>
      tracked(minute, [look(minute, [[A, job]], true)], { builds, retries })[A];
    expect(now(301, old)).toMatchObject({ status: 'pending', amendment: 2 });
    expect(now(310, { ...concluded('success'), startedMs: 302 * MINUTE })).toMatchObject({
      status: 'success',
      amendment: 2,
    });
    const empty = [look(301, [], true), look(310, [], true)];
    expect(tracked(310, empty, { builds, retries })[A]).toMatchObject({ status: 'pending', amendment: 2 });
    expect(tracked(480, empty, { builds, retries })[A]).toMatchObject({ status: 'not_found', amendment: 2 });
    const settled = { [A]: { ...failedBuild, amendment: 2 } };
    expect(tracked(400, [], { builds: settled, retries })[A]).toEqual(settled[A]);
  });

  it("mean nothing for their miner while they are not the miner's doing", () => {
    expect(buildOutcome('success')).toBe('built');
    expect(buildOutcome('failure')).toBe('failed');
    expect(buildOutcome('timed_out')).toBe('failed');
    for (const status of ['pending', 'in_progress', 'not_found', undefined] as const)
      expect(buildOutcome(status)).toBe('open');
  });
});
