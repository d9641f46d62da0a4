import { createHash } from 'node:crypto';
import { Twister } from '@tiltyard/rules';
import { forcedOutcomes, pairwiseVerdict, type SideFiles, scoreOf } from '@tiltyard/rules/gen3d';
import { CommitId, Hotkey, Sha256, type Side } from '@tiltyard/schema';
import {
  type Duel,
  type GenerationResult,
  type Generations,
  type MatchReport,
  type PromptImage,
  type PromptImages,
  promptOf,
  type Stem,
  stemOf,
} from '@tiltyard/schema/gen3d';
import type { SyntheticOptions } from './synthetic-commit.js';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const STORE = 'https://objects.synthetic.invalid';
const MODEL = 'synthetic-judge';
const WORDS = 'the silhouette fits but the handle is too thin and the texture of the left side is blurred ';

/** What the judges of a synthetic competition are called. */
export const SYNTHETIC_MODEL = MODEL;

/** A miner of a synthetic competition: who it is, and how good. */
export interface SyntheticMiner {
  readonly index: number;
  readonly hotkey: Hotkey;
  readonly commit: CommitId;
  /** From 0 to 1: the share of judged duels that it wins against an equal is half; the better wins more. */
  readonly skill: number;
}

/** The miners of a round; their code differs from round to round. */
export function syntheticMiners(count: number, seed: number, round: number): readonly SyntheticMiner[] {
  return Array.from({ length: count }, (_, index) => ({
    index,
    hotkey: Hotkey.parse(`5${base58(`miner ${seed} ${index}`, 47)}`),
    commit: CommitId.parse(sha256(`commit ${seed} ${index} ${round}`).slice(0, 40)),
    // The last revealed are the best, so that one takes the lead in every round.
    skill: 0.15 + (0.7 * ((index * 7 + round * 3) % count)) / count,
  }));
}

/** The pool that prompts are drawn from: images, and every eighth a text. */
export function syntheticPool(prompts: number, seed: number): readonly string[] {
  return Array.from({ length: prompts * 12 }, (_, index) =>
    index % 8 === 7
      ? `text: a wooden toy number ${index} of set ${seed}`
      : `https://prompts.synthetic.invalid/${sha256(`prompt ${seed} ${index}`)}.png`,
  );
}

/** The pictures of prompts, as a round keeps them. Texts have none. */
export function syntheticPictures(prompts: readonly string[]): PromptImages {
  const images = prompts.map(promptOf).filter(({ kind }) => kind === 'image');
  const entries = images.map(({ stem }): [Stem, PromptImage] => {
    const digest = Sha256.parse(sha256(`picture of ${stem}`));
    return [stem, { url: `${STORE}/${digest}.png`, sha256: digest, type: 'image/png', bytes: 1000 }];
  });
  return Object.fromEntries(entries) as PromptImages;
}

/** One prompt's file. Some miners miss some; one in eleven has nothing at all. */
export function syntheticResult(
  stem: Stem,
  { side, round, index }: { readonly side: string; readonly round: number; readonly index: number },
  ours: boolean,
): GenerationResult {
  const name = sha256(`${round}/${side}/${stem}`);
  const draw = Number.parseInt(name.slice(0, 8), 16) / 2 ** 32;
  const fails = side !== 'leader' && (index % 11 === 7 || draw < 0.02);
  const isLate = draw > 0.985;
  const usable = {
    glb: `${STORE}/${name}.glb`,
    png: `${STORE}/${name}.png`,
    generation_time: isLate ? 190 + draw : 30 + Math.round(draw * 4000) / 100,
    size: 1_000_000 + Math.floor(draw * 9_000_000),
    attempts: 1,
    distance: 0,
    ...(ours ? { glb_sha256: Sha256.parse(name), png_sha256: Sha256.parse(sha256(name)) } : {}),
  };
  if (!fails) return usable;
  const error = ours ? { error: { code: 'http_404', message: 'the server answered 404' } } : {};
  return { glb: null, png: null, generation_time: 0, size: 0, attempts: 2, distance: 0, ...error };
}

/** What a container makes when it is run again: much the same, or, where `honest` is false, something else. */
export function syntheticRerun(submitted: Generations, honest: boolean): Generations {
  const entries = Object.entries(submitted).filter(([, result]) => result.png !== null);
  return Object.fromEntries(
    entries.map(([stem, { duplicates: _flags, ...result }], at) => [
      stem,
      { ...result, generation_time: 40 + (at % 20), distance: honest ? 0.02 + (at % 5) / 100 : 0.3 },
    ]),
  ) as Generations;
}

/** A match: forced outcomes as the rules have them, all others by the miners' skills. */
export function syntheticMatch(match: {
  readonly left: Side;
  readonly right: Hotkey;
  readonly round: number;
  readonly prompts: readonly string[];
  readonly leftFiles: Generations;
  readonly rightFiles: Generations;
  /** How much better the right side is, from -1 to 1. */
  readonly edge: number;
  /** The order that it is judged again under. */
  readonly amendment?: number | undefined;
  readonly options: Required<SyntheticOptions>;
}): MatchReport {
  const { left, right, round, prompts, leftFiles, rightFiles, amendment, options } = match;
  const attempt = amendment === undefined ? '' : ` ${amendment}`;
  const forced = forcedOutcomes({
    prompts: prompts.map(stemOf),
    left: sideFiles(leftFiles),
    right: sideFiles(rightFiles),
    hardLimitSeconds: 180,
    overtimeToleranceRatio: 0.05,
  });
  const twister = new Twister(
    Number.parseInt(sha256(`${options.seed} ${round} ${left} ${right}${attempt}`).slice(0, 8), 16),
  );
  const duels = prompts.map((line): Duel => {
    const name = stemOf(line);
    const due = forced.get(name);
    const prompt = promptOf(line);
    const pictures = [leftFiles[name]?.png, rightFiles[name]?.png];
    const asked = { prompt: prompt.line, pictures, attempt };
    const judged = judge(twister, match.edge, asked, options);
    const evidence = options.dialect === 'ours' && { evidence: evidenceOf(line) };
    return {
      name,
      prompt: prompt.line,
      left_glb: leftFiles[name]?.glb ?? null,
      left_png: leftFiles[name]?.png ?? null,
      right_glb: rightFiles[name]?.glb ?? null,
      right_png: rightFiles[name]?.png ?? null,
      ...(due ?? { ...judged, ...evidence }),
    };
  });
  duels.sort((a, b) => (a.name < b.name ? -1 : 1));
  const judges = options.dialect === 'ours' ? { judge: { models: [MODEL], strategy: 'pairwise' } } : {};
  const under = amendment === undefined ? {} : { amendment };
  return { left, right, ...scoreOf(duels), duels, ...judges, ...under };
}

function evidenceOf(line: string): Readonly<Record<string, Sha256 | null>> {
  return { prompt: syntheticPictures([line])[stemOf(line)]?.sha256 ?? null, left_png: null, right_png: null };
}

function sideFiles(files: Generations): SideFiles {
  return new Map(Object.entries(files) as [Stem, GenerationResult][]);
}

/** What a judge is asked about a duel: of two equal questions the answer is one. */
interface Asked {
  readonly prompt: string;
  /** The left one, then the right one. */
  readonly pictures: readonly (string | null | undefined)[];
  readonly attempt: string;
}

function judge(twister: Twister, edge: number, asked: Asked, options: Required<SyntheticOptions>) {
  const draw = twister.getrandbits(24) / 2 ** 24;
  const wins = 0.5 + edge / 2;
  // Six of ten are draws, as in real rounds more or less.
  const penalties = draw < 0.6 ? [4, 4] : draw - 0.6 < 0.4 * wins ? [6, 3] : [3, 6];
  const [leftPenalty = 0, rightPenalty = 0] = penalties;
  const { winner } = pairwiseVerdict([leftPenalty, leftPenalty], [rightPenalty, rightPenalty], 1);
  const issues = WORDS.repeat(Math.ceil(options.issuesCharacters / WORDS.length)).slice(0, options.issuesCharacters);
  if (!options.judgeDetail) return { winner, issues };
  const call = (order: string) => {
    const shown = order === 'left_first' ? asked.pictures : asked.pictures.toReversed();
    const request_sha256 = sha256(JSON.stringify([MODEL, asked.prompt, shown, asked.attempt]));
    return { order, left_penalty: leftPenalty, right_penalty: rightPenalty, issues, request_sha256 };
  };
  const penaltiesOf = { left_penalty: leftPenalty, right_penalty: rightPenalty };
  const calls = [call('left_first'), call('right_first')];
  const judges = [{ model: MODEL, winner, ...penaltiesOf, calls }];
  return { winner, issues, detail: { strategy: 'pairwise', draw_threshold: 1, ...penaltiesOf, judges } };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function base58(text: string, length: number): string {
  const bytes = createHash('sha512').update(text).digest();
  return Array.from({ length }, (_, at) => BASE58[(bytes[at] ?? 0) % BASE58.length]).join('');
}
