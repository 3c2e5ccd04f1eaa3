/** The values that the intrinsic functions of a template can refer to. */
export interface Scope {
  reference(logicalId: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  importValue(exportName: string): unknown;
}

/** The pseudo parameters of CloudFormation in the local stack. */
export const pseudoParameters = {
  'AWS::AccountId': '000000000000',
  'AWS::NoValue': undefined,
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::URLSuffix': 'amazonaws.com',
};

type Intrinsic = (argument: never, scope: Scope) => unknown;

const intrinsics: Record<string, Intrinsic> = {
  Ref: (logicalId: string, scope) =>
    logicalId in pseudoParameters
      ? pseudoParameters[logicalId as keyof typeof pseudoParameters]
      : scope.reference(logicalId),
  'Fn::GetAtt': (argument: string | [string, string], scope) => {
    const [logicalId, ...attribute] = typeof argument === 'string' ? argument.split('.') : argument;
    return scope.attribute(logicalId!, attribute.join('.'));
  },
  'Fn::ImportValue': (exportName: unknown, scope) => scope.importValue(String(resolve(exportName, scope))),
  'Fn::Join': ([separator, parts]: [string, unknown], scope) =>
    (resolve(parts, scope) as unknown[]).join(separator),
  'Fn::Select': ([index, list]: [number | string, unknown], scope) =>
    (resolve(list, scope) as unknown[])[Number(index)],
  'Fn::Split': ([separator, text]: [string, unknown], scope) => String(resolve(text, scope)).split(separator),
  'Fn::Sub': (argument: string | [string, Record<string, unknown>], scope) => {
    const [text, variables] = typeof argument === 'string' ? [argument, {}] : argument;
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in variables) return String(resolve(variables[name], scope));
      return String(resolve(name.includes('.') ? { 'Fn::GetAtt': name } : { Ref: name }, scope));
    });
  },
};

/** Replaces every intrinsic function in the value by its result. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string' && value.includes('{{resolve:'))
    throw new Error(`Dynamic references are not supported by the local stack: ${value}`);
  if (Array.isArray(value))
    return value.map((item) => resolve(item, scope)).filter((item) => item !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && name && (name === 'Ref' || name.startsWith('Fn::'))) {
    const intrinsic = intrinsics[name];
    if (!intrinsic) throw new Error(`The intrinsic function ${name} is not supported by the local stack`);
    return intrinsic(argument as never, scope);
  }
  return Object.fromEntries(
    entries.map(([key, item]) => [key, resolve(item, scope)]).filter(([, item]) => item !== undefined),
  );
}
