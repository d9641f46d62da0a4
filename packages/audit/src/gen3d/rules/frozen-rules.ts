import { nextRules, thresholdsOf } from '@tiltyard/rules/gen3d';
import { sameValue } from '@tiltyard/schema';
import { type Config, Rules } from '@tiltyard/schema/gen3d';
import { rulesAt } from '../round/round-view.js';
import { contentRule, type Rule } from '../rule.js';
import { fileOf } from '../tree.js';

/** The thresholds that are frozen with a round's schedule. */
export const FROZEN_RULES: readonly Rule[] = [
  contentRule(
    {
      id: 'R6r',
      severity: 'error',
      only: 'ours',
    },
    'rules',
    (written, file) => {
      const { round } = file.params;
      const config = fileOf(file.tree, 'config', {})?.content.value as Config | undefined;
      const last = round === 0 ? undefined : fileOf(file.tree, 'rules', { round: round - 1 });
      if (config === undefined || last?.content.problem !== undefined) return;
      const before = round === 0 ? undefined : rulesAt(file.tree, round - 1);
      // What the software of its day did not name yet counts as its default does, and is no other threshold.
      const rules = thresholdsOf(config, written);
      file.looked();
      for (const { detail, isChosen } of thresholdFaults(rules, config, before)) {
        // What neither config.json nor an earlier round says is a default, and defaults are the software's of that day.
        file.fault(detail, before === undefined && !isChosen ? 'warn' : 'error');
      }
      if (before !== undefined && !sameValue(rules.rendering, before.rendering)) {
        file.fault('rendering is not that of the round before');
      }
    },
  ),
];

const SECTIONS = ['tournament', 'limits', 'generation', 'verification', 'judging'] as const;

/** A threshold that nobody can have had from where thresholds come from. */
interface ThresholdFault {
  readonly detail: string;
  /** True where config.json names it. */
  readonly isChosen: boolean;
}

/**
 * Thresholds that are not what config.json gives, nor, where it does not name them, those of the round before: a later
 * version's defaults may be others than they were when a competition began.
 */
function* thresholdFaults(rules: Rules, config: Config, before: Rules | undefined): Generator<ThresholdFault> {
  const due = before === undefined ? thresholdsOf(config) : nextRules(config, before, rules.software);
  for (const section of SECTIONS) {
    for (const field of Object.keys(Rules.shape[section].shape)) {
      const of = (from: object | undefined) => (from === undefined ? undefined : (Reflect.get(from, field) as unknown));
      const isChosen = of(config[section]) !== undefined || field === 'win_margin';
      const [is, follows] = [of(rules[section]), of(due[section])];
      const isKept = !isChosen && before !== undefined && sameValue(is, of(before[section]));
      // Only a limit that is younger than the file can be absent; readers take its default then.
      const isUnknown = !isChosen && before === undefined && is === undefined;
      if (isKept || isUnknown || sameValue(is, follows)) continue;
      yield { detail: `${section}.${field} is ${shown(is)}, where ${shown(follows)} follows`, isChosen };
    }
  }
}

function shown(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value).slice(0, 100);
}
