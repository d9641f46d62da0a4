import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Html, html } from '../../../src/gen3d/demo/page/html.js';

describe('HTML from templates', () => {
  it('lets no text become markup, in elements and in quoted attributes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const inner = html`<p title="${text}">${text}</p>`.text.slice('<p title="'.length, -'</p>'.length);
        const [attribute = '', ...rest] = inner.split('">');
        expect(rest.join('">')).toBe(attribute);
        expect(attribute).not.toMatch(/[<>"']/);
      }),
    );
  });

  it('keeps pieces of HTML, shows lists one after another and nothing for nothing', () => {
    expect(html`${[html`<i>a</i>`, '<b>', 0]}${undefined}${false}${new Html('<hr>')}`.text).toBe(
      '<i>a</i>&lt;b&gt;0<hr>',
    );
  });
});
