// Draws the graph of every definition into docs/machines/: `npm run diagrams`.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Graph, layout } from '@dagrejs/dagre';

interface State {
  Type: string;
  Comment?: string;
  Resource?: string;
  Arguments?: Record<string, unknown>;
  Next?: string;
  Default?: string;
  End?: boolean;
  Seconds?: number | string;
  Retry?: unknown[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  Choices?: { Next: string }[];
  ItemProcessor?: States & { ProcessorConfig: { Mode: string } };
  Branches?: States[];
}
interface States {
  StartAt: string;
  States: Record<string, State>;
}
export interface Definition extends States {
  Comment: string;
}

interface Point {
  x: number;
  y: number;
}
/** A drawn graph, whose left upper corner is the origin. */
interface Drawing {
  width: number;
  height: number;
  svg: string;
}

const folder = new URL('./', import.meta.url);
const target = new URL('../docs/machines/', import.meta.url);

const lineHeight = 16;
const padding = 12;
/** Of the letters of the font, in pixels; text must never run over its box. */
const letterWidth = 7.2;

const colours: Record<string, { fill: string; line: string }> = {
  Task: { fill: '#eaf2fb', line: '#2f6fb3' },
  Choice: { fill: '#fdf6e3', line: '#b58900' },
  Map: { fill: '#f6f3fb', line: '#7a5ea8' },
  Parallel: { fill: '#f6f3fb', line: '#7a5ea8' },
  Wait: { fill: '#f3f4f6', line: '#6b7280' },
  Pass: { fill: '#f3f4f6', line: '#6b7280' },
  Succeed: { fill: '#e8f6ec', line: '#2f8f4e' },
  Fail: { fill: '#fdecea', line: '#c0392b' },
};

/** The definitions with the names of their diagrams. */
export const definitions: [string, Definition][] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.asl.json'))
  .sort()
  .map((file) => [basename(file, '.asl.json'), JSON.parse(readFileSync(new URL(file, folder), 'utf8'))]);

/** The diagram of a definition as SVG. Each state is a group with its name in `data-state`. */
export function diagramOf(name: string, definition: Definition): string {
  const { width, height, svg } = draw(definition);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title" font-family="Helvetica, Arial, sans-serif" font-size="13">
<title id="title">${escaped(`${name}: ${definition.Comment}`)}</title>
<defs>
<marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="#4b5563"/></marker>
<marker id="caught" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="#c0392b"/></marker>
</defs>
<rect width="100%" height="100%" fill="#ffffff"/>
${svg}</svg>
`;
}

function draw({ StartAt, States }: States): Drawing {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: 'TB',
    nodesep: 30,
    ranksep: 38,
    edgesep: 16,
    marginx: padding,
    marginy: padding,
  });
  const boxes: Record<string, Drawing> = {};
  const add = (name: string, box: Drawing) => {
    boxes[name] = box;
    graph.setNode(name, { width: box.width, height: box.height });
  };
  const dot = { width: 16, height: 16 };
  add(start, { ...dot, svg: '<circle cx="8" cy="8" r="7" fill="#4b5563"/>\n' });
  for (const [name, state] of Object.entries(States)) add(name, boxOf(name, state));
  const connect = (from: string, to: string, label: string, caught = false) => {
    const size = label ? { width: label.length * letterWidth * 0.85, height: 14, labelpos: 'c' } : {};
    graph.setEdge(from, to, { label, caught, ...size }, `${label} ${caught}`);
  };
  connect(start, StartAt, '');
  for (const [name, state] of Object.entries(States)) {
    if (state.End) {
      if (!graph.hasNode(end))
        add(end, {
          ...dot,
          svg: '<circle cx="8" cy="8" r="7" fill="none" stroke="#4b5563"/><circle cx="8" cy="8" r="4" fill="#4b5563"/>\n',
        });
      connect(name, end, '');
    }
    for (const next of new Set([state.Next, ...(state.Choices ?? []).map(({ Next }) => Next)]))
      if (next) connect(name, next, '');
    if (state.Default) connect(name, state.Default, 'otherwise');
    for (const { ErrorEquals, Next } of state.Catch ?? [])
      connect(name, Next, ErrorEquals.map(short).join(', '), true);
  }
  layout(graph);
  const edges = graph.edges().map((edge: { v: string; w: string }) => edgeOf(graph.edge(edge)));
  const nodes = graph.nodes().map((name: string) => {
    const { x, y, width, height } = graph.node(name);
    return `<g transform="translate(${round(x - width / 2)} ${round(y - height / 2)})"${name === start || name === end ? '' : ` data-state="${escaped(name)}"`}>\n${boxes[name]!.svg}</g>\n`;
  });
  // The size that dagre gives leaves out the bends of edges. Their control points enclose them.
  const bends = graph
    .edges()
    .flatMap((edge: { v: string; w: string }): Point[] => splineOf(graph.edge(edge).points));
  const { width = 0, height = 0 } = graph.graph();
  const left = Math.ceil(Math.max(0, ...bends.map(({ x }: Point) => padding - x)));
  return {
    width: left + Math.ceil(Math.max(width, ...bends.map(({ x }: Point) => x + padding))),
    height: Math.ceil(Math.max(height, ...bends.map(({ y }: Point) => y + padding))),
    svg: `<g transform="translate(${left} 0)">\n${edges.join('')}${nodes.join('')}</g>\n`,
  };
}

// No state is called so. (dagre does not take an empty name.)
const start = '(start)';
const end = '(end)';

/** A state: its name, what it does, and for a Map or a Parallel the graphs inside. */
function boxOf(name: string, state: State): Drawing {
  const inner = [...(state.ItemProcessor ? [state.ItemProcessor] : []), ...(state.Branches ?? [])].map(draw);
  // The sign says that it is repeated after errors.
  const subject = `${subjectOf(state)}${state.Retry ? ' ↻' : ''}`;
  const lines = subject ? 2 : 1;
  const textWidth = Math.max(name.length * letterWidth * 1.1, subject.length * letterWidth * 0.85);
  const width = Math.ceil(
    Math.max(
      textWidth + 2 * padding,
      inner.reduce((sum, each) => sum + each.width + padding, padding),
    ),
  );
  const header = lines * lineHeight + padding;
  const height = header + (inner.length ? Math.max(...inner.map((each) => each.height)) + padding : 4);
  const { fill, line } = colours[state.Type]!;
  let left = padding;
  const parts = inner.map((each) => {
    const part = `<g transform="translate(${left} ${header})">\n${each.svg}</g>\n`;
    left += each.width + padding;
    return part;
  });
  const shape =
    state.Type === 'Choice'
      ? `<path d="M12 0H${width - 12}L${width} ${height / 2}L${width - 12} ${height}H12L0 ${height / 2}z" fill="${fill}" stroke="${line}"/>`
      : `<rect width="${width}" height="${height}" rx="6" fill="${fill}" stroke="${line}"/>`;
  return {
    width,
    height,
    svg: [
      `<title>${escaped(state.Comment ?? state.Type)}</title>`,
      shape,
      text(width / 2, 19, name, 'font-weight="600" fill="#111827"'),
      ...(subject ? [text(width / 2, 19 + lineHeight, subject, 'font-size="11" fill="#4b5563"')] : []),
      ...parts,
      '',
    ].join('\n'),
  };
}

/** The service or function that a state calls, or the thing it waits for. */
function subjectOf({ Type, Resource = '', Arguments = {}, ItemProcessor }: State): string {
  if (ItemProcessor) return ItemProcessor.ProcessorConfig.Mode === 'DISTRIBUTED' ? 'Distributed Map' : 'Map';
  if (Type !== 'Task') return Type === 'Choice' ? '' : Type;
  const called = /^\$\{(.*)Function\}$/.exec(String(Arguments.FunctionName))?.[1];
  if (called) return called.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  return Resource.split(':').slice(5).join(' ').replace('aws-sdk ', '');
}

const short = (error: string) => error.replace(/^\w+\.(.+?)(Exception)?$/, '$1');

/** A Catmull-Rom spline, which goes through every point, the place of the label too: Bézier curves one after the other. */
function splineOf(points: Point[]): Point[] {
  const at = (index: number) => points[Math.max(0, Math.min(points.length - 1, index))]!;
  const bent = (near: Point, a: Point, b: Point) => ({
    x: near.x + (b.x - a.x) / 6,
    y: near.y + (b.y - a.y) / 6,
  });
  return points.flatMap((point, index) =>
    index === 0
      ? [point]
      : [bent(at(index - 1), at(index - 2), point), bent(point, at(index + 1), at(index - 1)), point],
  );
}

function edgeOf({ points, label, caught, x, y }: Edge): string {
  const [first, ...curves] = splineOf(points).map((point) => `${round(point.x)} ${round(point.y)}`);
  const path = `M${first}C${curves.join(' ')}`;
  const style = caught
    ? 'stroke="#c0392b" stroke-dasharray="5 3" marker-end="url(#caught)"'
    : 'stroke="#4b5563" marker-end="url(#arrow)"';
  const colour = caught ? '#c0392b' : '#4b5563';
  const words = label
    ? `${text(x!, y! + 4, label, `font-size="11" fill="${colour}" stroke="#ffffff" stroke-width="4" paint-order="stroke"`)}\n`
    : '';
  return `<path d="${path}" fill="none" ${style}/>\n${words}`;
}

interface Edge {
  points: Point[];
  label: string;
  caught: boolean;
  x?: number;
  y?: number;
}

const round = (number: number) => Math.round(number * 10) / 10;
const text = (x: number, y: number, words: string, style: string) =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="middle" ${style}>${escaped(words)}</text>`;
const escaped = (words: string) =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** The files of docs/machines/: a diagram for each definition, and a page with all of them. */
export function diagramFiles(): Record<string, string> {
  const sections = definitions.map(([name, { Comment }]) => {
    const comment = Comment.replace('${Purpose}', 'One definition for every report of a single query');
    return `## ${name}\n\n${comment}\n\n![States of ${name}](${name}.svg)\n`;
  });
  const page = `# The state machines

Drawn from the definitions by \`npm run diagrams\`. A dashed red arrow is a caught error, ↻ a task that is repeated after errors.
Rest the pointer on a state of an opened diagram to read its comment.

${sections.join('\n')}`;
  return Object.fromEntries([
    ['README.md', page],
    ...definitions.map(([name, definition]) => [`${name}.svg`, diagramOf(name, definition)]),
  ]);
}

if (import.meta.main) {
  const files = Object.entries(diagramFiles());
  mkdirSync(target, { recursive: true });
  for (const [name, content] of files) writeFileSync(new URL(name, target), content);
  console.log(`${files.length - 1} diagrams are in docs/machines/.`);
}
