import { describe, expect, it } from 'vitest';
import { html, markup, scriptJson } from '../../../site-template/page/html.ts';

describe('html', () => {
  it('escapes what could end a text or an attribute', () => {
    const hostile = `"><script>alert('&')</script>`;
    expect(html`<p title="${hostile}">${hostile}</p>`.text).not.toMatch(/<script|"><|'/);
    expect(html`<p>${'a & b'}</p>`.text).toBe('<p>a &amp; b</p>');
  });

  it('puts HTML into HTML as it is, lists too', () => {
    const items = ['<a>', 'b'].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}${markup('<hr>')}</ul>`.text).toBe('<ul><li>&lt;a&gt;</li><li>b</li><hr></ul>');
  });

  it('leaves out what is absent, and writes zero', () => {
    expect(html`${undefined}${null}${false}${0}`.text).toBe('0');
  });

  it('does not take an object from JSON for HTML', () => {
    const parsed = JSON.parse('{"text": "<script>"}');
    expect(() => html`${parsed}`).toThrow(TypeError);
  });
});

describe('scriptJson', () => {
  it('cannot end its script element nor open a comment in it', () => {
    const value = ['</script><script>alert(1)</script>', '<!--<script>'];
    const { text } = scriptJson(value);
    expect(text).not.toContain('<');
    expect(JSON.parse(text)).toEqual(value);
  });
});
