import { Sha256 } from '@tiltyard/schema';
import { NamedKey, type ObjectStore, sha256Of } from '@tiltyard/store';
import { z } from 'zod';
import type { AnswerCache, JudgeLog } from './interfaces.js';

/** A kept answer knows what it answers and what it was, so that a flipped byte is not taken for a penalty. */
const KeptAnswer = z.object({ request_sha256: Sha256, answer_sha256: Sha256, answer: z.unknown() });

const MAX_ANSWER_BYTES = 1024 * 1024;

/** The key of the answer to a request. It is public, like everything that decides a duel. */
export function answerKey(requestSha256: Sha256): NamedKey {
  return NamedKey.parse(`judge-answers/${requestSha256.slice(0, 2)}/${requestSha256.slice(2)}.json`);
}

/**
 * Keeps answers in an object store. An answer that is damaged counts as none: it is asked for again and replaced.
 *
 * @throws StoreError from `get` and `put`, as the store throws it
 */
export function answersInStore(store: Pick<ObjectStore, 'getNamed' | 'putNamed'>, log: JudgeLog): AnswerCache {
  return {
    async get(requestSha256, { signal }) {
      const key = answerKey(requestSha256);
      const bytes = await store.getNamed(key, { maxBytes: MAX_ANSWER_BYTES, signal });
      if (!bytes) return undefined;
      const kept = readKept(bytes);
      if (kept?.request_sha256 === requestSha256 && kept.answer_sha256 === hashOf(kept.answer)) return kept.answer;
      log.warn({ key }, 'a kept answer of the judge is damaged; it is asked for again');
      return undefined;
    },
    async put(requestSha256, answer, { signal }) {
      const kept = { request_sha256: requestSha256, answer_sha256: hashOf(answer), answer };
      await store.putNamed(answerKey(requestSha256), Buffer.from(JSON.stringify(kept)), { signal });
    },
  };
}

function hashOf(answer: unknown): Sha256 {
  return sha256Of(JSON.stringify(answer) ?? '');
}

function readKept(bytes: Uint8Array): z.infer<typeof KeptAnswer> | undefined {
  try {
    return KeptAnswer.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
