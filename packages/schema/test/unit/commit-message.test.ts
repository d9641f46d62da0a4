import { describe, expect, it } from 'vitest';
import { type Announcement, announcements, gen3d, stateFiles } from '../../src/gen3d/index.js';
import { formatCommitMessage, parseCommitMessage } from '../../src/index.js';

const MINER = '5GgpGaDxzT';
const EVERY_KIND: readonly Announcement[] = [
  { kind: 'submissions', round: 3 },
  { kind: 'no_submissions', round: 0 },
  { kind: 'stage', round: 12, stage: 'downloading' },
  { kind: 'submitted', round: 3, miner: MINER },
  { kind: 'generated', round: 3, miner: 'leader' },
  { kind: 'pod_stats', round: 3, miner: MINER },
  { kind: 'builds', round: 3 },
  { kind: 'generation_audits', round: 3 },
  { kind: 'source_audits', round: 3 },
  { kind: 'matrix', round: 3 },
  { kind: 'audit_requests', round: 3 },
  { kind: 'match_report', left: 'leader', right: MINER },
  { kind: 'winner', round: 3, winner: 'leader' },
  { kind: 'state', round: 4, stage: 'open', schedule: true, leader: true },
  { kind: 'state', round: 4, stage: 'finished', schedule: false, leader: true },
  { kind: 'state', round: 4, stage: 'paused', schedule: false, leader: false },
  { kind: 'amendment', round: 3, id: 2, action: 'void_audit' },
  { kind: 'allowed_signers' },
  { kind: 'prompt_pool' },
  { kind: 'start', name: 'mesh' },
];

describe('the grammar of commit messages', () => {
  it.each(EVERY_KIND.map((a) => [announcements.format(a), a] as const))('reads back "%s"', (text, announcement) => {
    expect(announcements.parse(text)).toEqual(announcement);
  });

  it('gives every line an owner and files that the registry knows', () => {
    for (const announcement of EVERY_KIND) {
      expect(announcements.owners(announcement).length).toBeGreaterThan(0);
      for (const file of announcements.files(announcement)) expect(stateFiles).toHaveProperty(file);
    }
  });

  it.each([
    'Update build statuses for round 03',
    'Update build statuses for round 3 ',
    'Match report: leader vs me',
    'Round 1: sleeping',
    'revert to duels to save winner.json',
  ])('has no place for "%s"', (text) => {
    expect(announcements.parse(text)).toBeUndefined();
  });

  it('sorts lines, drops repeats and tells the service and its version in trailers', () => {
    const lines = [
      'Update matches matrix for round 1',
      `Match report: leader vs ${MINER}`,
      'Update matches matrix for round 1',
    ];
    const message = formatCommitMessage(lines, { service: 'judge-service', version: '0.1.0' });
    expect(message).toBe(
      `Match report: leader vs ${MINER}\nUpdate matches matrix for round 1\n\nService: judge-service\nVersion: 0.1.0\n`,
    );
    const parsed = parseCommitMessage(message, gen3d);
    expect(parsed).toMatchObject({ service: 'judge-service', version: '0.1.0' });
    expect(parsed.lines.map((line) => line.announcement?.kind)).toEqual(['match_report', 'matrix']);
  });

  it('passes over no line that only looks like a trailer', () => {
    const texts = (message: string) => parseCommitMessage(message, gen3d).lines.map(({ text }) => text);
    const whole = 'Round 1: duels\n\nService: judge-service\nVersion: 0.1.0\n';
    expect(texts(whole)).toEqual(['Round 1: duels']);
    expect(texts(`Service: whatever\n${whole}`)).toEqual(['Service: whatever', 'Round 1: duels']);
    expect(texts(`${whole}Service: operator\n`)).toEqual(['Round 1: duels', 'Service: operator']);
    expect(parseCommitMessage(`${whole}Service: operator\n`, gen3d).service).toBe('judge-service');
    expect(parseCommitMessage('Service: operator\n', gen3d).service).toBeUndefined();
    expect(parseCommitMessage(`${whole}\nand a postscript\n`, gen3d)).not.toHaveProperty('service');
  });

  it('tells nothing about a service that it does not know', () => {
    expect(parseCommitMessage('hello\n\nService: mallory\n', gen3d).service).toBeUndefined();
  });
});
