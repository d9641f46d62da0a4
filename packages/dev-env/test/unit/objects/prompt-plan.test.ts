import { VIEW_SETS } from '@tiltyard/render';
import { describe, expect, it } from 'vitest';
import { planPrompts } from '../../../src/gen3d/objects/prompt-plan.js';
import { sampleObjects } from '../../../src/gen3d/objects/sample-object-source.js';

describe('planning prompts', () => {
  it('shows every object once before it shows one again', () => {
    const shots = planPrompts(sampleObjects.names, 16);
    expect(new Set(shots.map((shot) => shot.object)).size).toBe(16);
  });

  it('shows few objects from several angles', () => {
    const shots = planPrompts(['duck', 'helmet'], 8);
    expect(shots).toHaveLength(8);
    expect(new Set(shots.map((shot) => shot.stem)).size).toBe(8);
    expect(new Set(shots.filter((shot) => shot.object === 'duck').map((shot) => shot.azimuth)).size).toBe(4);
  });

  it('gives fewer prompts when the angles are used up', () => {
    expect(planPrompts(['duck'], 100)).toHaveLength(8);
  });

  it('uses no angle of the grids', () => {
    const ofGrids = VIEW_SETS['reference-grid@1'].views.map((view) => view.azimuth);
    for (const { azimuth } of planPrompts(['duck'], 8)) expect(ofGrids).not.toContain(azimuth);
  });
});
