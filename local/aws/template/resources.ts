import type { AssemblyStack, TemplateResource } from './assembly.ts';
import { resolve, type Scope } from './intrinsics.ts';
import { arn, ignoredResourceTypes, resourceTypes } from './resource-types.ts';

/** A resource whose intrinsic functions are resolved. */
export interface Resource {
  type: string;
  logicalId: string;
  name: string;
  /** The result of Ref. */
  ref: string;
  /** The result of GetAtt Arn; empty for types without an ARN. */
  arn: string;
  // biome-ignore lint/suspicious/noExplicitAny: every type has properties of its own, and CDK wrote them.
  properties: Record<string, any>;
  /** Folders of the stack's assets by S3 key. */
  assets: Record<string, string>;
}

/** Input for resolving the templates. */
export interface ResolveOptions {
  stacks: AssemblyStack[];
  /** Endpoint for queue URLs. */
  gateway: string;
  /** Exports of other stacks, by name. */
  imports?: Record<string, string>;
}

/** Resolves the resources of all stacks. Throws at an unknown resource type. */
export function resolveResources({ stacks, gateway, imports }: ResolveOptions): Resource[] {
  const exports = new Map(Object.entries(imports ?? {}).map(([name, value]) => [name, (): unknown => value]));
  const scopes = stacks.map((stack) => scopeOf(stack, gateway, exports));
  stacks.forEach((stack, index) => {
    const scope = scopes[index]!;
    for (const output of Object.values(stack.template.Outputs ?? {}))
      if (output.Export)
        exports.set(String(resolve(output.Export.Name, scope)), () => resolve(output.Value, scope));
  });
  return stacks.flatMap((stack, index) =>
    Object.entries(stack.template.Resources)
      .filter(([, resource]) => !(resource.Type in ignoredResourceTypes))
      .map(([logicalId, resource]) => resourceOf(stack, logicalId, resource, scopes[index]!, gateway)),
  );
}

function resourceOf(
  stack: AssemblyStack,
  logicalId: string,
  resource: TemplateResource,
  scope: Scope,
  gateway: string,
): Resource {
  const type = typeOf(logicalId, resource);
  if (resource.Condition) throw new Error(`${logicalId}: conditions are not supported by the local stack`);
  const name = physicalName(stack.name, logicalId, resource, scope);
  return {
    type: resource.Type,
    logicalId,
    name,
    ref: type.ref(name, gateway),
    arn: type.attributes?.Arn?.(name) ?? '',
    properties: resolve(resource.Properties ?? {}, scope) as Record<string, unknown>,
    assets: stack.assets,
  };
}

function scopeOf(stack: AssemblyStack, gateway: string, exports: Map<string, () => unknown>): Scope {
  const { Resources, Parameters } = stack.template;
  const find = (logicalId: string): TemplateResource => {
    const resource = Resources[logicalId];
    if (!resource) throw new Error(`${stack.name} has no resource ${logicalId}`);
    return resource;
  };
  const scope: Scope = {
    reference(logicalId) {
      if (logicalId === 'AWS::StackName') return stack.name;
      if (Parameters?.[logicalId]) return Parameters[logicalId].Default;
      const resource = find(logicalId);
      const name = physicalName(stack.name, logicalId, resource, scope);
      return resource.Type in ignoredResourceTypes ? name : typeOf(logicalId, resource).ref(name, gateway);
    },
    attribute(logicalId, attribute) {
      const resource = find(logicalId);
      const name = physicalName(stack.name, logicalId, resource, scope);
      if (resource.Type in ignoredResourceTypes) return attributeOfIgnored(resource, name, attribute);
      const value = typeOf(logicalId, resource).attributes?.[attribute];
      if (!value) throw new Error(`${logicalId}: ${resource.Type} has no attribute ${attribute} locally`);
      return value(name);
    },
    importValue(exportName) {
      const value = exports.get(exportName);
      if (!value) throw new Error(`No stack exports ${exportName}`);
      return value();
    },
  };
  return scope;
}

/** A plausible attribute of an ignored resource, for policies and the like that refer to it. */
function attributeOfIgnored({ Type }: TemplateResource, name: string, attribute: string): string {
  return attribute === 'Arn' ? arn(Type.split('::')[1]!.toLowerCase(), name) : `${name}.${attribute}`;
}

function typeOf(logicalId: string, { Type }: TemplateResource) {
  const type = resourceTypes[Type];
  if (!type) throw new Error(`${logicalId}: the resource type ${Type} is not supported by the local stack`);
  return type;
}

function physicalName(
  stackName: string,
  logicalId: string,
  resource: TemplateResource,
  scope: Scope,
): string {
  const path = resourceTypes[resource.Type]?.nameProperty.split('.') ?? [];
  const given = path.reduce<unknown>(
    (properties, property) => (properties as Record<string, unknown> | undefined)?.[property],
    resource.Properties,
  );
  if (given !== undefined) return String(resolve(given, scope));
  // Bucket names are in lower case. CloudFormation shortens generated names as well.
  const generated = `${stackName}-${logicalId}`.slice(-63).replace(/^-+/, '');
  return resource.Type === 'AWS::S3::Bucket' ? generated.toLowerCase() : generated;
}
