import { describe, expect, it } from 'vitest';
import { announcements } from '../../src/gen3d/index.js';
import { type StateFileName, stateFiles } from '../../src/gen3d/registry.js';

const H = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty';
const COMMIT = 'c0ffee'.padEnd(40, '0');
const SOLUTION = { repo: 'owner/name', commit: COMMIT };
const RESULT = {
  ...{ glb: 'https://store/a.glb', png: null, generation_time: 12.5, size: 1000, attempts: 1, distance: 0 },
};
const DUEL = {
  ...{ name: 'chair', prompt: 'https://p/chair.png', left_glb: null, left_png: null, right_glb: null, right_png: null },
  ...{ winner: 'draw', issues: 'No previews for chair' },
};
const ORDER = { at: '2026-12-01T08:00:00Z', reason: 'the provider throttled the GPUs' };

/** What the document of the format shows of each file, with its own values where it names some. */
const EXAMPLES: readonly (readonly [StateFileName, string, unknown])[] = [
  [
    'config',
    'with the real values and a title for a name',
    {
      ...{ name: '404 GEN Competition 1', description: '3D models from images' },
      ...{ first_evaluation_date: '2026-02-02', last_competition_date: '2026-12-31', round_start_time: '08:00:00' },
      ...{ generation_stage_minutes: 120, finalization_buffer_hours: 1, round_duration_days: 3 },
      ...{ win_margin: 0.05, weight_decay: 0.2, weight_floor: 0.2, prompts_per_round: 128, carryover_prompts: 32 },
    },
  ],
  ['state', 'with a time', { current_round: 3, stage: 'open', next_stage_eta: '2026-12-01T08:00:00Z' }],
  ['state', 'without', { current_round: 3, stage: 'finished', next_stage_eta: null }],
  ['leader', 'as a list', [{ hotkey: H, ...SOLUTION, docker: 'ghcr.io/a:b', weight: 1, effective_block: 7 }]],
  [
    'leader',
    'as the README once showed it',
    { transitions: [{ hotkey: H, ...SOLUTION, docker: 'ghcr.io/a:b', weight: 1, effective_block: 7 }] },
  ],
  ['promptPool', 'of pictures and texts', 'https://p.example/chair.png\ntext: a red lamp\n'],
  ['prompts', 'of pictures and texts', 'https://p.example/chair.png\ntext: a red lamp\n'],
  ['schedule', 'of three blocks', { earliest_reveal_block: 1, latest_reveal_block: 2, generation_deadline_block: 3 }],
  [
    'rules',
    'as it is printed',
    {
      software: { name: 'tiltyard', version: '0.1.0', commit: '…' },
      tournament: { win_margin: 0.05, max_mismatched_margin: 0.05, require_source_audit: true },
      limits: {
        ...{ max_glb_bytes: 209715200, bounds: 0.6, max_meshes: null, max_triangles: 2000000 },
        max_image_pixels: 16777216,
      },
      generation: {
        ...{ median_limit_seconds: 90, hard_limit_seconds: 180, rolling_median_limit_seconds: 120, median_trim: 6 },
        ...{ max_attempts: 3, overtime_tolerance_ratio: 0.05, pods_initial: 2, pods_per_miner: 4 },
        ...{ pod_starts_per_miner: 6, miners_at_once: 4 },
      },
      verification: {
        ...{ mode: 'distance', embedder: 'dinov3-vits16@sha256:…/pre1', acceptable_distance: 0.1 },
        ...{ max_mismatched_prompts: 6, max_mismatched_critical_prompts: 1 },
      },
      rendering: {
        views: 'reference-grid@1',
        lighting: 'studio@1',
        renderer: 'gl 9.0.0-rc.10, three 0.187.0, lavapipe …',
      },
      judging: {
        ...{ strategy: 'pairwise', judges: [{ model: '…' }], draw_threshold: 1, temperature: 0, gate: 'margin' },
      },
    },
  ],
  [
    'submissions',
    'by hotkey',
    { [H]: { ...SOLUTION, cdn_url: 'https://cdn', revealed_at_block: 5, round: '404-gen-competition-1-3' } },
  ],
  ['seed', 'alone', { seed: 4294967295 }],
  ['seed', 'with its block', { seed: 0, block: 7, block_hash: `0x${'1f'.repeat(32)}` }],
  [
    'promptImages',
    'by stem',
    { chair: { url: 'https://store/a.png', sha256: 'a'.repeat(64), type: 'image/png', bytes: 7 } },
  ],
  ...(['pending', 'in_progress', 'success', 'failure', 'timed_out', 'not_found'] as const).map(
    (status) =>
      [
        'builds',
        status,
        {
          [H]: {
            ...{ ...SOLUTION, revealed_at_block: 5, tag: 'c0ffee0-mesh-3', status },
            docker_image: status === 'success' ? 'ghcr.io/a/b:c' : null,
          },
        },
      ] as const,
  ),
  ['submitted', 'by stem', { chair: RESULT }],
  ['generated', 'by stem', { chair: { ...RESULT, error: { code: 'http_404', message: 'not there' } } }],
  [
    'podStats',
    'by pod',
    {
      'miner-03-5fhnew46xg-0': {
        ...{ processed: 1, successful: 1, hard_failed: 0, hard_overtime: 0, marked_bad: false },
        ...{ time_min: 1, time_max: 1, time_avg: 1, time_median: 1 },
        ...{ retry_cumulative_delta: 0, retry_delta_count: 0, termination_reason: null },
      },
    },
  ],
  ['auditRequests', 'with prompts', [{ hotkey: H, critical_prompts: ['chair'] }]],
  ...(['pending', 'passed', 'rejected'] as const).map(
    (outcome) =>
      [
        'generationAudits',
        outcome,
        {
          [H]: {
            ...{ hotkey: H, outcome, checked_prompts: 9, failed_prompts: 1, failed_critical: 0, reason: '' },
            generation_time: outcome === 'pending' ? null : 12.3,
          },
        },
      ] as const,
  ),
  ['sourceAudits', 'of a person', [{ hotkey: H, verdict: 'passed', reason: 'read' }]],
  ['matchMatrix', 'with its header', `left,right,margin\nleader,${H},0.0625\n`],
  ['matchReport', 'of a match', { left: 'leader', right: H, score: 0, margin: 0, duels: [DUEL] }],
  ['winner', 'by winner_hotkey', { winner_hotkey: 'leader', ...SOLUTION, docker_image: 'ghcr.io/a:b' }],
  ['winner', 'by hotkey', { hotkey: H, ...SOLUTION, docker_image: 'ghcr.io/a:b' }],
  [
    'amendments',
    'of every kind',
    [
      { action: 'void_audit', hotkey: H },
      { action: 'retry_build', hotkey: H },
      { action: 'rejudge_match', left: 'leader', right: H },
      { action: 'exclude_hotkey', hotkey: H },
      { action: 'extend_deadline', generation_deadline_block: 9 },
      { action: 'pause', stage: 'open' },
      { action: 'resume', stage: 'open' },
    ].map((order, index) => ({ id: index + 1, ...ORDER, ...order })),
  ],
];

/** The grammar of messages, with its own placeholders filled in. */
const LINES = [
  'Seed, prompts and submissions for round 3',
  ...['downloading', 'duels', 'finalizing'].map((stage) => `Round 3: ${stage}`),
  'Update submitted for round 3, miner 5FHneW46xG',
  'Update build statuses for round 3',
  'Update generated for round 3, miner leader',
  'Update pod stats for round 3, miner 5FHneW46xG',
  'Update generation audits for round 3',
  'Match report: leader vs 5FHneW46xG',
  'Update matches matrix for round 3',
  'Update audit requests for round 3',
  'Round 3 winner: leader',
  'Update state (downloading) for round 3',
  'Update state (open), schedule, leader for round 3',
  'Update state (finished) for round 3',
  'No submissions for round 3',
  'Amendment 2 for round 3: void_audit',
  'Update allowed signers',
  'Start competition 404 GEN Competition 1',
];

describe('what the document of the format shows', () => {
  it.each(EXAMPLES)('is read: %s %s', (name, _what, value) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    expect(() => stateFiles[name].parse(text, name)).not.toThrow();
  });

  it.each(LINES)('is a line of the grammar: %s', (line) => {
    expect(announcements.parse(line)).toBeDefined();
  });

  it('is the same winner by either name', () => {
    const rest = { ...SOLUTION, docker_image: 'ghcr.io/a:b' };
    const [one, other] = [
      { winner_hotkey: H, ...rest },
      { hotkey: H, ...rest },
    ].map((value) => stateFiles.winner.parse(JSON.stringify(value), 'winner.json'));
    expect(other).toEqual(one);
  });
});
