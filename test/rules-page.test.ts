import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as gen3d from '../packages/rules/src/gen3d/index.js';
import * as shared from '../packages/rules/src/index.js';
import { AMENDMENT_ACTIONS, RULES_DEFAULTS } from '../packages/schema/src/gen3d/index.js';

const rules = { ...shared, ...gen3d };
const page = readFileSync(new URL('../docs/rules.md', import.meta.url), 'utf8');

const { generation, verification } = RULES_DEFAULTS;

/** What examples leave out: a usable file that was made well at once. */
const USABLE = { glb: 'g', png: 'p', generation_time: 0, size: 1, attempts: 1, distance: 0 };
const FAILED = { ...USABLE, glb: null, png: null };
const results = (made, resultOf) =>
  Object.fromEntries(Object.entries(made).map(([stem, facts]) => [stem, resultOf(facts)]));
const timed = (facts) =>
  facts === null || facts.seconds === null
    ? { ...FAILED, ...facts }
    : { ...USABLE, ...facts, generation_time: facts.seconds };
const rowsOf = (matrix) => matrix.map(([left, right, margin]) => ({ left, right, margin }));
const verdicts = (audits) => results(audits, (outcome) => ({ outcome }));
const fullCommit = ({ commit, ...rest }) =>
  commit === undefined ? rest : { ...rest, commit: commit.replace('…', '').padEnd(40, '0') };

/**
 * How the page's examples are put to the functions: what is given in short, and of what follows the part that is shown.
 * Untyped, as the page's JSON is.
 */
const EXAMPLES = {
  thresholdsOf: (config) => {
    const { tournament, generation, verification } = rules.thresholdsOf(config);
    return {
      win_margin: tournament.win_margin,
      max_attempts: generation.max_attempts,
      max_mismatched_prompts: verification.max_mismatched_prompts,
    };
  },
  scheduleNextRound: ({ config, previous, now }) =>
    rules.scheduleNextRound(config, previous, { block: now.block, time: new Date(now.time) }),
  selectSubmissions: ({ window: [earliest, latest], registeredAt, reveals }) => {
    const { submissions, refused } = rules.selectSubmissions({
      schedule: { earliest_reveal_block: earliest, latest_reveal_block: latest },
      registeredAt: (hotkey) => registeredAt[hotkey],
      reveals: new Map(Object.entries(reveals).map(([hotkey, texts]) => [hotkey, texts.map(fullCommit)])),
      roundName: '3d-gen-7',
    });
    const shown = submissions.map(({ hotkey, submission: { commit, revealed_at_block } }) => {
      return { hotkey, commit: `${commit.slice(0, 4)}…`, revealed_at_block };
    });
    return { submissions: shown, refused };
  },
  roundName: ({ name, round }) => rules.roundName({ name }, round),
  seedOf: ({ blockHash, round }) => rules.seedOf(blockHash, round),
  Twister: ({ seed, draws }) => {
    const twister = new rules.Twister(seed);
    return draws.map(([draw, ...of]) => twister[draw](...of));
  },
  drawPrompts: rules.drawPrompts,
  buildOutcome: (statuses) => statuses.map(rules.buildOutcome),
  isBaselineComplete: ({ maxAttempts, generated }) =>
    rules.isBaselineComplete(
      Object.keys(generated),
      results(generated, ({ usable, attempts }) => ({ ...(usable ? USABLE : FAILED), attempts })),
      maxAttempts,
    ),
  findDuplicates: ({ stem, files, manifests }) =>
    rules.findDuplicates(
      new Map(
        Object.entries(files).map(([hotkey, { glb, png }]) => {
          return [hotkey, { [stem]: { ...USABLE, glb_sha256: glb, png_sha256: png } }];
        }),
      ),
      manifests.map(({ glb, ...manifest }) => ({ ...manifest, files: new Map([[stem, glb]]) })),
    ),
  forcedOutcomes: ({ left, right, ...limits }) => {
    const side = (files) =>
      new Map(Object.entries(results(files, (seconds) => timed(seconds === null ? null : { seconds }))));
    return Object.fromEntries(rules.forcedOutcomes({ ...limits, left: side(left), right: side(right) }));
  },
  pairwiseVerdict: ({ left, right, drawThreshold }) => rules.pairwiseVerdict(left, right, drawThreshold),
  frontViewVerdict: (views) =>
    rules.frontViewVerdict(
      Object.entries(views).map(([view, { weight, left, right }]) => ({
        view,
        weight,
        leftFirst: { left: left[0], right: right[0] },
        rightFirst: { left: left[1], right: right[1] },
      })),
    ),
  sideGuardVerdict: ({ winner, left, right }) => rules.sideGuardVerdict(winner, left, right),
  scoreOf: (wins) =>
    rules.scoreOf(Object.entries(wins).flatMap(([winner, count]) => Array.from({ length: count }, () => ({ winner })))),
  qualificationOf: ({ winMargin, margins }) =>
    results(margins, (margin) =>
      rules.qualificationOf('5', { winMargin, margin: () => margin, standing: () => ({ status: 'open' }) }),
    ),
  deriveTimeline: ({ hotkeys, winMargin, matrix, audits }) => {
    const { entries, current, next } = rules.deriveTimeline({
      hotkeys,
      winMargin,
      margin: rules.marginsOf(rowsOf(matrix)),
      standing: rules.standings({
        generationAudits: verdicts(audits),
        sourceAudits: [],
        requireSourceAudit: false,
      }),
      leaderBaselineComplete: true,
    });
    const shown = entries.map(({ hotkey, status, defender, margin }) => ({ hotkey, status, defender, margin }));
    return { entries: shown, current, next };
  },
  criticalPrompts: ({ duels, won, lost, rules: critical }) => {
    const all = Array.from({ length: duels }, (_, at) => {
      if (at < won.length) return { name: won[at], winner: 'right' };
      return { name: `other-${at}`, winner: at < won.length + lost ? 'left' : 'draw' };
    });
    return rules.criticalPrompts({ ...rules.scoreOf(all), duels: all }, critical);
  },
  nextPrompt: ({ fresh, tried }) => {
    let run = rules.startRun([...fresh, ...Object.keys(tried)], results(tried, timed));
    const order = [];
    for (;;) {
      const pod = { id: `pod-${order.length}`, acceptsRetries: true };
      const stem = rules.nextPrompt(run, pod, 0, RULES_DEFAULTS);
      if (stem === undefined) return order;
      order.push(stem);
      run = rules.handOut(run, stem, pod.id, 0);
    }
  },
  isHopeless: (tolerances) =>
    tolerances.map((tolerance) => {
      const wrong = { ...USABLE, distance: 2 };
      const isEnough = (count) => {
        const stems = Array.from({ length: count }, (_, at) => `p${at}`);
        const made = Object.fromEntries(stems.map((stem) => [stem, wrong]));
        const withTolerance = { generation, verification: { ...verification, ...tolerance } };
        return rules.isHopeless(rules.startRun(stems, made), withTolerance);
      };
      return Array.from({ length: 100 }, (_, count) => count).find(isEnough);
    }),
  podsToStart: (fleets) => fleets.map((pods) => rules.podsToStart(pods, generation).toStart),
  podHealth: (pods) =>
    results(pods, (times) =>
      rules.podHealth(
        times.map((seconds) => ({ success: true, seconds, secondsBefore: undefined })),
        generation,
      ),
    ),
  trimmedMedian: ({ trim, values }) => rules.trimmedMedian(values, trim),
  auditVerdict: ({ criticalPrompts, generated }) => {
    const { hotkey: _, ...verdict } = rules.auditVerdict({
      hotkey: '5',
      criticalPrompts,
      submitted: results(generated, () => USABLE),
      generated: results(generated, timed),
      build: { status: 'success' },
      runComplete: true,
      rules: RULES_DEFAULTS,
    });
    return verdict;
  },
  standings: ({ generationAudits, ...facts }) => {
    const standing = rules.standings({ ...facts, generationAudits: verdicts(generationAudits) });
    return Object.fromEntries(Object.keys(generationAudits).map((hotkey) => [hotkey, standing(hotkey)]));
  },
  decayed: ({ weight, rounds, ...weights }) => {
    const fall = [weight];
    while (fall.length < rounds + 1) fall.push(rules.decayed(fall.at(-1), weights));
    return fall;
  },
  weightsAt: ({ uids, ...facts }) => rules.weightsAt({ ...facts, uidOf: (hotkey) => uids[hotkey] }),
  standingAudits: ({ amendments, audits }) => {
    const amended = rules.projectAmendments(amendments);
    return audits.map((one) => rules.standingAudits(one, amended));
  },
};

const examples = [...page.matchAll(/^```json (\w+)\n(.*?)^```/gms)].map(([, name = '', text = '']) => {
  const { given, follows } = JSON.parse(text);
  return { name, given, follows };
});

describe('docs/rules.md', () => {
  it.each(examples)('shows what $name answers', ({ name, given, follows }) => {
    const answer = EXAMPLES[name](given);
    expect(JSON.parse(JSON.stringify(answer))).toEqual(follows);
  });

  it('has an example of every function that the test can put one to', () => {
    expect([...new Set(examples.map(({ name }) => name))].sort()).toEqual(Object.keys(EXAMPLES).sort());
  });

  it('says of each section, but the one about stages, where its code is', () => {
    const code = page.split(/^##+ /m).map((section) => /^Code: (.*?)\.$/ms.exec(section)?.[1] ?? '');
    const titles = [...page.matchAll(/^##+ (.*)$/gm)].map(([, title]) => title);
    expect(titles.filter((_, at) => code[at + 1] === '')).toEqual(['Stages']);
    const links = [...code.join().matchAll(/\[`(\w+)`\]\(([^)]+)\)/g)].map(([, name, file]) => ({ name, file }));
    const declares = ({ name, file }) => {
      const text = readFileSync(new URL(`../docs/${file}`, import.meta.url), 'utf8');
      return name in rules && new RegExp(`^export (?:function|class) ${name}\\b`, 'm').test(text);
    };
    expect(links.filter((link) => !declares(link))).toEqual([]);
  });

  it('lists every threshold that has a default, with it', () => {
    const rows = [...page.matchAll(/^\| `(\w+\.\w+)` +\| (\S+) +\|/gm)].map(([, name, value]) => [name, value]);
    const { software: _, rendering: __, ...deciding } = RULES_DEFAULTS;
    const defaults = Object.entries(deciding).flatMap(([part, values]) =>
      Object.entries(values)
        .filter(([field]) => field !== 'judges' && field !== 'embedder')
        .map(([field, value]) => [`${part}.${field}`, String(value)]),
    );
    expect(rows).toEqual(defaults);
  });

  it('tells what every amendment does', () => {
    const rows = [...page.matchAll(/^\| ((?:`\w+`(?:, )?)+) +\|/gm)].map(([, names = '']) => names);
    const actions = rows.flatMap((names) => [...names.matchAll(/`(\w+)`/g)].map(([, action]) => action));
    expect(actions).toEqual(expect.arrayContaining([...AMENDMENT_ACTIONS]));
  });
});
