/**
 * The proteins of CISBP-RNA's and CIS-BP's motifs, from the table that the databases give beside them:
 * `RBP_Information_all_motifs.txt`, `RBP_Information.txt`, `TF_Information_all_motifs.txt`,
 * `TF_Information.txt`.
 */
import { textLines } from '../../../data/files/text-lines.js';
import { FormatError } from '../../../device/errors.js';

/** Names that the databases give these tables, the fuller one first. */
export const PROTEIN_TABLES = ['RBP', 'TF'].flatMap((kind) => [
  `${kind}_Information_all_motifs.txt`,
  `${kind}_Information.txt`,
]);

/** Status of a motif that was measured with this very protein. */
const DIRECT = 'D';

/**
 * Names of proteins by motif, in the order of the table. Where a motif was measured with some proteins
 * (status `D`) and inferred for others, only the former are named.
 *
 * @throws FormatError naming the file, if it lacks the columns `Motif_ID` and `RBP_Name` or `TF_Name`
 */
export function parseProteinNames(text: string, source = 'text'): ReadonlyMap<string, readonly string[]> {
  const direct = new Map<string, Set<string>>();
  const all = new Map<string, Set<string>>();
  let columns: { readonly motif: number; readonly name: number; readonly status: number } | undefined;
  for (const { number, text: line } of textLines(text)) {
    if (line.trim() === '') continue;
    const fields = line.split('\t').map((field) => field.trim());
    if (!columns) {
      const [motif, name] = [
        fields.indexOf('Motif_ID'),
        fields.findIndex((field) => /^(?:RBP|TF)_Name$/.test(field)),
      ];
      if (motif < 0 || name < 0)
        throw new FormatError(`${source}:${number}: expected the columns Motif_ID and RBP_Name or TF_Name`);
      columns = { motif, name, status: fields.findIndex((field) => /^(?:RBP|TF)_Status$/.test(field)) };
      continue;
    }
    const [motif = '', name = ''] = [fields[columns.motif], fields[columns.name]];
    if (motif === '' || motif === '.' || name === '' || name === '.') continue;
    add(all, motif, name);
    if (fields[columns.status] === DIRECT) add(direct, motif, name);
  }
  return new Map(Array.from(all, ([motif, names]) => [motif, [...(direct.get(motif) ?? names)]]));
}

function add(names: Map<string, Set<string>>, motif: string, name: string): void {
  const own = names.get(motif) ?? new Set();
  names.set(motif, own.add(name));
}
