// Definitions of machines as they are deployed. Everything known at synthesis is put in here; only ARNs, and names with the
// account in them, are left to CloudFormation.
import { readdirSync, readFileSync } from 'node:fs';
import errors from '../contract/errors.json' with { type: 'json' };
import schema from '../contract/request.schema.json' with { type: 'json' };
import type { Arns } from './arns.ts';
import {
  type Config,
  countingPrices,
  nameOf,
  progressSteps,
  searchDatabase,
  searchWorkGroup,
} from './config.ts';
import { longestTaskSeconds, type Task } from './functions.ts';
import { definitionFile, type Machine, machineOf, machines, watched } from './machines.ts';

const name = /\$\{(\w+)\}/g;

/** A machine's definition, in which each `${Name}` that is left is a name of `substitutions`. */
export function definition(machine: Machine, config: Config): string {
  const values = { ...sharedFunctions(), ...valuesOf(machine, config) };
  return fill(readFileSync(definitionFile(machine), 'utf8'), (key) =>
    key in values ? inJson(values[key]!) : undefined,
  );
}

/** The values that only CloudFormation knows: tokens in a template, placeholders elsewhere. */
export interface Deployed {
  arns: Arns;
  functionArn(task: Task): string;
  topicArn: string;
  intakeQueueArn: string;
  schedulerRoleArn: string;
  scheduleDeadLettersArn: string;
}

/**
 * The values of the names that are left in a machine's definition.
 * @throws Error when a name has no value: CloudFormation would leave it in the text
 */
export function substitutions(machine: Machine, text: string, deployed: Deployed): Record<string, string> {
  const { tasks = [], starts = [] } = machines[machine];
  const { arns } = deployed;
  const values: Record<string, string> = {
    ...Object.fromEntries(tasks.map((task) => [`${pascalCase(task)}Function`, deployed.functionArn(task)])),
    ...Object.fromEntries(starts.map((other) => [`${pascalCase(other)}Machine`, arns.machine(other)])),
    ReportMachineArnPrefix: arns.machine(''),
    ReportExecutionArnPrefix: arns.execution(''),
    ReportsBucket: arns.bucketName,
    EventsTopicArn: deployed.topicArn,
    IntakeQueueArn: deployed.intakeQueueArn,
    SchedulerRoleArn: deployed.schedulerRoleArn,
    ScheduleDeadLettersArn: deployed.scheduleDeadLettersArn,
    SearchBackendFunction: arns.searchBackend,
  };
  return Object.fromEntries(
    [...new Set([...text.matchAll(name)].map(([, key]) => key!))].map((key) => {
      const value = values[key];
      if (value === undefined)
        throw new Error(`\${${key}}: the entry of ${machine} in cdk/machines.ts gives it no value.`);
      return [key, value];
    }),
  );
}

/** The text with a value for each `${Name}` that has one. */
export function fill(text: string, lookUp: (name: string) => string | undefined): string {
  return text.replace(name, (variable, key: string) => lookUp(key) ?? variable);
}

/** The JSONata of state-machines/functions/, each on one line: `IsMoment` is is-moment.jsonata. One may use another. */
export function sharedFunctions(): Record<string, string> {
  const folder = 'state-machines/functions';
  const texts = Object.fromEntries(
    readdirSync(folder).map((file) => {
      const text = readFileSync(`${folder}/${file}`, 'utf8').replace(/\/\*.*?\*\//gs, '');
      return [pascalCase(file.replace('.jsonata', '')), text.replace(/\s+/g, ' ').trim()];
    }),
  );
  const complete = (text: string): string =>
    fill(text, (used) => (used in texts ? complete(texts[used]!) : undefined));
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, complete(text)]));
}

function valuesOf(machine: Machine, config: Config): Record<string, string> {
  const { shared } = machines[machine];
  return {
    ...(shared && { Purpose: shared.purpose }),
    MachineOf: JSON.stringify(machineOf),
    AvailableReports: Object.keys(machineOf)
      // A backend that counts hits by itself searches no testimony.
      .filter((type) => type !== 'deposition_search_pdf' || config.search.backendKind === 'search_only')
      .join(),
    WatchedMachines: watched.join(),
    KnownReports: schema.$defs.ReportType.enum.join(),
    Errors: JSON.stringify(errors),
    LongestTaskSeconds: String(longestTaskSeconds),
    ...searchValues(config),
    CasesAtOnce: String(config.casesAtOnce),
    BatchesAtOnce: String(config.batchesAtOnce),
    ProgressSteps: String(progressSteps),
    Environment: config.environment,
    ScheduleGroup: nameOf(config),
  };
}

function searchValues(config: Config): Record<string, string> {
  const { search } = config;
  const sql = (query: string) =>
    readFileSync(`tasks/reports/search-hit/${query}.sql`, 'utf8').replace(/^--.*\n/gm, '');
  return {
    SearchBackendKind: search.backendKind,
    SearchHeartbeatSeconds: String(search.heartbeatSeconds),
    SearchConversionJob: search.conversionJob,
    SearchDatabase: searchDatabase(config),
    SearchWorkGroup: searchWorkGroup(config),
    TermsSql: sql('terms'),
    CustodiansSql: sql('custodians'),
    MonthsSql: sql('months'),
    AthenaPerTebibyte: String(countingPrices.athenaPerTebibyte),
    GluePerDpuHour: String(countingPrices.gluePerDpuHour),
  };
}

const pascalCase = (text: string) =>
  text.replace(/(^|-)(.)/g, (_, __, letter: string) => letter.toUpperCase());

/** Text as it must stand inside a JSON string. */
const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
