/** The parts of the runner that decide without doing anything. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNamed } from '../../../../scripts/stack/runner/command-files.ts';
import { evaluate, evaluateText } from '../../../../scripts/stack/runner/expressions.ts';
import { createLineReader } from '../../../../scripts/stack/runner/log-commands.ts';
import { createMasks } from '../../../../scripts/stack/runner/masks.ts';
import { describeCombination, expandMatrix } from '../../../../scripts/stack/runner/matrix.ts';
import { grantedPermissions, tokenPermissions } from '../../../../scripts/stack/runner/permissions.ts';

describe('a matrix', () => {
  it('is expanded as in the example of GitHub', () => {
    const matrix = {
      fruit: ['apple', 'pear'],
      animal: ['cat', 'dog'],
      include: [
        { color: 'green' },
        { color: 'pink', animal: 'cat' },
        { fruit: 'apple', shape: 'circle' },
        { fruit: 'banana' },
        { fruit: 'banana', animal: 'cat' },
      ],
    };
    expect(expandMatrix(matrix)).toEqual([
      { fruit: 'apple', animal: 'cat', color: 'pink', shape: 'circle' },
      { fruit: 'apple', animal: 'dog', color: 'green', shape: 'circle' },
      { fruit: 'pear', animal: 'cat', color: 'pink' },
      { fruit: 'pear', animal: 'dog', color: 'green' },
      { fruit: 'banana' },
      { fruit: 'banana', animal: 'cat' },
    ]);
  });

  it('may be made of what is included alone, and is bounded', () => {
    expect(expandMatrix({ include: [{ a: 1 }, { a: 2 }] })).toEqual([{ a: 1 }, { a: 2 }]);
    expect(() => expandMatrix({ a: Array(17).fill(1), b: Array(16).fill(1) })).toThrow('272 jobs, 256 may be');
    expect(() => expandMatrix('text')).toThrow('no mapping');
    expect(() => expandMatrix({ a: 'text' })).toThrow('`matrix.a` is no list');
    expect(() => expandMatrix({ a: [1], exclude: [{ a: 1 }] })).toThrow('no combination');
    expect(describeCombination({ a: 1, b: { c: 2 } })).toBe(' (1, {"c":2})');
  });
});

describe('a command file', () => {
  it('gives back any value that stands between delimiters which are not in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.stringMatching(/^[A-Za-z_]\w*$/), (value, name) => {
        const text = `${name}<<end-of-a-value\n${value}\nend-of-a-value\nother=1\n`;
        expect(parseNamed(text, 'output')).toEqual({ other: '1', ...(name === 'other' ? {} : { [name]: value }) });
      }),
    );
  });

  it.each([
    ['a=b=c', { a: 'b=c' }],
    ['a=b<<c', { a: 'b<<c' }],
    ['a<<b=c\nx\nb=c', { a: 'x' }],
    ['a=1\n\na=2\n', { a: '2' }],
    ['a<<E\nE', { a: '' }],
    ['__proto__=1', Object.fromEntries([['__proto__', '1']])],
  ])('reads %j', (text, values) => expect(parseNamed(text, 'output')).toEqual(values));

  it.each(['=b', '<<E\nE', 'a<<', 'just text', 'a<<E\nE \n'])('refuses %j', (text) => {
    expect(() => parseNamed(text, 'env')).toThrow(/^Unable to process file command 'env' successfully\. Invalid /);
  });
});

describe('a line of output', () => {
  it('is a command only at its beginning, in the old form anywhere', () => {
    const read = createLineReader();
    expect(read('text ::error::x')).toMatchObject({ kind: 'text' });
    expect(read('  ::error file=a%2Cb,line=2::x%0Ay%25')).toEqual({
      ...{ kind: 'annotation', level: 'error', message: 'x\ny%' },
      properties: { file: 'a,b', line: '2' },
    });
    expect(read('text ##[warning]x')).toMatchObject({ kind: 'annotation', level: 'warning', message: 'x' });
    expect(read('text ##[set-output name=a]x')).toMatchObject({ kind: 'refused' });
    expect(read('::add-matcher::x.json')).toMatchObject({ kind: 'refused' });
    expect(read('::::')).toMatchObject({ kind: 'text' });
  });

  it('is only text after stop-commands, whatever it says, until the token comes', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.array(fc.string()), (token, lines) => {
        const read = createLineReader();
        expect(read(`::stop-commands::${token}`)).toEqual({ kind: 'quiet' });
        for (const text of [...lines, '::add-mask::x', '::stop-commands::y']) {
          expect(read(text)).toEqual({ kind: 'text', text });
        }
        read(`::${token}::`);
        expect(read('::add-mask::x')).toEqual({ kind: 'mask', value: 'x' });
      }),
    );
  });
});

describe('a mask', () => {
  it('hides a value wherever it stands, its lines, and its encodings', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, unit: 'grapheme' }), fc.string(), fc.string(), (value, before, after) => {
        fc.pre(value.trim().length >= 6 && !'***'.includes(value.trim()));
        const masks = createMasks();
        masks.add(value);
        expect(masks.apply(before + value + after)).not.toContain(value.trim());
        expect(masks.apply(JSON.stringify({ value }))).not.toContain(JSON.stringify(value.trim()).slice(1, -1));
      }),
    );
    const masks = createMasks();
    masks.add('first line\nsecond line');
    masks.add('abc');
    masks.add('abcdef');
    expect(masks.apply('second line, abcdef, a.c')).toBe('***, ***, a.c');
    for (const prefix of ['', 'x', 'xy']) {
      expect(masks.apply(Buffer.from(`${prefix}second line`).toString('base64'))).toContain('***');
    }
    masks.add('');
    expect(masks.apply('nothing')).toBe('nothing');
  });
});

describe('an expression', () => {
  const scope = { contexts: { github: { event: { a: [1, 2], constructor: 'x', word: "it's" } }, matrix: {} } };

  it.each([
    ["format('{0} it''s ''quoted'' {{}}', 'a')", "a it's 'quoted' {}"],
    ["contains(github.event.a, 2) && 'yes' || 'no'", 'yes'],
    ["startsWith('abc', 'AB')", true],
    ["join(github.event.a, '-')", '1-2'],
    ['fromJSON(\'{"a": [1]}\').a[0]', 1],
    ['github.event.constructor', 'x'],
    ['github.event.word', "it's"],
    ['matrix.none.at.all', null],
    ["github.event.a[5] == ''", true],
  ])('%s is %j', (expression, value) => expect(evaluate(expression, scope)).toEqual(value));

  it('knows nothing of status where there is none', () => {
    expect(() => evaluate('success()', scope)).toThrow("Unrecognized function: 'success'");
    expect(
      evaluateText('success() || cancelled()', {
        ...scope,
        status: { success: false, failure: true, cancelled: true },
      }),
    ).toBe('true');
  });
});

describe('permissions', () => {
  it('are those of the job, else of the workflow, else a reading default, and never more than a caller has', () => {
    expect(grantedPermissions(null, null, null)).toEqual({ contents: 'read', packages: 'read' });
    expect(grantedPermissions(null, {}, null)).toEqual({});
    expect(grantedPermissions({ statuses: 'write' }, 'write-all', null)).toEqual({ statuses: 'write' });
    expect(grantedPermissions('read-all', null, null)).toMatchObject({ contents: 'read', 'id-token': 'none' });
    const ceiling = { contents: 'read', 'id-token': 'none' } as const;
    const granted = grantedPermissions('write-all', null, ceiling);
    expect(granted).toMatchObject({ contents: 'read', statuses: 'none', 'id-token': 'none' });
    expect(tokenPermissions(granted)).toEqual({ contents: 'read' });
  });
});
