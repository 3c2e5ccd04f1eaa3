// Reads a load file that is made while it is read, and says with how much memory: a line of 200 MB, or 400,000 rows.
import { readRows } from '../../../../tasks/reports/coding-overlay/load-file/read.ts';

const kind = process.argv[2];
const lines = Array.from({ length: 400 }, (_, row) => `${row},"a title, quoted",tag;other\r\n`).join('');

async function* chunks() {
  yield Buffer.from('nextpoint_id,Title,Tags\r\n');
  if (kind === 'rows') for (let count = 0; count < 1000; count++) yield Buffer.from(lines);
  else for (let count = 0; count < 3200; count++) yield Buffer.alloc(65_536, 'x');
}

let rows = 0;
let code: string | undefined;
try {
  for await (const batch of readRows(chunks())) rows += batch.length;
} catch (error) {
  code = (error as { finding?: { code: string } }).finding?.code;
}
console.log(JSON.stringify({ code, rows, megabytes: Math.round(process.resourceUsage().maxRSS / 1024) }));
