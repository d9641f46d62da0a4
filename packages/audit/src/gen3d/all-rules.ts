import type { Rule } from '../rules/rule.js';
import { SHARED_CHECKS } from '../rules/shared-rules.js';
import { RULE_IDS } from './rule-names.js';
import { AUDIT_REQUEST_RULES } from './rules/audit-requests.js';
import { AUDIT_RULES } from './rules/audits.js';
import { BEGINNING_RULE } from './rules/beginning.js';
import { BUILD_RULES } from './rules/builds.js';
import { CALENDAR_RULES } from './rules/calendar.js';
import { CHAIN_RULES } from './rules/chain-reports.js';
import { DRAW_RULES } from './rules/draws.js';
import { CHANGE_RULES } from './rules/file-changes.js';
import { FROZEN_RULES } from './rules/frozen-rules.js';
import { JUDGED_DUEL_RULES } from './rules/judged-duels.js';
import { LATER_MATRIX_RULES } from './rules/later-matrix.js';
import { MATRIX_RULES } from './rules/matrix.js';
import { OUTCOME_RULES } from './rules/outcomes.js';
import { PROMPT_IMAGE_RULES } from './rules/prompt-images.js';
import { REPORT_RULES } from './rules/reports.js';
import { RERUN_RULES } from './rules/reruns.js';
import { ROUND_RULES } from './rules/rounds.js';
import { STAGE_END_RULES } from './rules/stage-ends.js';
import { STAGE_MOVE_RULES } from './rules/stage-moves.js';
import { SUBMITTED_RULES } from './rules/submitted.js';

const IDS: readonly string[] = RULE_IDS;

/** Every rule, in the order of {@link RULE_IDS}. A rule that looks at two files stands there twice. */
export const ALL_RULES: readonly Rule[] = [
  BEGINNING_RULE,
  ...SHARED_CHECKS,
  ...CHANGE_RULES,
  ...STAGE_MOVE_RULES,
  ...MATRIX_RULES,
  ...LATER_MATRIX_RULES,
  ...REPORT_RULES,
  ...JUDGED_DUEL_RULES,
  ...CHAIN_RULES,
  ...AUDIT_REQUEST_RULES,
  ...AUDIT_RULES,
  ...DRAW_RULES,
  ...PROMPT_IMAGE_RULES,
  ...ROUND_RULES,
  ...CALENDAR_RULES,
  ...FROZEN_RULES,
  ...BUILD_RULES,
  ...OUTCOME_RULES,
  ...STAGE_END_RULES,
  ...SUBMITTED_RULES,
  ...RERUN_RULES,
].sort((a, b) => IDS.indexOf(a.id) - IDS.indexOf(b.id));
