import type { JudgeEndpoint, JudgeLog } from './interfaces.js';
import { isUnanswered, JudgeError, mayBeAboutThePicture } from './judge-error.js';

/**
 * An endpoint that has another behind it, which serves the same models: what the first gives no answer to, it is asked.
 *
 * A round's rules name the model and not who serves it. So a filter that one host puts in front of a model, and that refuses a
 * picture every time, is a failure of that host: neither side may win or lose by it, and none has to, where another answers.
 *
 * A refusal of the second is reported only where the first refuses too: while one of them is out of order, an outage is what
 * keeps the answer away, and a picture is not to be blamed for it.
 */
export function withFallback(first: JudgeEndpoint, second: JudgeEndpoint, log: JudgeLog): JudgeEndpoint {
  return {
    async ask(request, form, options) {
      try {
        return await first.ask(request, form, options);
      } catch (error) {
        if (!(error instanceof JudgeError)) throw error;
        const { fault } = error;
        if (!isUnanswered(fault)) throw error;
        log.debug({ ...fault }, 'the other endpoint is asked');
        return await second.ask(request, form, options).catch((another: unknown) => {
          if (!(another instanceof JudgeError) || !isUnanswered(another.fault)) throw another;
          throw mayBeAboutThePicture(fault) ? another : error;
        });
      }
    },
    load() {
      const [one, other] = [first.load(), second.load()];
      return { running: one.running + other.running, waiting: one.waiting + other.waiting };
    },
  };
}
