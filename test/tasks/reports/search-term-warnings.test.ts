import { describe, expect, test } from 'vitest';
import { warningsOf } from '../../../tasks/reports/search-hit/term-warnings.ts';

describe('warns of what the search reads differently from what was meant', () => {
  test.for([
    ['seal w/5 failure', 'not a proximity operator'],
    ['seal W/10 failure', '"W/10" is not a proximity operator'],
    ['seal pre/3 pump', '"pre/3" is not a proximity operator'],
    ['seal near/5 pump', 'not a proximity operator'],
    ['contract w/s breach', '"w/s" is not a proximity operator'],
    ['seal & pump', 'A single & or | is ignored'],
    ['seal | pump', 'A single & or | is ignored'],
    ['“seal failure”', 'Curly quotes do not make a phrase'],
    ['‘seal failure’', 'Curly quotes do not make a phrase'],
    ['seal and failure', '"and" is searched as a word. Write operators in capitals: AND.'],
    ['seal Or failure', '"Or" is searched as a word'],
    ['not seal', '"not" is searched as a word'],
    ['"seal fail*"', 'wildcard does not work within quotes'],
    ['"se?l"', 'wildcard does not work within quotes'],
    ['e-mail*', 'wildcard next to punctuation'],
    ['AT&T*', 'wildcard next to punctuation'],
    ['re: seal', '"re:" is read as the name of a field'],
    ['(subject:seal)', '"subject:" is read as the name of a field'],
    ['12/31/2024', '/31/ is read as a regular expression'],
    ['C:/a/b', '/a/ is read as a regular expression'],
    ['pre-trial', '"pre-trial" is split'],
    ['AT&T', '"AT&T" is split'],
    ['smith@example.com', 'is split'],
    ['ABC-0001', 'is split'],
    ['negligen!', 'exclamation mark'],
    ['seal failure', 'Words without an operator'],
    ['"seal failure" pump', 'Words without an operator'],
    ['seal OR failure AND pump', 'AND and OR are mixed'],
    ['(a OR b AND c) AND d', 'AND and OR are mixed'],
    ['NOT pump', 'only excludes'],
    ['-pump -valve', 'only excludes'],
  ])('%s', ([term, words]) => expect(warningsOf(term!).join('\n')).toContain(words));
});

describe('says nothing of a term that is what it seems to be', () => {
  test.for([
    'seal',
    '"seal failure"',
    '"seal failure"~5',
    'seal AND failure',
    '(seal OR gasket) AND (pump OR valve)',
    'seal AND NOT pump',
    'author:smith AND seal',
    'title:"seal and failure"',
    '"12/31/2024"',
    '"e-mail"',
    '"seal and pump"',
    "O'Neil",
    'O’Neil',
    'fail*',
    'wom?n',
    '1,000.00',
    '$1,000.00',
    'seal AND +pump',
    'U.S.',
    'andy OR orion',
    String.raw`re\: AND seal`,
  ])('%s', (term) => expect(warningsOf(term)).toEqual([]));
});
