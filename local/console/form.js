// A form from a JSON Schema: each field reads itself.

/** Makes an element. Texts become text nodes, so nothing that comes from executions is ever read as HTML. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== undefined && value !== false) element.setAttribute(name, value);
  element.append(...children.flat().filter((child) => child !== undefined && child !== false));
  return element;
}

/** The form of a request like the sample. `read()` returns its jobId, caseId and eventDetail. */
export function requestForm(schema, sample) {
  const { eventDetail, caseId } = sample;
  const { properties, allOf } = schema.$defs.EventDetail;
  const own =
    allOf.find((rule) => rule.if.properties.reportType.const === eventDetail.reportType)?.then.properties ??
    {};
  const detail = {
    type: 'object',
    properties: {
      ...properties,
      reportType: { ...properties.reportType, readOnly: true },
      parameters: own.parameters ?? properties.parameters,
      delivery: {
        ...properties.delivery,
        properties: { ...properties.delivery.properties, ...own.delivery?.properties },
      },
    },
  };
  const jobId = `ask-${Date.now().toString(36)}`;
  const envelope = {
    type: 'object',
    properties: { jobId: { type: 'string' }, caseId: schema.properties.caseId },
  };
  const top = field(schema, '', envelope, { jobId, caseId });
  const rest = field(schema, '', detail, eventDetail);
  return {
    element: h('div', {}, top.element, rest.element),
    read: () => ({ caseId: null, ...top.read(), eventDetail: rest.read() ?? {} }),
    setJob: (id) => {
      top.element.querySelector('input').value = id;
    },
  };
}

function field(root, name, given, value) {
  const schema = resolved(root, given, value);
  const hint = schema.description && h('small', {}, schema.description);
  const labelled = (input) => h('label', {}, h('span', {}, name), input, hint);
  const types = [schema.type].flat();
  if (schema.properties) {
    const fields = Object.entries(schema.properties).map(([key, each]) => [
      key,
      field(root, key, { readOnly: schema.readOnly, ...each }, value?.[key]),
    ]);
    const elements = fields.map(([, { element }]) => element);
    return {
      // What the sample leaves out is there, but folded.
      element: name
        ? h('details', { class: 'group', open: value !== undefined }, h('summary', {}, name), hint, elements)
        : h('div', { class: 'fields' }, elements),
      read() {
        const read = fields.map(([key, each]) => [key, each.read()]).filter(([, each]) => each !== undefined);
        return read.length > 0 ? Object.fromEntries(read) : undefined;
      },
    };
  }
  const choices = types.includes('boolean') ? [true, false] : schema.enum;
  if (choices && !schema.readOnly) {
    const unset = schema.default === undefined ? '' : `${schema.default} by default`;
    const select = h(
      'select',
      {},
      h('option', { value: '' }, unset),
      choices.map((each) =>
        h('option', { value: JSON.stringify(each), selected: each === value }, String(each)),
      ),
    );
    return { element: labelled(select), read: () => (select.value ? JSON.parse(select.value) : undefined) };
  }
  const items = schema.items && resolved(root, schema.items);
  if (items && /string|integer/.test(items.type)) {
    const area = h('textarea', { rows: 2, placeholder: 'one a line' }, value?.join('\n') ?? '');
    const read = () =>
      area.value
        .split('\n')
        .filter(Boolean)
        .map((line) => scalar(items, line));
    return { element: labelled(area), read: () => (area.value ? read() : undefined) };
  }
  if (!types.includes('string') && !types.includes('integer')) {
    const area = h('textarea', { rows: 4, placeholder: 'JSON', spellcheck: 'false' });
    if (value !== undefined) area.value = JSON.stringify(value, null, 2);
    const read = () => {
      try {
        return area.value ? JSON.parse(area.value) : undefined;
      } catch (error) {
        area.focus();
        throw new Error(`${name}: This is not JSON. ${error.message}`);
      }
    };
    return { element: labelled(area), read };
  }
  const input = h('input', {
    value: value ?? '',
    readonly: schema.readOnly,
    placeholder: schema.default ?? '',
  });
  return {
    element: labelled(input),
    read: () => (input.value === '' ? undefined : scalar(schema, input.value)),
  };
}

/** A number where one is expected; otherwise the text as it is, for the service to judge. */
const scalar = (schema, text) =>
  [schema.type].flat().includes('integer') && /^-?\d+$/.test(text) ? Number(text) : text;

/** Follows references and the condition on a constant. */
function resolved(root, schema, value) {
  if (schema.$ref) {
    const { $ref, ...more } = schema;
    return resolved(root, { ...root.$defs[$ref.split('/').at(-1)], ...more }, value);
  }
  if (!schema.if || !schema.then) return schema;
  const fits = Object.entries(schema.if.properties).every(
    ([key, { const: constant }]) => value?.[key] === constant,
  );
  return resolved(root, fits ? schema.then : schema.else, value);
}
