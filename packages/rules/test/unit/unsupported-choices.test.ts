import { RULES_DEFAULTS, Rules } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { unsupportedChoices } from '../../src/gen3d/round/unsupported-choices.js';

const GOOD: Rules = {
  ...RULES_DEFAULTS,
  verification: { ...RULES_DEFAULTS.verification, embedder: 'descriptor-v1' },
  judging: { ...RULES_DEFAULTS.judging, judges: [{ model: 'some-vlm' }] },
};

describe('choices that this version cannot carry out', () => {
  it('are none where everything is there', () => {
    expect(unsupportedChoices(GOOD)).toEqual([]);
  });

  it.each<readonly [string, Rules]>([
    ['judging.strategy', { ...GOOD, judging: { ...GOOD.judging, strategy: 'multi-stage' } }],
    ['judging.judges', { ...GOOD, judging: { ...GOOD.judging, judges: [{ model: 'a' }, { model: 'unknown' }] } }],
    ['judging.gate', { ...GOOD, judging: { ...GOOD.judging, gate: 'confidence' as 'margin' } }],
    ['verification.mode', { ...GOOD, verification: { ...GOOD.verification, mode: 'duel' as 'distance' } }],
    ['verification.embedder', { ...GOOD, verification: { ...GOOD.verification, embedder: 'dinov3-vits16' } }],
    ['rendering.views', { ...GOOD, rendering: { ...GOOD.rendering, views: 'bundle-13@1' } }],
    ['rendering.lighting', { ...GOOD, rendering: { ...GOOD.rendering, lighting: 'studio@2' } }],
  ])('are told by their field: %s', (field, rules) => {
    expect(unsupportedChoices(rules).map((choice) => choice.field)).toEqual([field]);
    const part = field.split('.')[0] === 'judging' ? 'verification' : 'judging';
    expect(unsupportedChoices(rules, [part])).toEqual([]);
  });

  it('are still read, since older histories hold them', () => {
    const old = { ...GOOD, judging: { ...GOOD.judging, strategy: 'multi-stage' } };
    expect(Rules.safeParse(old).success).toBe(true);
  });
});
