import { describe, expect, it } from 'vitest';
import { call } from './call.ts';

const parsed = (body: string) => call('Parsed', [body]);
const nested = (levels: number, inside = '') => '['.repeat(levels) + inside + ']'.repeat(levels);

it('reads a message', async () => {
  expect(await parsed('{"jobId":"rpt-1"}')).toMatchObject({
    problem: null,
    isObject: true,
    message: { jobId: 'rpt-1' },
  });
});

it.each([['[]'], ['"text"'], ['7'], ['null']])('tells that %s is no object', async (body) => {
  expect(await parsed(body)).toMatchObject({ isObject: false });
});

it.each([['Please send me the transcripts'], ['{'], [''], ['['.repeat(2500)]])(
  'fails for %.20s, which is not JSON',
  async (body) => {
    await expect(parsed(body)).rejects.toThrow();
  },
);

describe('A message', () => {
  it('may be 32 levels deep', async () => {
    expect(await parsed(nested(32))).toMatchObject({ problem: null });
  });

  it.each([[33], [2500], [100_000]])('of %i levels is refused before it is parsed', async (levels) => {
    expect(await parsed(nested(levels))).toMatchObject({ problem: { reason: 'too_deep' } });
  });

  it('may have any brackets in its texts', async () => {
    const text = JSON.stringify(`"\\${nested(40)}\n\\"`);
    expect(await parsed(nested(31, text))).toMatchObject({ problem: null });
  });

  it.each([['1e400'], ['-1E+999'], ['1'.repeat(400)]])(
    'with the number %.10s, which would turn into text, is refused',
    async (number) => {
      expect(await parsed(`{"jobId":${number}}`)).toMatchObject({ problem: { reason: 'not_json' } });
    },
  );

  it('may have such a number in a text', async () => {
    expect(await parsed('{"jobId":"1e400"}')).toMatchObject({ problem: null, message: { jobId: '1e400' } });
  });

  it.each([
    ['quotes', '"'.repeat(100_000)],
    ['backslashes', '\\'.repeat(100_000)],
    ['text', 'x'.repeat(250_000)],
  ])(
    'as long as an execution takes, of %s, is read in much less than the second that AWS gives',
    async (_, text) => {
      const start = performance.now();
      expect(await parsed(JSON.stringify({ jobId: 'rpt-1', text }))).toMatchObject({
        message: { jobId: 'rpt-1' },
      });
      expect(performance.now() - start).toBeLessThan(1000);
    },
  );
});
