import {
  EmbedderId,
  GATES,
  JUDGING_STRATEGIES,
  LIGHTINGS,
  RULES_DEFAULTS,
  type Rules,
  VERIFICATION_MODES,
  VIEW_SET_NAMES,
} from '@tiltyard/schema/gen3d';

/** The parts of rules.json that choose between ways of doing something. */
export type ChoosingPart = 'verification' | 'rendering' | 'judging';

/** A choice that this version cannot carry out: its field in rules.json, and why not. */
export interface UnsupportedChoice {
  readonly field: string;
  readonly problem: string;
}

/** Placeholders for a model's name: the template's, and that of repositories without rules.json. */
const NO_MODEL: readonly string[] = ['your-judge-model', ...RULES_DEFAULTS.judging.judges.map(({ model }) => model)];

const CHECKS: Readonly<Record<ChoosingPart, (rules: Rules) => readonly (UnsupportedChoice | undefined)[]>> = {
  verification: ({ verification: { mode, embedder } }) => [
    oneOf('verification.mode', mode, VERIFICATION_MODES),
    EmbedderId.safeParse(embedder).success
      ? undefined
      : {
          field: 'verification.embedder',
          problem: `${JSON.stringify(embedder)} is no embedder: name what measures distances with its sha256, or descriptor-v1`,
        },
  ],
  rendering: ({ rendering: { views, lighting } }) => [
    oneOf('rendering.views', views, VIEW_SET_NAMES),
    oneOf('rendering.lighting', lighting, LIGHTINGS),
  ],
  judging: ({ judging: { strategy, gate, judges } }) => [
    oneOf('judging.strategy', strategy, JUDGING_STRATEGIES),
    oneOf('judging.gate', gate, GATES),
    judges.some(({ model }) => NO_MODEL.includes(model))
      ? { field: 'judging.judges', problem: 'must name the models that will judge' }
      : undefined,
  ],
};

/**
 * The choices of a round's rules that this version cannot carry out: a round that is played by them would never end. Empty
 * where there are none.
 *
 * @param parts - What is looked at; all of it by default.
 */
export function unsupportedChoices(
  rules: Rules,
  parts: readonly ChoosingPart[] = ['verification', 'rendering', 'judging'],
): readonly UnsupportedChoice[] {
  return parts.flatMap((part) => CHECKS[part](rules)).filter((choice) => choice !== undefined);
}

function oneOf(field: string, value: string, known: readonly string[]): UnsupportedChoice | undefined {
  if (known.includes(value)) return undefined;
  return { field, problem: `${JSON.stringify(value)} is not supported by this version: ${known.join(' or ')}` };
}
