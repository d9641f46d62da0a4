import { AUDIT_REQUEST_RULES } from '../gen3d/rules/audit-requests.js';
import { AUDIT_RULES } from '../gen3d/rules/audits.js';
import { BUILD_RULES } from '../gen3d/rules/builds.js';
import { CALENDAR_RULES } from '../gen3d/rules/calendar.js';
import { CHAIN_RULES } from '../gen3d/rules/chain-reports.js';
import { DRAW_RULES } from '../gen3d/rules/draws.js';
import { FROZEN_RULES } from '../gen3d/rules/frozen-rules.js';
import { JUDGED_DUEL_RULES } from '../gen3d/rules/judged-duels.js';
import { LATER_MATRIX_RULES } from '../gen3d/rules/later-matrix.js';
import { MATRIX_RULES } from '../gen3d/rules/matrix.js';
import { OUTCOME_RULES } from '../gen3d/rules/outcomes.js';
import { PROMPT_IMAGE_RULES } from '../gen3d/rules/prompt-images.js';
import { REPORT_RULES } from '../gen3d/rules/reports.js';
import { RERUN_RULES } from '../gen3d/rules/reruns.js';
import { ROUND_RULES } from '../gen3d/rules/rounds.js';
import { RULE_IDS } from '../gen3d/rules/rule-names.js';
import { STAGE_END_RULES } from '../gen3d/rules/stage-ends.js';
import { SUBMITTED_RULES } from '../gen3d/rules/submitted.js';
import { AUTHORSHIP_RULES } from './authorship.js';
import { CHANGE_RULES } from './changes.js';
import { FORMAT_RULES } from './formats.js';
import { LINEAGE_RULES } from './lineage.js';
import type { Rule } from './rule.js';
import { SIGNATURE_RULES } from './signatures.js';
import { STAGE_RULES } from './stages.js';
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
