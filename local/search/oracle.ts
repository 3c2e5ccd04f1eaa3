// `npm run search-oracle -- DOCUMENTS QUERIES`: what the stand-in finds beside what a real Lucene found.
import { readFileSync } from 'node:fs';
import { type Asked, compare, type Text } from './compare.ts';

const [documents, queries] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
if (!documents || !queries) {
  console.error('Usage: npm run search-oracle -- DOCUMENTS QUERIES');
  process.exit(2);
}
const { equal, different } = compare(documents as Text[], queries as Asked[]);
for (const line of different) console.log(line);
const total = equal + different.length;
console.log(`${equal} of ${total} equal (${((100 * equal) / total).toFixed(1)} %)`);
if (different.length) process.exitCode = 1;
