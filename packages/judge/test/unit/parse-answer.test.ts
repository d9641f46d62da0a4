import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseAnswer } from '../../src/parse-answer.js';

const Form = z.object({ a: z.number() });
const parse = (content: string) => parseAnswer({ choices: [{ message: { content } }] }, Form);

describe('a fenced answer', () => {
  it.each([
    ['```json\n{"a":1}\n```'],
    ['```\n{"a":1}\n```'],
    ['```JSON \r\n\n{"a":1}\n\n  ```'],
    ['  ```json\n{\n"a":1\n}\n```\n\n'],
    ['\uFEFF{"a":1}'],
  ])('is read: %j', (content) => {
    expect(parse(content)).toEqual({ ok: true, answer: { a: 1 } });
  });

  it.each([['```js\n{"a":1}\n```'], ['```json\n{"a":1}'], ['```json {"a":1}```'], ['```\n```'], ['```'], ['`````']])(
    'is not guessed: %j',
    (content) => {
      expect(parse(content)).toMatchObject({ ok: false, code: 'nonsense' });
    },
  );

  it('reported: takes no longer the longer it is', () => {
    // The pattern that read fences before needed hours for this one.
    expect(parse(`\`\`\`json\n${'\n'.repeat(99_000)}{`)).toMatchObject({ ok: false, code: 'nonsense' });
  });
});
