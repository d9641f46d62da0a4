import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildTag, imageName } from '@tiltyard/rules/gen3d';
import { Hotkey } from '@tiltyard/schema';
import { type Submission, stateFiles } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { TEMPLATE_FOLDER } from '../../src/template-folder.js';

const read = (name: string) => readFileSync(path.join(TEMPLATE_FOLDER, name), 'utf8');
const hasJq = spawnSync('jq', ['--version']).status === 0;

describe('the template of a state repository', () => {
  it('has a config.json that fits its schema', () => {
    const config = stateFiles.config.parse(read('config.json'), 'config.json');
    expect(config).toMatchObject({ win_margin: 0.05, prompts_per_round: 128, carryover_prompts: 32 });
  });

  it('has an allowed_signers that lists no key', () => {
    const lines = stateFiles.allowedSigners.parse(read('allowed_signers'), 'allowed_signers');
    expect(lines.every((line) => line.startsWith('#'))).toBe(true);
  });

  it('links to files that there are', () => {
    const links = [...read('README.md').matchAll(/\]\(([\w./-]+)\)/g)].map(([, target = '']) => target);
    const always = new Set(['state.json', 'leader.json', 'prompts.txt']);
    const own = links.filter((link) => !always.has(link));
    expect(own).toContain('FORMAT.md');
    for (const link of own) expect(() => execFileSync('test', ['-e', path.join(TEMPLATE_FOLDER, link)])).not.toThrow();
  });
});

describe('the build workflow', () => {
  const workflow = read('.github/workflows/build.yml');

  it('names jobs so that their last parentheses hold the whole hotkey', () => {
    expect(workflow).toMatch(/^ {4}name: Build \(\$\{\{ matrix\.submission\.hotkey \}\}\)$/m);
  });

  it('gives nothing of a submission to a shell but through the environment', () => {
    const scripts = workflow.match(/run: (\||.+)(\n {10}.*)*/g) ?? [];
    expect(scripts.length).toBeGreaterThanOrEqual(4);
    for (const script of scripts) expect(script).not.toContain('${{');
  });

  describe.skipIf(!hasJq)('reading submissions.json (needs jq)', () => {
    const program = /matrix=\$\(jq -c '\n([\s\S]+?)' "\$file"\)/.exec(workflow)?.[1] ?? '';
    const planned = (submissions: object) =>
      JSON.parse(execFileSync('jq', ['-c', program], { input: JSON.stringify(submissions), encoding: 'utf8' })) as {
        readonly hotkey: string;
        readonly hotkey10: string;
        readonly tag: string;
      }[];
    const hotkey = Hotkey.parse('5GgpGaDxzTyBAME1Ju9ZhUstWj2VTm1n4tAUkRHLi4birQZg');
    const submission = {
      repo: 'Some-One/Their_Repo.js',
      commit: 'AA10f6f21a33467c6a31d25d7569ad4c8fd49f62',
      cdn_url: 'https://cdn.example.com/a',
      revealed_at_block: 7,
      round: 'Mesh-12',
    } as unknown as Submission;

    it('plans the image that the orchestrator expects', () => {
      const [job] = planned({ [hotkey]: submission });
      const expected = imageName('ghcr.io/org/state/{hotkey10}:{tag}', hotkey, buildTag(submission));
      expect(job?.hotkey).toBe(hotkey);
      expect(`ghcr.io/org/state/${job?.hotkey10}:${job?.tag}`).toBe(expected);
    });

    it.each([
      ['repo', 'a/b; curl evil'],
      ['repo', 'a/b\nc'],
      ['commit', '$(id)'],
      ['commit', `${'a'.repeat(40)}\nb`],
      ['round', 'mesh-1"; x'],
    ])('leaves out a submission whose %s is %j', (field, value) => {
      expect(planned({ [hotkey]: { ...submission, [field]: value } })).toEqual([]);
    });
  });
});
