// Compiles assembly/transcoder.ts into wasm.ts: `npm run wasm`. A bundler needs no loader for a module that is text.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** The text of wasm.ts as the source gives it. */
export async function compile(): Promise<string> {
  let binary = new Uint8Array();
  const { error, stderr } = await main(
    [
      'assembly/transcoder.ts',
      ...['--baseDir', folder, '--outFile', 'transcoder.wasm', '-O3', '--noAssert', '--enable', 'simd'],
      ...['--runtime', 'stub', '--initialMemory', '160', '--use', 'abort='],
    ],
    {
      writeFile(_, contents) {
        binary = contents as unknown as Uint8Array<ArrayBuffer>;
      },
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  const lines = Buffer.from(binary)
    .toString('base64')
    .match(/.{1,100}/g)!;
  return `// Compiled from assembly/transcoder.ts by \`npm run wasm\`.
export const wasm = \`
${lines.join('\n')}
\`;
`;
}

if (import.meta.main) await writeFile(`${folder}wasm.ts`, await compile());
