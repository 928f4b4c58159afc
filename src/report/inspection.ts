/** What a file is, in facts for people: a title, and what there is to say of it. */
import { CONTEXT_LETTERS } from '../data/index.js';
import { count } from '../device/count.js';
import { inBytes } from '../device/host-memory.js';
import type {
  InspectedExperiments,
  InspectedModel,
  InspectedNetwork,
  InspectedTable,
  InspectedTraining,
  Inspection,
  ListedPart,
} from '../gia/files/inspection.js';
import type { MotifFormat } from '../gia/motif/index.js';
import { outputsOf, parameterCounts, placedLayers } from '../nn/architecture.js';
import type { ModelFormat } from '../nn/exchange/foreign-model.js';
import { summaryOf } from '../nn/presets.js';
import { dataFacts } from './data-check.js';

/** What files of motifs are called. */
const MOTIF_FILES: Readonly<Record<MotifFormat, string>> = {
  meme: 'a MEME file',
  cisbp: 'a table of CIS-BP’s kind',
  transfac: 'a TRANSFAC file',
  matrix: 'a file of matrices (JASPAR, PFM, HOMER or UniPROBE)',
};

/** What is said, and of what. */
export type Fact = readonly [string, string];

/** Tensors of another program's model that are listed at most. */
const TENSORS = 64;

/** Motifs, layers and the like that a fact names at most. */
const NAMED = 8;

const some = (names: readonly string[]): string =>
  names.length <= NAMED
    ? names.join(', ')
    : `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;

const number = (n: number): string => n.toLocaleString('en');

/** A title and facts of a file. */
export function inspectionFacts(file: Inspection): {
  readonly title: string;
  readonly facts: readonly Fact[];
} {
  const { title, facts } = described(file);
  return {
    title: `${file.path}: ${title}`,
    facts: [...facts, ['size', inBytes(file.bytes)], ['sha256', file.sha256]],
  };
}

function described(file: Inspection): { readonly title: string; readonly facts: readonly Fact[] } {
  switch (file.kind) {
    case 'experiments':
      return experiments(file);
    case 'model':
      return model(file);
    case 'network':
      return { title: 'a network file', facts: networkFacts(file) };
    case 'training checkpoint':
      return training(file);
    case 'sweep checkpoint':
      return {
        title: 'a checkpoint of an unfinished sweep; the same command goes on from it',
        facts: [
          file.rounds === undefined
            ? [
                'done',
                `${(file.parts ?? []).map(number).join(', ')} backgrounds of the parts that have begun`,
              ]
            : ['done', count(file.rounds, 'round')],
          ['work', file.fingerprint],
        ],
      };
    case 'importance table':
      return table(file);
    case 'sequences':
      return {
        title: count(file.records, 'sequence'),
        facts: [
          ['letters', `${number(file.shortest)} to ${number(file.longest)}`],
          ['structures', file.structures === 0 ? 'none' : `of ${count(file.structures, 'record')}`],
        ],
      };
    case 'structure profiles':
      return {
        title: count(file.records, 'structure profile'),
        facts: [
          ['contexts', Array.from(file.contexts).join(' ')],
          ['nucleotides', `${number(file.shortest)} to ${number(file.longest)}`],
          ['matched by', file.by],
        ],
      };
    case 'motifs':
      return {
        title: `${MOTIF_FILES[file.format]} with ${count(file.motifs.length, 'motif')}`,
        facts: [['motifs', some(file.motifs.map(({ name, width }) => `${name} (${width} nt)`))]],
      };
    case 'affinities':
      return {
        title: `a table of K_D of ${count(file.patterns, 'pattern')}`,
        facts: [
          ['unit', file.unit ?? 'not named'],
          ['left out', `${count(file.censored, 'bound')}, ${count(file.missing, 'missing value')}`],
          ...(file.replicates > 0
            ? [['replicates', `${count(file.replicates, 'record')}, averaged geometrically`] as const]
            : []),
          ...(file.isGuess
            ? [['recognised by', 'short patterns and numbers above 0, without a header'] as const]
            : []),
        ],
      };
    case 'manifest':
      return {
        title: `the manifest of residualbind ${file.command}`,
        facts: [
          ...(file.started === undefined ? [] : [['started', file.started] as const]),
          ...(file.seconds === undefined ? [] : [['took', `${number(file.seconds)} s`] as const]),
          ...listedFact('experiments', file.experiments),
          ...listedFact('models', file.models),
          ['versions', versionsText(file.versions)],
        ],
      };
    case 'foreign model':
      return {
        title: `${formatText(file.program)}; residualbind convert makes a model of it`,
        facts: [
          ...file.tensors
            .slice(0, TENSORS)
            .map(({ name, shape }): Fact => ['tensor', `${name} [${shape.join(', ')}]`]),
          ...(file.tensors.length > TENSORS
            ? [['tensors', `${number(file.tensors.length - TENSORS)} more`] as const]
            : []),
        ],
      };
  }
}

/** How many parts a manifest lists, their names, and how far they have come where not all are done. */
function listedFact(name: string, parts: readonly ListedPart[] | undefined): Fact[] {
  if (!parts) return [];
  const told = parts.map((part) =>
    part.status === undefined || part.status === 'reported' ? part.name : `${part.name} (${part.status})`,
  );
  const [first] = parts;
  const example = first?.folder === undefined ? '' : `; a model is in ${first.folder}`;
  return [[name, `${number(parts.length)}: ${some(told)}${example}`]];
}

const versionsText = (versions: Readonly<Record<string, unknown>>): string =>
  Object.entries(versions)
    .map(([name, version]) => `${name} ${String(version)}`)
    .join(', ');

function experiments({ format, check, madeFrom, versions }: InspectedExperiments) {
  const what = { 'data set': 'a data set', hdf5: 'an HDF5 file', table: 'a table' }[format];
  const sources = madeFrom?.map(({ path, sha256 }) => `${path} (sha256 ${sha256.slice(0, 12)}…)`);
  return {
    title: `${what} of ${count(check.experiments.length, 'experiment')}`,
    facts: [
      ...dataFacts(check),
      ...(sources ? [['made from', some(sources)] as const] : []),
      ...(versions ? [['made by', versionsText(versions)] as const] : []),
    ],
  };
}

const model = (file: InspectedModel) => ({ title: 'a model', facts: factsOf(file) });

/** What there is to say of a model of this program, in short: without its layers. */
export const modelFacts = (model: Pick<InspectedModel, 'architecture' | 'facts'>): readonly Fact[] => [
  ['network', summaryOf(model.architecture)],
  ...factsOf({ ...model, parameters: parameterCounts(model.architecture) }).filter(
    ([name]) => name !== 'layer',
  ),
];

function factsOf(file: Pick<InspectedModel, 'architecture' | 'parameters' | 'facts'>): Fact[] {
  const { preset, seed, tasks, normalisation, data, structure } = file.facts;
  return [
    ...(preset === undefined ? [] : [['preset', preset] as const]),
    ...networkFacts(file),
    ...(tasks ? [['tasks', some(tasks)] as const] : []),
    ...(seed === undefined ? [] : [['seed', String(seed)] as const]),
    ['scores', normalisationText(normalisation)] as const,
    ...(structure ? [['structure', structureText(structure)] as const] : []),
    ...(data ? [['trained on', `${data.path} (sha256 ${data.sha256.slice(0, 12)}…)`] as const] : []),
  ];
}

const structureText = ({
  contexts,
  source,
  energies,
}: NonNullable<InspectedModel['facts']['structure']>): string =>
  `${Array.from(CONTEXT_LETTERS[contexts]).join(' ')}, ${source === 'file' ? 'read from files in training' : `folded here${energies === undefined ? '' : ` (${energies})`}`}`;

/** What a model's file lacks, and what to give to commands that need it. */
export function missingFacts({ profile, normalisation }: InspectedModel['facts']): readonly string[] {
  return [
    ...(profile === undefined
      ? [
          'The file has no nucleotide profile: gia needs --null uniform or --sequences, or convert with --data.',
        ]
      : []),
    ...(normalisation === undefined
      ? ['The file does not say how scores were normalised: evaluate and report need convert with --data.']
      : []),
  ];
}

const FORMAT_TEXT: Readonly<Record<ModelFormat, string>> = {
  residualbind: 'a model of this program',
  keras: 'weights of Keras',
  pytorch: 'a state dict of PyTorch',
  onnx: 'an ONNX file',
};

/** The format of a model in words. */
export const formatText = (format: ModelFormat): string => FORMAT_TEXT[format];

function normalisationText(normalisation: InspectedModel['facts']['normalisation']): string {
  if (normalisation === undefined) return 'the file does not say how they were normalised';
  if (normalisation === null) return 'classes 0 and 1';
  const { kind, n } = normalisation.fitted.train;
  return `${kind} transform and z-score, fitted to ${number(n)} scores`;
}

function networkFacts({
  architecture,
  parameters,
}: Pick<InspectedNetwork, 'architecture' | 'parameters'>): Fact[] {
  const { length, channels, alphabet } = architecture;
  const layers = placedLayers(architecture).map(({ name, layer, output }): Fact => {
    const { kind, ...sizes } = layer;
    const fields = Object.entries(sizes).map(([field, value]) => `${field} ${String(value)}`);
    const shape = `${output.positions} × ${output.channels}`;
    return [
      'layer',
      `${[name && name !== kind ? `${name}: ${kind}` : kind, ...fields].join(', ')} → ${shape}`,
    ];
  });
  return [
    ['input', `${length} positions, ${channels} channels, ${alphabet.toUpperCase()}`],
    ['outputs', number(outputsOf(architecture))],
    [
      'parameters',
      `${number(parameters.trainable)} trained, ${number(parameters.total)} with running statistics`,
    ],
    ...layers,
  ];
}

function training({ epoch, steps, schedule }: InspectedTraining) {
  const { best, bestEpoch, learningRate, stop } = schedule;
  return {
    title: 'a checkpoint of training; train --resume goes on from it',
    facts: [
      ['epochs', `${number(epoch)}, ${count(steps, 'step')}`] as const,
      ['best', best === null ? 'none yet' : `validation r ${best.toFixed(4)} in epoch ${bestEpoch}`] as const,
      ['learning rate', String(learningRate)] as const,
      ...(stop ? [['state', 'training has stopped'] as const] : []),
    ],
  };
}

const table = ({ format, rows, columns, first }: InspectedTable) => ({
  title: `an importance table (${format}) of ${count(rows, 'row')}`,
  facts: [
    ['columns', columns.join(', ')] as const,
    ...first.map(({ pattern, importance }) => ['row', `${pattern}  ${importance.toFixed(4)}`] as const),
  ],
});
