import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jsonata from 'jsonata';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Arns } from '../../cdk/arns.ts';
import { config, environments, regions } from '../../cdk/config.ts';
import { definition, substitutions } from '../../cdk/definitions.ts';
import { type Machine, machines } from '../../cdk/machines.ts';
import { finishedDefinition } from '../../cdk/write-definitions.ts';
import { checkDefinition } from '../../local/step-functions/definition/check.ts';

const names = Object.keys(machines) as Machine[];

describe.each(environments)('In %s', (environment) => {
  const configuration = config(environment, 'us-east-1');

  describe.each(names)('the definition of %s', (machine) => {
    const text = finishedDefinition(machine, configuration);

    it('has no name without a value', () => {
      expect(text).not.toMatch(/\$\{/);
    });

    it('is valid', () => {
      expect(checkDefinition(text, machines[machine].express ? 'EXPRESS' : 'STANDARD')).toEqual([]);
    });

    it('has expressions that JSONata 2.0.6 can read', () => {
      const expressions: string[] = [];
      JSON.parse(text, (_, value) => {
        const expression = typeof value === 'string' && /^\{%(.*)%\}$/s.exec(value)?.[1];
        if (expression) expressions.push(expression);
        return value;
      });
      expect(expressions).not.toEqual([]);
      for (const expression of expressions) jsonata(expression);
    });

    it('is smaller than the 1 MB that Step Functions takes', () => {
      expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
    });
  });
});

it('refuses a name to which the catalogue gives no value', () => {
  const deployed = {
    arns: new Arns(config('qa', 'us-east-1'), '123456789012'),
    functionArn: () => 'arn',
    topicArn: 'arn',
    intakeQueueArn: 'arn',
    schedulerRoleArn: 'arn',
    scheduleDeadLettersArn: 'arn',
  };
  const text = '{ "FunctionName": "${MergePartsFunction}" }';
  expect(() => substitutions('deliver-report', text, deployed)).toThrow(
    '${MergePartsFunction}: the entry of deliver-report in cdk/machines.ts gives it no value.',
  );
});

it('differ between regions in nothing that is put in before CloudFormation', () => {
  for (const machine of names) {
    const [first, ...others] = regions.map((region) => definition(machine, config('production', region)));
    expect(others).toEqual(others.map(() => first));
  }
});

it('are written by npm run definitions, by the type to validate them as', () => {
  const folder = mkdtempSync(join(tmpdir(), 'definitions-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const options = ['--environment', 'qa', '--region', 'us-west-1', '--folder', folder];
  execFileSync('node_modules/.bin/node', ['cdk/write-definitions.ts', ...options]);
  expect(readdirSync(join(folder, 'EXPRESS'))).toEqual(['report-router.asl.json']);
  const standard = readdirSync(join(folder, 'STANDARD')).map((file) => file.replace('.asl.json', ''));
  expect([...standard, 'report-router'].sort()).toEqual([...names].sort());
  const written = readFileSync(join(folder, 'STANDARD', 'page-count.asl.json'), 'utf8');
  expect(written).toBe(finishedDefinition('page-count', config('qa', 'us-west-1')));
  expect(written).toContain('arn:aws:lambda:us-west-1:123456789012:function:reports-qa-export-rows');
});
