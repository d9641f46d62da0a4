import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readConfig as generationOrchestrator } from '../services/generation-orchestrator/src/config.js';
import { readConfig as judgeService } from '../services/judge-service/src/config.js';
import { readConfig as roundManager } from '../services/round-manager/src/config.js';
import { readConfig as submissionCollector } from '../services/submission-collector/src/config.js';
import { readConfig as weightSetter } from '../services/weight-setter/src/config.js';

/** Every credential that a service reads from its environment holds this word. */
const WORD = 'hunter2';
const ENVIRONMENT = {
  ...{ LEDGER_REMOTE: '/state.git', LEDGER_DIR: '/clone', NETUID: '17' },
  ...{ LOCAL_IMAGE_DIR: '/images', LOCAL_POD_DIR: '/pods', LOCAL_SOURCES_DIR: '/sources' },
  ...{ STORE_KIND: 's3', STORE_PUBLIC_URL: 'https://objects.example', STORE_S3_BUCKET: 'objects' },
  ...{ JUDGE_BASE_URL: 'https://judge.example/v1', JUDGE_FALLBACK_BASE_URL: 'https://other.example/v1' },
  STORE_S3_ACCESS_KEY_ID: 'id',
  STORE_S3_SECRET_ACCESS_KEY: WORD,
  DISCORD_WEBHOOK_URL: `https://discord.example/${WORD}`,
  CHAIN_ENDPOINTS: `wss://user:${WORD}@node.example/${WORD}?key=${WORD}`,
  JUDGE_API_KEY: WORD,
  JUDGE_FALLBACK_API_KEY: WORD,
  WALLET_HOTKEY_URI: `//${WORD}`,
};
const SERVICES = { generationOrchestrator, judgeService, roundManager, submissionCollector, weightSetter };

/** What printing a value shows: as text, as JSON (which is how it is logged), inspected to its last property. */
const shown = (value: unknown) =>
  `${value} ${JSON.stringify(value)} ${inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true })}`;

describe.each(Object.entries(SERVICES))('the configuration of %s', (_name, readConfig) => {
  it('shows no credential, printed or logged whole', () => {
    const config = readConfig(ENVIRONMENT);
    expect(shown(config)).toContain('[secret]');
    expect(shown(config)).not.toContain(WORD);
  });
});
