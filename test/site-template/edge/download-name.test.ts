import { describe, expect, it } from 'vitest';
import { dispositionOf } from '../../../site-template/edge/download-name.ts';

const VIDEO = { kind: 'video', thread: 'film', version: 3, renderKey: 'a'.repeat(64), format: 'webm' } as const;
const { format: _, ...PICTURE } = VIDEO;

const nameOf = (title: string) => dispositionOf(VIDEO, title);

describe('dispositionOf', () => {
  it('names a file by title, version and kind', () => {
    expect(nameOf('Launch film')).toBe('attachment; filename="Launch film-v3.webm"');
    expect(dispositionOf({ ...PICTURE, kind: 'poster' }, 'Launch')).toBe('attachment; filename="Launch-v3.jpg"');
    expect(dispositionOf({ ...PICTURE, kind: 'contactSheet' }, 'Launch')).toBe(
      'attachment; filename="Launch-v3-scenes.jpg"',
    );
  });

  it('writes other letters as RFC 8187 has it, beside a plain name for those who cannot read that', () => {
    expect(nameOf("Größe (l'été) 🌊*")).toBe(
      'attachment; filename="film-v3.webm"; filename*=UTF-8\'\'Gr%C3%B6%C3%9Fe%20%28l%27%C3%A9t%C3%A9%29%20%F0%9F%8C%8A-v3.webm',
    );
  });

  it.each([
    ['a"; filename="b.exe', 'a filename= b.exe'],
    ['../../etc/passwd', 'etc passwd'],
    ['..\\..\\C:\\x', 'C x'],
    ['-rf', 'rf'],
    ['.bashrc', 'bashrc'],
    ['line\r\nSet-Cookie: a=b', 'line Set-Cookie a=b'],
    ['\u202Egnp.exe', 'gnp.exe'],
    ['100%41', '100 41'],
    ['  a  b  ', 'a b'],
    ['a...', 'a'],
    ['', 'film'],
    ['///', 'film'],
  ])('makes of %j what every system takes', (title, name) => {
    expect(nameOf(title)).toBe(`attachment; filename="${name}-v3.webm"`);
  });

  it('survives half a character, and cuts between characters', () => {
    expect(nameOf('\ud800x')).toContain("filename*=UTF-8''%EF%BF%BDx-v3.webm");
    const cut = decodeURIComponent(nameOf('🌊'.repeat(100)).split("''")[1] ?? '');
    expect(cut).toBe(`${'🌊'.repeat(60)}-v3.webm`);
  });
});
