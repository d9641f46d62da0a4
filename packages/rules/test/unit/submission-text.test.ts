import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_SUBMISSION_CHARS, parseSubmissionText } from '../../src/gen3d/round/submission-text.js';

const entry = { repo: 'owner/name', commit: 'a'.repeat(40), cdn_url: 'https://cdn.example/x' };
/** A dictionary of strings as Python prints it: single quotes, unless only these occur inside. */
const pythonText = (value: Record<string, string>) =>
  `{${Object.entries(value)
    .map(([key, text]) => `${pythonString(key)}: ${pythonString(text)}`)
    .join(', ')}}`;
const pythonString = (text: string) => {
  const escaped = text.replaceAll('\\', '\\\\');
  if (!text.includes("'")) return `'${escaped}'`;
  return text.includes('"') ? `'${escaped.replaceAll("'", "\\'")}'` : `"${escaped}"`;
};

describe('a submission text', () => {
  it('gives the fields that it has', () => {
    expect(parseSubmissionText(JSON.stringify(entry))).toEqual({ ok: true, fields: entry });
    expect(parseSubmissionText('{"commit": "x", "other": [1]}')).toEqual({ ok: true, fields: { commit: 'x' } });
    expect(parseSubmissionText('{"repo": "a/b", "commit": null}')).toEqual({ ok: true, fields: { repo: 'a/b' } });
  });

  it('may be written as Python prints dictionaries', () => {
    expect(parseSubmissionText(pythonText(entry))).toEqual({ ok: true, fields: entry });
    expect(parseSubmissionText(`{'repo': "it's", 'commit': 'say "hi"'}`)).toEqual({
      ok: true,
      fields: { repo: "it's", commit: 'say "hi"' },
    });
  });

  it('reads the same from JSON and from Python, for any values', () => {
    const printable = fc.string({ unit: 'grapheme', maxLength: 60 });
    const fields = fc.record({ repo: printable, commit: printable, cdn_url: printable });
    fc.assert(
      fc.property(fields, (value) => {
        expect(parseSubmissionText(JSON.stringify(value))).toEqual({ ok: true, fields: value });
        expect(parseSubmissionText(pythonText(value))).toEqual({ ok: true, fields: value });
      }),
    );
  });

  it('says why it is no entry', () => {
    const faultOf = (text: string) => {
      const parsed = parseSubmissionText(text);
      return parsed.ok ? null : parsed.fault;
    };
    expect(faultOf('repo=a')).toEqual({ code: 'not_json' });
    expect(faultOf('')).toEqual({ code: 'not_json' });
    for (const text of ['[]', '3', 'null', '"repo"', "'repo'"])
      expect(faultOf(text)).toEqual({ code: 'not_an_object' });
    expect(faultOf('{"commit": 5}')).toEqual({ code: 'field_not_text', field: 'commit' });
    expect(faultOf('{"manifest": "x"}')).toEqual({ code: 'no_fields' });
    expect(faultOf('{"__proto__": {"repo": "a/b"}}')).toEqual({ code: 'no_fields' });
    expect(faultOf(' '.repeat(MAX_SUBMISSION_CHARS + 1))).toMatchObject({ code: 'too_long' });
  });

  it('is never an exception, and quick, whatever a miner commits', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: MAX_SUBMISSION_CHARS }),
      fc
        .array(fc.constantFrom('{', '}', '"', "'", '\\', ':', ',', 'repo', '\n'), { maxLength: 400 })
        .map((p) => p.join('')),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        const parsed = parseSubmissionText(text);
        if (parsed.ok) for (const value of Object.values(parsed.fields)) expect(typeof value).toBe('string');
      }),
    );
    for (const unit of ["'", '"', '\\', "'\\", '{', '["', "{'"]) {
      // A parser that goes back over it would not end within any test's time.
      parseSubmissionText(unit.repeat(MAX_SUBMISSION_CHARS / unit.length));
    }
  });
});
