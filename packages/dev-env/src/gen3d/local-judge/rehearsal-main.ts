import { parseArgs } from 'node:util';
import { openEmbedder } from '@tiltyard/embed';
import { openRenderer } from '@tiltyard/render';
import { CHARACTERS, type CharacterName, FIRST_ROUND_ORDER } from '../miners/characters.js';
import { openObjects } from '../objects/open-objects.js';
import { planPrompts } from '../objects/prompt-plan.js';
import { penaltyOf } from './penalty-curve.js';
import { type Rehearsal, rehearse, rehearsedMargin } from './rehearsal.js';

/**
 * Prints what the local judge and the audits would measure of the sample miners.
 *
 * Usage: node dist/gen3d/local-judge/rehearsal-main.js [--models DIR] [--prompts 8]
 */
const DRAW_THRESHOLD = 1;
const CHARACTERS_WITH_FILES: readonly CharacterName[] = ['base', ...FIRST_ROUND_ORDER, 'champion'].filter(
  (name): name is CharacterName => name in CHARACTERS && name !== 'absent' && name !== 'hostile',
);

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { models: { type: 'string' }, prompts: { type: 'string', default: '8' } } });
  const source = await openObjects(values.models);
  await using renderer = await openRenderer();
  await using embedder = await openEmbedder('descriptor-v1');
  const shots = planPrompts(source.names, Number(values.prompts));
  const characters = CHARACTERS_WITH_FILES;
  const rehearsal = await rehearse({ renderer, embedder, source, shots, characters, lighting: 'studio@1', seed: 7 });
  print(`${shots.length} prompts: ${shots.map((shot) => shot.stem).join(' ')}\nRendered by ${renderer.describe()}\n`);
  printPenalties(rehearsal, characters);
  printMargins(rehearsal, characters);
  printAudits(rehearsal, characters);
}

function printPenalties({ fromPrompt }: Rehearsal, characters: readonly CharacterName[]): void {
  print('Penalties, one a prompt');
  for (const name of characters) {
    const penalties = (fromPrompt.get(name) ?? []).map((distance) => penaltyOf(distance).toFixed(1).padStart(5));
    print(`  ${name.padEnd(10)}${penalties.join('')}`);
  }
}

function printMargins(rehearsal: Rehearsal, characters: readonly CharacterName[]): void {
  print('\nMargins: the row defends, the column challenges');
  print(`  ${' '.repeat(10)}${characters.map((name) => name.padStart(10)).join('')}`);
  for (const left of characters) {
    const margins = characters.map((right) => rehearsedMargin(rehearsal, left, right, DRAW_THRESHOLD).toFixed(3));
    print(`  ${left.padEnd(10)}${margins.map((margin) => margin.padStart(10)).join('')}`);
  }
}

function printAudits({ fromContainer }: Rehearsal, characters: readonly CharacterName[]): void {
  print('\nDistances of what the containers make from what was played: least and greatest');
  for (const name of characters) {
    const distances = fromContainer.get(name) ?? [];
    const range = [Math.min(...distances), Math.max(...distances)].map((value) => value.toExponential(2));
    print(`  ${name.padEnd(10)}${range.join('  ')}`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
