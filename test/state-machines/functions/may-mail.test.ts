import { expect, it } from 'vitest';
import { call } from './call.ts';

it.each([
  ['a@firm.example', 'firm.example,other.example', true],
  ['a@other.example', 'firm.example,other.example', true],
  ['a@firm.example', '', true],
  ['a@evil.example', 'firm.example', false],
  ['a@sub.firm.example', 'firm.example', false],
  ['a@notfirm.example', 'firm.example', false],
  ['a@FIRM.example', 'firm.example', false],
  ['a@evil.example@firm.example', 'firm.example', false],
  ['firm.example', 'other.example', false],
  ['', 'firm.example', false],
])('of %j, with the domains "%s": %s', async (email, domains, may) => {
  expect(await call('MayMail', [email, domains])).toBe(may);
});
