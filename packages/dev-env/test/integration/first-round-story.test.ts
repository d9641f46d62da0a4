import path from 'node:path';
import { DESCRIPTOR_V1, type Embedder, openEmbedder } from '@tiltyard/embed';
import { openRenderer, type Renderer } from '@tiltyard/render';
import { deriveTimeline, type Standing } from '@tiltyard/rules/gen3d';
import { Hotkey, LEADER } from '@tiltyard/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedData } from '../../../../test-support/shared-data.js';
import { type CharacterName, FIRST_ROUND_ORDER } from '../../src/gen3d/miners/characters.js';
import type { ObjectSource } from '../../src/gen3d/objects/object-source.js';
import { openObjects } from '../../src/gen3d/objects/open-objects.js';
import { type PromptShot, planPrompts } from '../../src/gen3d/objects/prompt-plan.js';
import { type Rehearsal, rehearse, rehearsedMargin } from '../support/rehearsal.js';

const WIN_MARGIN = 0.05;
const DRAW_THRESHOLD = 1;
/** The demo's `verification.acceptable_distance` for descriptor-v1. */
const ACCEPTABLE_DISTANCE = 0.01;

/** Who leads at some time, and so is audited. */
const AUDITED = ['cheat', 'copycat', 'slow', 'faithful'] as const;

const hotkeyOf = new Map(
  FIRST_ROUND_ORDER.map((name, index) => [name, Hotkey.parse(`5${'ABCDEFGHJK'[index]}`.padEnd(48, 'x'))]),
);
const nameOf = new Map([...hotkeyOf].map(([name, hotkey]) => [hotkey, name]));

/** Who holds the lead, with these audits in. */
function leaderOf(rehearsal: Rehearsal, rejected: readonly CharacterName[]): CharacterName | 'leader' {
  const standing = (hotkey: Hotkey): Standing => {
    const name = nameOf.get(hotkey);
    return name && rejected.includes(name) ? { status: 'rejected', by: 'generation_audit' } : { status: 'approved' };
  };
  const timeline = deriveTimeline({
    hotkeys: [...hotkeyOf.values()],
    margin: (left, right) => {
      const defender = left === LEADER ? 'base' : nameOf.get(left);
      const challenger = nameOf.get(right);
      if (!defender || !challenger) throw new Error('unknown hotkey');
      return rehearsedMargin(rehearsal, defender, challenger, DRAW_THRESHOLD);
    },
    standing,
    winMargin: WIN_MARGIN,
    leaderBaselineComplete: true,
  });
  return timeline.current === LEADER ? LEADER : (nameOf.get(timeline.current) ?? LEADER);
}

function tellsTheStory(name: string, open: () => Promise<{ source: ObjectSource; shots: readonly PromptShot[] }>) {
  describe(`the first round's story, with ${name}, rendered, judged and audited`, () => {
    let renderer: Renderer;
    let embedder: Embedder;
    let rehearsal: Rehearsal;

    beforeAll(async () => {
      renderer = await openRenderer();
      embedder = await openEmbedder(DESCRIPTOR_V1);
      const characters: readonly CharacterName[] = ['base', ...FIRST_ROUND_ORDER, 'champion'];
      const cast = { characters, audited: AUDITED };
      rehearsal = await rehearse({ renderer, embedder, ...(await open()), ...cast, lighting: 'studio@1', seed: 7 });
    });

    afterAll(async () => {
      await renderer?.close();
      await embedder?.close();
    });

    it('is led by cheat, then copycat, then slow, and won by faithful, as one after another is rejected', () => {
      expect(leaderOf(rehearsal, [])).toBe('cheat');
      expect(leaderOf(rehearsal, ['cheat'])).toBe('copycat');
      expect(leaderOf(rehearsal, ['cheat', 'copycat'])).toBe('slow');
      expect(leaderOf(rehearsal, ['cheat', 'copycat', 'slow'])).toBe('faithful');
      expect(leaderOf(rehearsal, ['cheat', 'copycat', 'slow', 'faithful'])).toBe('leader');
    });

    it('has distances that prove who cheats: honest containers are near their files, the others far', () => {
      const audited = (name: CharacterName) => rehearsal.fromContainer.get(name) ?? [];
      for (const honest of ['faithful', 'slow'] as const) {
        expect(Math.max(...audited(honest)), honest).toBeLessThan(ACCEPTABLE_DISTANCE / 5);
      }
      for (const dishonest of ['cheat', 'copycat'] as const) {
        expect(Math.min(...audited(dishonest)), dishonest).toBeGreaterThan(ACCEPTABLE_DISTANCE * 4);
      }
      expect(audited('faithful')).not.toContain(0);
    });

    it('lets a champion take the lead from faithful in the next round, and no worse miner', () => {
      const against = (challenger: CharacterName) => rehearsedMargin(rehearsal, 'faithful', challenger, DRAW_THRESHOLD);
      expect(against('champion')).toBeGreaterThanOrEqual(WIN_MARGIN);
      for (const worse of ['slow', 'rough', 'weak', 'wrong', 'absent', 'hostile'] as const) {
        expect(against(worse), worse).toBeLessThan(WIN_MARGIN);
      }
    });
  });
}

tellsTheStory('objects of the gallery', async () => {
  const source = await openObjects(undefined);
  return { source, shots: planPrompts(source.names, 20).filter(({ object }) => /clock|house/.test(object)) };
});

const models = sharedData('glb/Duck.glb');
describe.skipIf(!models)('other people’s models (needs TILTYARD_SHARED)', () => {
  tellsTheStory('a folder of models', async () => {
    const source = await openObjects(path.dirname(models ?? ''));
    return { source, shots: planPrompts(source.names, 2) };
  });
});
