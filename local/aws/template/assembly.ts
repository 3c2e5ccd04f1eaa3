import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A resource of a CloudFormation template. */
export interface TemplateResource {
  Type: string;
  Condition?: string;
  Properties?: Record<string, unknown>;
}

/** The parts of a CloudFormation template that the local stack reads. */
export interface Template {
  Parameters?: Record<string, { Default?: unknown }>;
  Resources: Record<string, TemplateResource>;
  Outputs?: Record<string, { Value: unknown; Export?: { Name: unknown } }>;
}

/** A stack of a cloud assembly: its template, and the folder of each asset by its S3 key. */
export interface AssemblyStack {
  name: string;
  template: Template;
  assets: Record<string, string>;
}

interface Artifact {
  type: string;
  properties?: { templateFile?: string; stackName?: string };
}

interface AssetManifest {
  files?: Record<string, { source: { path: string }; destinations: Record<string, { objectKey: string }> }>;
}

/** Synthesizes the stacks of the development environment in us-east-1 into the folder. */
export async function synthesize(app: string, folder: string): Promise<void> {
  const context = { environment: 'development', region: 'us-east-1', 'aws:cdk:version-reporting': false };
  await promisify(execFile)(process.execPath, [app], {
    // The app reads its files relative to the repository.
    cwd: dirname(dirname(app)),
    env: { ...process.env, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify(context) },
  });
}

/** Reads the stacks of a cloud assembly. */
export async function readAssembly(folder: string): Promise<AssemblyStack[]> {
  const read = async (file: string) => JSON.parse(await readFile(join(folder, file), 'utf8'));
  const artifacts = Object.entries<Artifact>((await read('manifest.json')).artifacts);
  const stacks = artifacts.filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack');
  return Promise.all(
    stacks.map(async ([id, { properties }]) => {
      const hasAssets = artifacts.some(([artifact]) => artifact === `${id}.assets`);
      const manifest: AssetManifest = hasAssets ? await read(`${id}.assets.json`) : {};
      const files = Object.values(manifest.files ?? {});
      return {
        name: properties?.stackName ?? id,
        template: await read(properties?.templateFile ?? `${id}.template.json`),
        assets: Object.fromEntries(
          files.flatMap(({ source, destinations }) =>
            Object.values(destinations).map(({ objectKey }) => [objectKey, join(folder, source.path)]),
          ),
        ),
      };
    }),
  );
}
