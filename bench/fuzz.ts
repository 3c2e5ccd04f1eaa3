// Runs machines, inputs and requests made by chance against Step Functions Local: node bench/fuzz.ts [seconds] [first seed]
import { startFuzz } from '../test/local/step-functions/fuzz.ts';

const lanes = 16;
const seconds = Number(process.argv[2] ?? 24 * 3600);
const first = Number(process.argv[3] ?? Date.now());
const end = Date.now() + seconds * 1000;

await using fuzz = await startFuzz();
let next = first;
let problems = 0;
const report = setInterval(() => console.log(`${next - first} seeds, ${problems} problems`), 60_000);
const lane = async () => {
  while (Date.now() < end)
    for (const problem of await fuzz.run(next++)) {
      problems++;
      console.log(problem);
    }
};
await Promise.all(Array.from({ length: lanes }, lane));
clearInterval(report);
console.log(`Seeds ${first} to ${next - 1}: ${problems} problems`);
process.exitCode = problems ? 1 : 0;
