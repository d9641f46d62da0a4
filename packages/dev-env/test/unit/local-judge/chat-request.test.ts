import { describe, expect, it } from 'vitest';
import { parseComparison } from '../../../src/gen3d/local-judge/chat-request.js';

const picture = (url: string) => ({ type: 'image_url', image_url: { url } });
const request = (over: object = {}) => ({
  model: 'm',
  temperature: 0,
  seed: 4,
  messages: [
    { role: 'system', content: 'You are a judge.' },
    { role: 'user', content: [{ type: 'text', text: 'prompt' }, picture('p'), picture('a'), picture('b')] },
  ],
  ...over,
});

describe("reading a judge's request", () => {
  it('finds the prompt and the two candidates in the order of the pictures', () => {
    expect(parseComparison(request())).toEqual({ model: 'm', promptUrl: 'p', candidateUrls: ['a', 'b'] });
  });

  it('finds them across messages', () => {
    const messages = [
      { role: 'user', content: [picture('p')] },
      { role: 'user', content: [picture('a'), picture('b')] },
    ];
    expect(parseComparison(request({ messages }))).toMatchObject({ candidateUrls: ['a', 'b'] });
  });

  it('refuses two pictures, four pictures and none', () => {
    for (const urls of [['p', 'a'], ['p', 'a', 'b', 'c'], []]) {
      const messages = [{ role: 'user', content: urls.map(picture) }];
      expect(parseComparison(request({ messages }))).toMatchObject({
        problem: expect.stringContaining('three pictures'),
      });
    }
  });

  it('refuses to answer in a form that it does not know', () => {
    const format = (properties: object) => ({
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object', properties } } },
    });
    const known = format({ penalty_1: {}, penalty_2: {}, issues: {} });
    expect(parseComparison(request(known))).toHaveProperty('promptUrl');
    expect(parseComparison(request(format({ has_wheels: {} })))).toHaveProperty('problem');
  });

  it('refuses what is no chat completion, and names the field', () => {
    expect(parseComparison({ model: 'm' })).toEqual({ problem: expect.stringMatching(/^messages: /) });
    expect(parseComparison(request({ stream: true }))).toEqual({ problem: expect.stringMatching(/^stream: /) });
    expect(parseComparison(undefined)).toHaveProperty('problem');
  });
});
