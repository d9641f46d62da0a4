import { distance, type Embedder } from '@tiltyard/embed';
import { GLB_LIMITS_DEFAULTS, type Renderer } from '@tiltyard/render';
import { pairwiseVerdict, scoreOf } from '@tiltyard/rules/gen3d';
import type { LightingName } from '@tiltyard/schema/gen3d';
import { penaltyOf } from '../../src/gen3d/local-judge/penalty-curve.js';
import { pictureDistances } from '../../src/gen3d/local-judge/picture-distance.js';
import { CHARACTERS, type CharacterName } from '../../src/gen3d/miners/characters.js';
import { makeGlb, type Role } from '../../src/gen3d/miners/make-glb.js';
import type { ObjectSource } from '../../src/gen3d/objects/object-source.js';
import type { PromptShot } from '../../src/gen3d/objects/prompt-plan.js';
import { renderPrompt } from '../../src/gen3d/objects/render-prompt.js';
import { SampleError } from '../../src/gen3d/objects/sample-error.js';

export interface RehearsalOptions {
  readonly renderer: Renderer;
  readonly embedder: Embedder;
  readonly source: ObjectSource;
  readonly shots: readonly PromptShot[];
  readonly characters: readonly CharacterName[];
  /** Those whose containers are run again; all of them by default. */
  readonly audited?: readonly CharacterName[];
  readonly lighting: LightingName;
  readonly seed: number;
}

/** What a round's judge and audits would measure, one number a prompt. */
export interface Rehearsal {
  /** From the prompt to the nearest view of what the character plays; empty for one that plays nothing. */
  readonly fromPrompt: ReadonlyMap<CharacterName, readonly number[]>;
  /** From the grid of what the character plays to the grid of what its container makes; empty likewise. */
  readonly fromContainer: ReadonlyMap<CharacterName, readonly number[]>;
}

/**
 * Plays the sample miners' part of a round without its network: every file is made, rendered and measured, as collector,
 * orchestrator and local judge would. It is how the judge's curve, the qualities and the audit's threshold are
 * calibrated, and how one sees whether other models give the characters their parts.
 *
 * @throws SampleError for an object that the renderer refuses
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const measure = pictureDistances(options.embedder);
  const audited = options.audited ?? options.characters;
  const fromPrompt = new Map<CharacterName, number[]>(options.characters.map((name) => [name, []]));
  const fromContainer = new Map<CharacterName, number[]>(options.characters.map((name) => [name, []]));
  for (const shot of options.shots) {
    const prompt = await renderPrompt(shot, options);
    const gridBy = gridsOf(shot, options);
    for (const character of options.characters) {
      const played = await gridBy(whoseFiles(character));
      if (!played) continue;
      fromPrompt.get(character)?.push((await measure(prompt, played)).distance);
      const remade = audited.includes(character) ? await gridBy({ character, role: 'container' }) : undefined;
      if (!remade) continue;
      const [one, other] = await Promise.all([options.embedder.embed(played), options.embedder.embed(remade)]);
      fromContainer.get(character)?.push(distance(one, other));
    }
  }
  return { fromPrompt, fromContainer };
}

/** The margin of a match between two characters, by the pairwise judge's rule. Positive: the right one won. */
export function rehearsedMargin(
  { fromPrompt }: Rehearsal,
  left: CharacterName,
  right: CharacterName,
  drawThreshold: number,
): number {
  const [lefts, rights] = [fromPrompt.get(left) ?? [], fromPrompt.get(right) ?? []];
  const duels = Array.from({ length: Math.max(lefts.length, rights.length) }, (_, prompt) => {
    const [leftDistance, rightDistance] = [lefts[prompt], rights[prompt]];
    if (leftDistance === undefined) return { winner: 'right' } as const;
    if (rightDistance === undefined) return { winner: 'left' } as const;
    return pairwiseVerdict([penaltyOf(leftDistance)], [penaltyOf(rightDistance)], drawThreshold);
  });
  return scoreOf(duels).margin;
}

interface Maker {
  readonly character: CharacterName;
  readonly role: Role;
}

/** The base leader plays what its container makes, a copycat what faithful submitted. */
function whoseFiles(character: CharacterName): Maker {
  if (character === 'base') return { character, role: 'container' };
  if (CHARACTERS[character].submits === 'copies') return { character: 'faithful', role: 'submitted' };
  return { character, role: 'submitted' };
}

/** Renders what makers make of a prompt, each file once. */
function gridsOf(shot: PromptShot, { renderer, source, lighting, seed }: RehearsalOptions) {
  const made = new Map<string, Promise<Buffer | undefined>>();
  const grid = async (maker: Maker): Promise<Buffer | undefined> => {
    const glb = await makeGlb({ ...maker, source, object: shot.object, seed });
    if (!glb) return undefined;
    const limits = GLB_LIMITS_DEFAULTS;
    const result = await renderer.render(glb, { views: 'reference-grid@1', lighting, limits });
    if (!result.ok) throw new SampleError({ code: 'bad_prompt', stem: shot.stem, detail: result.message });
    return result.grid;
  };
  return (maker: Maker): Promise<Buffer | undefined> => {
    const key = `${maker.character}/${maker.role}`;
    const known = made.get(key) ?? grid(maker);
    made.set(key, known);
    return known;
  };
}
