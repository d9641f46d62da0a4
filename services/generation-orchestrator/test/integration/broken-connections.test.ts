import { openRenderer, type Renderer } from '@tiltyard/render';
import { type GenerationResult, type Rules, stateFiles } from '@tiltyard/schema/gen3d';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallGlb } from '../../../../packages/service-kit/test/support/small-glb.js';
import { A, type Behaviour, openWorkshop, verdictOf, type Workshop } from '../support/orchestrator.js';

const red = smallGlb();
const PROMPTS = ['text: a red lamp', 'text: a red chair'];

let renderer: Renderer;
beforeAll(async () => {
  renderer = await openRenderer({ processes: 1 });
});
afterAll(async () => await renderer.close());

/** An audit of a container, by rules that count so many broken connections as nobody's, or all of them. */
async function auditing(behaviour: Behaviour, max_broken_connections?: number): Promise<Workshop> {
  const counted = max_broken_connections === undefined ? {} : { max_broken_connections };
  const workshop = await openWorkshop({
    ...{ stage: 'duels', build: 'success', baseline: true, prompts: PROMPTS, submitted: { glb: red, renderer } },
    rules: (rules: Rules) => ({ ...rules, generation: { ...rules.generation, ...counted } }),
  });
  await workshop.image('local/a:image', behaviour, red);
  return workshop;
}

const resultsOf = async (workshop: Workshop): Promise<readonly GenerationResult[]> =>
  Object.values(await workshop.generated(A));

describe('a container that breaks connections and stays healthy', () => {
  it('gives no verdict by the usual rules; alarm and pod_stats say that it was healthy', async () => {
    await using workshop = await auditing('break');
    await using service = await workshop.start(renderer);
    await service.until('two runs', () => service.said.sent(/^run-/).length >= 2);
    expect([await verdictOf(workshop), await resultsOf(workshop)]).toEqual([undefined, []]);
    expect(service.said.sent(/^run-/)[0]?.detail).toContain('3 of 3 broke a connection and were healthy right after');
    const stats = await workshop.competition.read(stateFiles.podStats, { round: 0, side: A });
    for (const { termination_reason, marked_bad } of Object.values(stats ?? {})) {
      expect([termination_reason?.includes('it answered /health right after'), marked_bad]).toEqual([true, false]);
    }
  });

  it('is rejected where the rules count breaks, beyond those that are allowed', async () => {
    await using workshop = await auditing('break', 3);
    await using service = await workshop.start(renderer);
    await service.until('a verdict', async () => (await verdictOf(workshop)) !== undefined);
    expect(await verdictOf(workshop)).toMatchObject({
      ...{ outcome: 'rejected', failed_prompts: 2, reason: 'Non-critical mismatches (2) exceed tolerance (0)' },
    });
    // The first run's three pods broke one connection each, and were lost.
    expect(service.said.sent(/^run-/)).toHaveLength(1);
    const [first] = await resultsOf(workshop);
    expect(first?.error?.code).toBe('connection_broken');
    expect(await workshop.asked('local/a:image')).toHaveLength(5);
  });

  it('passes where it happened within what is allowed, and no attempt is charged', async () => {
    await using workshop = await auditing('break-once', 1);
    await using service = await workshop.start(renderer);
    await service.until('a verdict', async () => (await verdictOf(workshop)) !== undefined);
    expect(await verdictOf(workshop)).toMatchObject({ outcome: 'passed' });
    expect((await resultsOf(workshop)).map(({ attempts }) => attempts)).toEqual([1, 1]);
  });

  it('has a fresh start when its audit is voided', async () => {
    await using workshop = await auditing('break', 3);
    await using service = await workshop.start(renderer);
    await service.until('a verdict', async () => (await verdictOf(workshop)) !== undefined);
    const asked = (await workshop.asked('local/a:image')).length;
    await workshop.image('local/a:image', 'good', red);
    await workshop.competition.amend({ action: 'void_audit', hotkey: A });
    await service.until('another verdict', async () => (await workshop.audit())?.amendment !== undefined);
    expect(service.ports.memory.brokeConnection(A)).toBe(1);
    await service.until('it', async () => (await verdictOf(workshop))?.outcome === 'passed');
    expect((await workshop.asked('local/a:image')).length).toBe(asked + 2);
  });
});
