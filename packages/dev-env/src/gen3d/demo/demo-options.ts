import path from 'node:path';
import { z } from 'zod';
import { DevEnvError } from '../../network/dev-env-error.js';
import { CHARACTERS, CharacterName, FIRST_ROUND_ORDER } from '../miners/characters.js';
import { CHAOS_DEFAULTS, type ChaosOptions } from './chaos.js';

/** What a demo shows and where it puts it. */
export interface DemoOptions {
  readonly rounds: number;
  readonly prompts: number;
  /** The sample miners that take part, in order of reveal. */
  readonly miners: readonly CharacterName[];
  /** Whether the miners are this demo's own choice: then `champion` joins a competition of more than two rounds. */
  readonly isOwnChoice: boolean;
  /** A folder of GLBs to make objects from, instead of the gallery. */
  readonly models: string | undefined;
  /** Whether everything is kept at the end, not only the repository, the page and the logs. */
  readonly keep: boolean;
  /** The schedule by which services are killed; undefined when none are. */
  readonly chaos: ChaosOptions | undefined;
  /** Where the demo's own folder is made. */
  readonly directory: string;
  /** Where the page and the live status are served on 127.0.0.1 while the demo runs; 0 takes any free port. */
  readonly port: number | undefined;
  /** Seconds that set-up took before; 0 when unknown. */
  readonly setupSeconds: number;
}

/** A demo's options as they come from a command line: texts, or absent. */
export interface DemoWords {
  readonly rounds?: string | undefined;
  readonly prompts?: string | undefined;
  readonly miners?: string | undefined;
  readonly models?: string | undefined;
  readonly keep?: boolean | undefined;
  /** `true` without a seed. */
  readonly chaos?: string | true | undefined;
  readonly directory?: string | undefined;
  readonly port?: string | undefined;
}

export const DEMO_DEFAULTS = {
  rounds: 2,
  prompts: 8,
  miners: FIRST_ROUND_ORDER,
  directory: '.tiltyard',
} as const;

/** Miners in the order in which a smaller field takes them: a few of these already make a round worth watching. */
const MOST_TELLING: readonly CharacterName[] = [
  ...(['faithful', 'cheat', 'copycat', 'hostile', 'slow', 'rough', 'wrong', 'absent', 'weak', 'champion'] as const),
];
const REVEAL_ORDER: readonly CharacterName[] = [...FIRST_ROUND_ORDER, 'champion'];

const Whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/, 'is not a whole number')
    .transform(Number)
    .pipe(z.number().min(least, `is less than ${least}`).max(most, `is more than ${most}`));
const NotEmpty = z.string().min(1, 'is empty');
const NotBase = CharacterName.refine((name) => name !== 'base', 'base leads at the start and cannot take part');
const Names = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .pipe(z.array(NotBase).min(1));

const WORDS = {
  rounds: Whole(1, 20),
  prompts: Whole(2, 64),
  miners: z.union([Whole(1, MOST_TELLING.length), Names]),
  models: NotEmpty,
  chaos: NotEmpty.max(100, 'is longer than 100 characters'),
  directory: NotEmpty,
  port: Whole(0, 65_535),
} as const;

/**
 * Reads a demo's options. `miners` is a number of them, or their names with commas between.
 *
 * @param cwd - What relative paths are relative to.
 * @throws DevEnvError `bad_option`
 */
export function readDemoOptions(words: DemoWords, cwd: string, setupSeconds = 0): DemoOptions {
  const miners = read('miners', words.miners);
  return {
    rounds: read('rounds', words.rounds) ?? DEMO_DEFAULTS.rounds,
    prompts: read('prompts', words.prompts) ?? DEMO_DEFAULTS.prompts,
    miners: miners === undefined ? DEMO_DEFAULTS.miners : inRevealOrder(miners),
    isOwnChoice: miners === undefined,
    models: absolute(read('models', words.models), cwd),
    keep: words.keep === true,
    chaos: chaosOf(words),
    directory: absolute(read('directory', words.directory) ?? DEMO_DEFAULTS.directory, cwd),
    port: read('port', words.port),
    setupSeconds,
  };
}

function chaosOf({ chaos }: DemoWords): ChaosOptions | undefined {
  if (chaos === undefined) return undefined;
  const { seed, leastPauseMs, mostPauseMs } = CHAOS_DEFAULTS;
  return { seed: chaos === true ? seed : (read('chaos', chaos) ?? seed), leastPauseMs, mostPauseMs };
}

function read<Name extends keyof typeof WORDS>(
  name: Name,
  word: string | undefined,
): z.output<(typeof WORDS)[Name]> | undefined {
  if (word === undefined) return undefined;
  const parsed = WORDS[name].safeParse(word);
  if (parsed.success) return parsed.data as z.output<(typeof WORDS)[Name]>;
  throw new DevEnvError({ code: 'bad_option', option: `--${name}`, detail: problemOf(name, word, parsed.error) });
}

function problemOf(name: keyof typeof WORDS, word: string, error: z.ZodError): string {
  const shown = JSON.stringify(word.slice(0, 60));
  if (name === 'miners') {
    const known = Object.keys(CHARACTERS).filter((character) => character !== 'base');
    return `${shown} is neither a number from 1 to ${MOST_TELLING.length} nor names out of ${known.join(', ')}`;
  }
  return `${shown} ${error.issues[0]?.message ?? 'is not usable'}`;
}

function inRevealOrder(miners: number | readonly CharacterName[]): readonly CharacterName[] {
  const chosen = typeof miners === 'number' ? MOST_TELLING.slice(0, miners) : miners;
  return REVEAL_ORDER.filter((name) => chosen.includes(name));
}

function absolute<T extends string | undefined>(folder: T, cwd: string): T {
  return (folder === undefined ? undefined : path.resolve(cwd, folder)) as T;
}
