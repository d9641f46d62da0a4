import { AUDIT_REQUEST_RULES } from './audit-requests.js';
import { AUDIT_RULES } from './audits.js';
import { AUTHORSHIP_RULES } from './authorship.js';
import { BUILD_RULES } from './builds.js';
import { CALENDAR_RULES } from './calendar.js';
import { CHAIN_RULES } from './chain-reports.js';
import { CHANGE_RULES } from './changes.js';
import { DRAW_RULES } from './draws.js';
import { FORMAT_RULES } from './formats.js';
import { FROZEN_RULES } from './frozen-rules.js';
import { JUDGED_DUEL_RULES } from './judged-duels.js';
import { LATER_MATRIX_RULES } from './later-matrix.js';
import { LINEAGE_RULES } from './lineage.js';
import { MATRIX_RULES } from './matrix.js';
import { OUTCOME_RULES } from './outcomes.js';
import { PROMPT_IMAGE_RULES } from './prompt-images.js';
import { REPORT_RULES } from './reports.js';
import { RERUN_RULES } from './reruns.js';
import { ROUND_RULES } from './rounds.js';
import type { Rule } from './rule.js';
import { RULE_IDS } from './rule-ids.js';
import { SIGNATURE_RULES } from './signatures.js';
import { STAGE_END_RULES } from './stage-ends.js';
import { STAGE_RULES } from './stages.js';
import { SUBMITTED_RULES } from './submitted.js';
import { SURROUNDING_RULES } from './surroundings.js';

/** Every rule, in the order of {@link RULE_IDS}. A rule that looks at two files stands there twice. */
export const ALL_RULES: readonly Rule[] = [
  ...LINEAGE_RULES,
  ...CHANGE_RULES,
  ...FORMAT_RULES,
  ...STAGE_RULES,
  ...AUTHORSHIP_RULES,
  ...SIGNATURE_RULES,
  ...SURROUNDING_RULES,
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
].sort((a, b) => RULE_IDS.indexOf(a.id) - RULE_IDS.indexOf(b.id));
