/** What `inspect` finds: one kind for each kind of file that this program reads. */
import type { InputFile, SetCheck } from '../../data/index.js';
import type { ProfileSummary } from '../../data/structure/read-profiles.node.js';
import type { Architecture } from '../../nn/architecture.js';
import type { Program } from '../../nn/exchange/foreign-model.js';
import type { ModelFacts } from '../../nn/files/model-facts.js';
import type { ScheduleState } from '../../nn/training/schedule.js';
import type { MotifFormat } from '../motif/formats/motif-file.js';
import type { StoredRow } from '../tables/table-reader.js';

/** Probes and scores of one or many experiments. */
export interface InspectedExperiments {
  readonly kind: 'experiments';
  /** A prepared data set, an HDF5 file, or a table of text. */
  readonly format: 'data set' | 'hdf5' | 'table';
  readonly check: SetCheck;
  readonly notes: readonly string[];
  /** Of a data set: the files that it was made from, and the programs that made it. */
  readonly madeFrom?: readonly InputFile[];
  readonly versions?: Readonly<Record<string, unknown>>;
}

export interface InspectedModel {
  readonly kind: 'model';
  readonly architecture: Architecture;
  /** Numbers that training moved, and all numbers of the model. */
  readonly parameters: { readonly trainable: number; readonly total: number };
  readonly facts: ModelFacts;
}

export interface InspectedNetwork {
  readonly kind: 'network';
  /** For an input of 41 positions where the file does not say how many. */
  readonly architecture: Architecture;
  readonly parameters: { readonly trainable: number; readonly total: number };
}

export interface InspectedTraining {
  readonly kind: 'training checkpoint';
  readonly epoch: number;
  readonly steps: number;
  readonly schedule: ScheduleState;
}

export interface InspectedSweep {
  readonly kind: 'sweep checkpoint';
  readonly fingerprint: string;
  /** Backgrounds done of each part that has begun. */
  readonly parts?: readonly number[];
  /** Rounds done of a search for the top patterns. */
  readonly rounds?: number;
}

export interface InspectedTable {
  readonly kind: 'importance table';
  readonly format: 'tsv' | 'json' | 'parquet' | 'npz';
  readonly rows: number;
  readonly columns: readonly string[];
  /** Its first rows, where the format gives them. */
  readonly first: readonly Pick<StoredRow, 'pattern' | 'importance'>[];
}

export interface InspectedSequences {
  readonly kind: 'sequences';
  readonly records: number;
  readonly shortest: number;
  readonly longest: number;
  /** Records with a structure in dot-brackets. */
  readonly structures: number;
  readonly notes: readonly string[];
}

/** Structure profiles of sequences. */
export interface InspectedProfiles extends ProfileSummary {
  readonly kind: 'structure profiles';
}

export interface InspectedMotifs {
  readonly kind: 'motifs';
  readonly format: MotifFormat;
  readonly motifs: readonly { readonly name: string; readonly width: number }[];
  readonly notes: readonly string[];
}

export interface InspectedAffinities {
  readonly kind: 'affinities';
  readonly patterns: number;
  readonly unit?: string;
  /** Records left out: bounds, and missing values. */
  readonly censored: number;
  readonly missing: number;
  /** Records that repeat a pattern. */
  readonly replicates: number;
  /** No header says what it holds: it has short patterns beside numbers above 0. */
  readonly isGuess?: true;
}

export interface InspectedManifest {
  readonly kind: 'manifest';
  readonly command: string;
  readonly started?: string;
  readonly seconds?: number;
  readonly versions: Readonly<Record<string, unknown>>;
  /** Experiments of a study. */
  readonly experiments?: readonly ListedPart[];
  /** Models of a survey. */
  readonly models?: readonly ListedPart[];
}

/** What a manifest lists by name: its folder and how far it has come, where the manifest says so. */
export interface ListedPart {
  readonly name: string;
  readonly folder?: string;
  readonly status?: string;
}

/** A model of another program, which `convert` reads. */
export interface InspectedForeign {
  readonly kind: 'foreign model';
  readonly program: Program;
  /** Its tensors as the file names and stores them. */
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** What `inspect` says of a file; `kind` tells which. */
export type Inspected =
  | InspectedExperiments
  | InspectedModel
  | InspectedNetwork
  | InspectedTraining
  | InspectedSweep
  | InspectedTable
  | InspectedSequences
  | InspectedProfiles
  | InspectedMotifs
  | InspectedAffinities
  | InspectedManifest
  | InspectedForeign;

/** A file, and what it holds. */
export type Inspection = {
  readonly path: string;
  /** Size on disk. */
  readonly bytes: number;
  readonly sha256: string;
} & Inspected;
