/**
 * Names of proteins for experiments, from a table such as RNAcompete's `info_all.tab`. Columns are found by
 * what they hold and by what they are called, never by their place.
 */

import { parseDelimited, type Row } from '../../data/tables/delimited.js';
import { isMissing } from '../../data/tables/missing.js';
import { echo } from '../../device/echo.js';
import { FormatError } from '../../device/errors.js';
import { count, listed } from '../wording.js';

/** The protein of an experiment. */
export interface Protein {
  /** Its name for people. */
  readonly name: string;
  /** All of its names and identifiers, `name` among them. */
  readonly aliases: readonly string[];
  readonly species?: string | undefined;
}

/** A table that names proteins. */
export interface NamesTable {
  /** The file. */
  readonly source: string;
  readonly rows: readonly Row[];
}

/** A table joined with experiments. */
export interface NamedProteins {
  /** By experiment. */
  readonly proteins: ReadonlyMap<string, Protein>;
  /** How many experiments have a name, through which columns, and which have none. */
  readonly note: string;
  /** For a manifest. */
  readonly record: {
    readonly experiments: number;
    readonly unnamed: readonly string[];
    /** As the header calls it; its number, from 1, where there is no header. */
    readonly matched: string;
    readonly name: string;
  };
}

/**
 * What columns of names are called, without blanks, marks and case; the first that there is gives the name.
 */
const NAME_HEADINGS = [
  ...['genedisplayname', 'displayname', 'proteinname', 'protein', 'rbp', 'rbpname'],
  ...['genename', 'genesymbol', 'symbol', 'hgncsymbol', 'gene', 'name'],
];
/** Columns that identify a protein further. Their fields may be several names after commas. */
const ALIAS_HEADINGS = ['systematicid', 'ensemblid', 'geneid', 'uniprot', 'synonyms', 'aliases'];
const SPECIES_HEADINGS = ['speciesdisplayname', 'species', 'organism'];

/** Names in a message, at most. */
const NAMED = 10;

/**
 * Reads a table of two or more columns.
 *
 * @param source of the text, for errors
 * @throws FormatError naming file and line
 */
export function parseNames(text: string, source: string): NamesTable {
  const rows = [...parseDelimited(text, source).rows()];
  const width = rows[0]?.fields.length ?? 0;
  if (width < 2)
    throw new FormatError(
      `${source}: expected two or more columns, one with the names of experiments and one with those of proteins`,
    );
  const odd = rows.find(({ fields }) => fields.length !== width);
  if (odd)
    throw new FormatError(
      `${source}:${odd.number}: ${count(odd.fields.length, 'field')}, but the first row has ${width}`,
    );
  return { source, rows };
}

/**
 * Finds the proteins of experiments. The column that matches most experiments identifies them. The name is in
 * the column that is called `Gene_display_name`, `Gene_name`, `protein` or similar, or in the other one of
 * two.
 *
 * @throws FormatError naming the file, and the line of an experiment that has two names
 */
export function nameProteins({ source, rows }: NamesTable, experiments: readonly string[]): NamedProteins {
  const asked = new Set(experiments);
  const key = matchingColumn(rows, asked);
  if (key === undefined)
    throw new FormatError(
      `${source} names none of the experiments. None of its columns has ${echo(experiments[0] ?? '')}; its first row has ${quotedStart(rows[0]!.fields)}`,
    );
  const header = asked.has(rows[0]!.fields[key]!) ? undefined : rows[0]!.fields;
  const headings = header?.map((heading) => heading.toLowerCase().replace(/[^a-z0-9]/g, '')) ?? [];
  const called = (names: readonly string[]): number[] =>
    names.flatMap((name) => headings.flatMap((heading, i) => (heading === name && i !== key ? i : [])));
  const named = called(NAME_HEADINGS);
  const width = rows[0]!.fields.length;
  const name = named[0] ?? (width === 2 ? 1 - key : undefined);
  if (name === undefined)
    throw new FormatError(
      `${source}: which of its columns has the names of proteins? ${header ? `None of ${quotedStart(header)} is called Gene_name` : 'It has no header'}. Call that column Gene_name, or keep only two columns`,
    );
  const places = {
    key,
    name,
    aliases: [...named, ...called(ALIAS_HEADINGS)],
    species: called(SPECIES_HEADINGS)[0],
  };
  const proteins = proteinsIn(source, header ? rows.slice(1) : rows, asked, places);
  const unnamed = [...asked].filter((experiment) => !proteins.has(experiment));
  const column = (at: number) => (header ? echo(header[at]!) : String(at + 1));
  const many =
    unnamed.length > NAMED ? [...unnamed.slice(0, NAMED), `${unnamed.length - NAMED} more`] : unnamed;
  return {
    proteins,
    note: `${source} names ${proteins.size} of ${count(asked.size, 'experiment')} (column ${column(key)} matches them, column ${column(name)} has the names)${unnamed.length > 0 ? `; without a name: ${listed(many)}` : ''}`,
    record: {
      experiments: proteins.size,
      unnamed,
      matched: header?.[key] ?? column(key),
      name: header?.[name] ?? column(name),
    },
  };
}

/** The first fields of a row, in quotes, so few and short that a message stays legible. */
const quotedStart = (fields: readonly string[]): string =>
  listed([
    ...fields.slice(0, NAMED).map((field) => echo(field.slice(0, 20))),
    ...(fields.length > NAMED ? [`${fields.length - NAMED} more`] : []),
  ]);

/** The column that has most of the experiments, the first of several; undefined where none has any. */
function matchingColumn(rows: readonly Row[], experiments: ReadonlySet<string>): number | undefined {
  const found = rows[0]!.fields.map(
    (_, i) => new Set(rows.flatMap(({ fields }) => (experiments.has(fields[i]!) ? fields[i]! : []))).size,
  );
  const most = Math.max(...found);
  return most > 0 ? found.indexOf(most) : undefined;
}

/** @throws FormatError for an experiment that has two names */
function proteinsIn(
  source: string,
  rows: readonly Row[],
  experiments: ReadonlySet<string>,
  places: {
    readonly key: number;
    readonly name: number;
    readonly aliases: readonly number[];
    readonly species: number | undefined;
  },
): ReadonlyMap<string, Protein> {
  const found = new Map<string, Protein & { readonly line: number }>();
  for (const { number: line, fields } of rows) {
    const [experiment, name] = [fields[places.key]!, fields[places.name]!];
    if (!experiments.has(experiment) || isMissing(name)) continue;
    const other = found.get(experiment);
    if (other && other.name !== name)
      throw new FormatError(
        `${source}:${line}: experiment ${echo(experiment)} is named ${echo(name)} here and ${echo(other.name)} in line ${other.line}; keep one of the two rows`,
      );
    const aliases = places.aliases.flatMap((at) => fields[at]!.split(/[,;|]/).map((alias) => alias.trim()));
    const species = places.species === undefined ? '' : fields[places.species]!;
    found.set(experiment, {
      name,
      aliases: [...new Set([name, ...aliases.filter((alias) => !isMissing(alias))])],
      species: isMissing(species) ? undefined : species.replaceAll('_', ' '),
      line,
    });
  }
  return found;
}
