import { importCommits, syntheticHistory } from '@tiltyard/audit-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandLine, commandLine } from '../support/command-line.js';
import { subjects } from '../support/git.js';

interface Challenger {
  readonly hotkey: string;
  readonly build: string;
  readonly timeline: { readonly status: string; readonly againstLeader: number };
  readonly generationAudit: { readonly outcome: string } | null;
}

/** A competition up to the moment before its round 1 is decided: one round over, the other in its duels. */
function* untilDuels() {
  for (const commit of syntheticHistory({ rounds: 2, miners: 6, prompts: 20, carryover: 5 })) {
    if (/^Round 1 winner: /m.test(commit.message)) return;
    yield commit;
  }
}

describe('a round in its duels', () => {
  let user: CommandLine;
  let remote: readonly string[];
  let challengers: readonly Challenger[];
  const status = async (...more: readonly string[]) =>
    (await user.tiltyard('status', ...remote, ...more, '--json')).json() as {
      round: number;
      stage: string;
      winner: object | null;
      challengers: readonly Challenger[];
      amendments: readonly object[];
    };
  const operate = (...args: readonly string[]) =>
    user.tiltyard(...args, ...remote, '--reason', 'for this test', '--json');
  beforeAll(async () => {
    user = commandLine();
    await importCommits(user.file('state.git'), untilDuels());
    remote = ['--remote', user.file('state.git')];
    ({ challengers } = await status());
  });
  afterAll(() => user[Symbol.dispose]());

  it('is shown with its timeline, margins and audits', async () => {
    expect(await status()).toMatchObject({ round: 1, stage: 'duels', winner: null, amendments: [] });
    expect(challengers).toHaveLength(6);
    expect(challengers.some(({ timeline }) => timeline.status === 'won')).toBe(true);
    const { out } = await user.tiltyard('status', ...remote);
    for (const { hotkey, timeline } of challengers) {
      const percent = `${timeline.againstLeader > 0 ? '+' : ''}${(timeline.againstLeader * 100).toFixed(1)}%`;
      expect(out).toMatch(
        new RegExp(`^ {2}${hotkey.slice(0, 10)} .*${percent.replace('+', '\\+')} .*${timeline.status}`, 'm'),
      );
    }
  });

  it('leaves an earlier round to be looked up', async () => {
    const before = await status('--round', '0');
    expect(before).toMatchObject({ round: 0, stage: 'over', winner: { winner_hotkey: expect.any(String) } });
    const never = await user.tiltyard('status', ...remote, '--round', '9', '--json');
    expect({ status: never.status, ...never.json() }).toMatchObject({ status: 2, code: 'not_there' });
  });

  it('shows the files of one miner by the first characters of the hotkey', async () => {
    const [first] = challengers;
    const mine = ['--miner', first?.hotkey.slice(0, 10) ?? ''];
    const submitted = (await user.tiltyard('state', 'show', 'submitted', ...mine, ...remote, '--json')).json();
    expect(submitted).toMatchObject({ ok: true, path: `rounds/1/${first?.hotkey}/submitted.json` });
    const report = (
      await user.tiltyard('state', 'show', 'matchReport', ...mine, '--against', 'leader', ...remote, '--json')
    ).json();
    expect(report.value).toMatchObject({ left: 'leader', right: first?.hotkey });
    const all = await user.tiltyard('state', 'show', 'submitted', ...remote);
    expect(all).toMatchObject({ status: 64, err: expect.stringContaining('Narrow it with --miner') });
    const matrix = await user.tiltyard('state', 'show', 'matches_matrix.csv', ...remote);
    expect(matrix.out).toMatch(/^left +right +margin\nleader /);
  });

  it("tells a past round's story, and what decided it", async () => {
    const { status: ended, out } = await user.tiltyard('audit', user.file('state.git'), '--explain', '0');
    expect(ended).toBe(0);
    expect(out).toContain('What would have changed the outcome');
    const story = (await user.tiltyard('audit', user.file('state.git'), '--explain', '0', '--json')).json();
    expect(story).toMatchObject({ ok: true, auditOk: true, round: 0, challengers: expect.any(Array) });
  });

  it('is corrected by amendments that name what is there, and by no others', async () => {
    const audited = challengers.find(({ generationAudit }) => generationAudit?.outcome === 'passed');
    const loser = challengers.find(({ generationAudit }) => generationAudit === null);
    expect((await operate('amend', 'void_audit', audited?.hotkey ?? '')).json()).toMatchObject({
      ok: true,
      amendment: { id: 1, action: 'void_audit', hotkey: audited?.hotkey, reason: 'for this test' },
    });
    // It is open again now, so there is nothing that could be voided twice.
    expect((await operate('amend', 'void_audit', audited?.hotkey ?? '')).json()).toMatchObject({ code: 'refused' });
    expect((await operate('amend', 'void_audit', loser?.hotkey ?? '')).json()).toMatchObject({ code: 'refused' });

    expect((await operate('amend', 'retry_build', loser?.hotkey ?? '')).json()).toMatchObject({
      ok: true,
      amendment: { id: 2 },
    });
    expect((await operate('amend', 'rejudge_match', 'leader', loser?.hotkey ?? '')).json()).toMatchObject({
      amendment: { id: 3, action: 'rejudge_match', left: 'leader', right: loser?.hotkey },
    });
    const unplayed = await operate('amend', 'rejudge_match', loser?.hotkey ?? '', audited?.hotkey ?? '');
    expect(unplayed.json()).toMatchObject({ code: 'refused', message: expect.stringContaining('played no match') });
    expect((await operate('amend', 'exclude_hotkey', loser?.hotkey ?? '')).json()).toMatchObject({
      amendment: { id: 4 },
    });
    expect((await operate('amend', 'exclude_hotkey', loser?.hotkey ?? '')).json()).toMatchObject({ code: 'refused' });
    expect((await operate('amend', 'extend_deadline', '99999999')).json()).toMatchObject({ code: 'refused' });
    expect((await operate('amend', 'resume')).json()).toMatchObject({ code: 'refused' });
    expect((await operate('amend', 'void_audit', '5')).json()).toMatchObject({ code: 'usage' });

    const after = await status();
    expect(after.amendments).toHaveLength(4);
    const reads = after.challengers.map(({ hotkey, timeline }) => [hotkey, timeline.status]);
    expect(Object.fromEntries(reads)[loser?.hotkey ?? '']).toBe('rejected');
    expect(after.challengers.find(({ hotkey }) => hotkey === audited?.hotkey)?.generationAudit).toBeNull();
    expect(subjects(user.file('state.git')).slice(0, 4)).toEqual([
      'Amendment 4 for round 1: exclude_hotkey',
      'Amendment 3 for round 1: rejudge_match',
      'Amendment 2 for round 1: retry_build',
      'Amendment 1 for round 1: void_audit',
    ]);
  });

  it("takes a person's verdicts on source code", async () => {
    const { hotkey } = challengers.find(({ timeline }) => timeline.status === 'won') ?? { hotkey: '' };
    const ended = await operate('source-audit', hotkey.slice(0, 12), 'failed');
    expect(ended.json()).toMatchObject({ ok: true, audit: { hotkey, verdict: 'failed' } });
    const after = await status();
    expect(after.challengers.find((one) => one.hotkey === hotkey)).toMatchObject({
      sourceAudit: 'failed',
      timeline: { status: 'rejected' },
    });
    expect(subjects(user.file('state.git'))[0]).toBe('Update source audits for round 1');
  });
});
