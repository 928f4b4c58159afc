/**
 * Probe tables as people have them: missing values, separators, quotes, names of columns, and headers that
 * are none.
 */
import { describe, expect, it } from 'vitest';
import { type ProbeTableOptions, parseProbes } from '../src/data/index.js';
import { FormatError } from '../src/device/errors.js';

const read = (text: string, options?: ProbeTableOptions) => {
  const { sequences, scores, sets, lines, leftOut } = parseProbes(text, 'x', options);
  return { sequences, scores: [...scores], sets, lines: [...lines], leftOut };
};
const refusal = (text: string, options?: ProbeTableOptions): string => {
  try {
    parseProbes(text, 'x', options);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return (error as Error).message;
  }
  throw new Error('read without complaint');
};

describe('missing values', () => {
  it.each(['NA', 'nan', 'N/A', '#N/A', '<NA>', 'null', 'None', '-', '.', '-nan', '', 'n.d.'])(
    'a score of %j is dropped and counted, wherever the column stands',
    (missing) => {
      const leftOut = { score: 1, sequence: 0, both: 0, infinite: 0 };
      const expected = { sequences: ['AG'], scores: [2], leftOut };
      expect(read(`sequence\tintensity\nAC\t${missing}\nAG\t2\n`)).toMatchObject(expected);
      expect(read(`intensity\tsequence\n${missing}\tAC\n2\tAG\n`)).toMatchObject(expected);
      expect(read(`${missing}\tAC\n2\tAG\n`)).toMatchObject(expected);
      expect(read(`"${missing}",AC\n2,AG\n`)).toMatchObject(expected);
    },
  );

  it.each(['NA', 'nan', 'n/a', '#N/A', '<NA>', 'NULL', 'none', '-', '.', ''])(
    'a sequence of %j is dropped and counted',
    (missing) => {
      expect(read(`sequence\tintensity\n${missing}\t1\nAG\t2\n`)).toMatchObject({
        sequences: ['AG'],
        lines: [3],
        leftOut: { score: 0, sequence: 1, both: 0, infinite: 0 },
      });
    },
  );

  it('counts blank rows of controls and infinite scores apart', () => {
    const text = 'sequence\tintensity\n\tNaN\n\t\nNA\tNA\nAC\tinf\nAC\t-Infinity\nAG\t2\nNN\t3\n';
    expect(read(text)).toMatchObject({
      sequences: ['AG', 'NN'],
      leftOut: { score: 0, sequence: 0, both: 3, infinite: 2 },
    });
    expect(parseProbes(text).dropped).toBe(5);
    expect(read('sequence,intensity\n,\nAC,1\n,,,\n').leftOut).toMatchObject({ both: 2 });
  });

  it('a sequence that only resembles a missing value is one', () => {
    expect(read('NAN\t1\nNAC\t2\nANA\t3\nN\t4\n').sequences).toEqual(['NAC', 'ANA', 'N']);
  });
});

describe('separators and quotes', () => {
  it.each([
    ['comma', 'sequence,intensity\nAC,1.5\nGG,2\n'],
    ['semicolon', 'sequence;intensity\r\nAC;1.5\r\nGG;2\r\n'],
    ['comma, no header', 'AC,1.5\nGG,2\n'],
    ['comma and blanks', 'sequence, intensity\nAC, 1.5\nGG, 2\n'],
    ['blanks, header', 'sequence intensity\nAC   1.5\nGG\t2\n'],
    ['quotes', '"sequence","intensity"\n"AC","1.5"\n"GG",2\n'],
    ['quotes and tabs', '"sequence"\t"intensity"\n"AC"\t1.5\n"GG"\t2\n'],
    ['a separator within quotes', 'name,sequence,score\n"a, ""b"";\tc",AC,1.5\nd,GG,2\n'],
    ["Excel's line sep=", 'sep=;\nsequence;intensity\nAC;1.5\nGG;2\n'],
    ['name, sequence, score', 'probe_1\tAC\t1.5\nprobe_2\tGG\t2\n'],
    ['row names of R', '"sequence" "intensity"\n"1" "AC" 1.5\n"2" "GG" 2\n'],
    ['an index of pandas', ',sequence,intensity\n0,AC,1.5\n1,GG,2\n'],
    ['separators at the ends of rows', 'sequence,intensity,\nAC,1.5,\nGG,2,\n'],
    ['the same without one in the header', 'sequence\tintensity\nAC\t1.5\t\nGG\t2\t\n'],
    [
      'a comment and a byte-order mark',
      '\uFEFF# by hand, really\nsequence,intensity\nAC,1.5\n# more\nGG,2\n',
    ],
  ])('reads %s', (_, text) => {
    expect(read(text)).toMatchObject({ sequences: ['AC', 'GG'], scores: [1.5, 2] });
  });

  it.each([
    ['sequence,intensity\nAC,1\nAC;1\n', 'x:3: expected 2 comma-separated fields, found 1'],
    ['sequence;intensity\nAC,1\n', 'x:2: expected 2 semicolon-separated fields, found 1'],
    [
      '"sequence,intensity\nAC,1\n',
      'x:1: field 1 opens a quote that does not end; a field must end on its line',
    ],
    ['sequence,intensity\n"AC"C,1\n', 'x:2: field 1 goes on after its closing quote'],
  ])('refuses %j', (text, message) => {
    expect(refusal(text)).toBe(message);
  });

  it.each([
    ['tabs', 'sequence\tintensity\nAC\t1,5\n'],
    ['semicolons', 'AC;1,5\n'],
    ['blanks', 'AC 1,5\nAG 0,2\n'],
    ['blanks, score first', '1,5 AC\n'],
  ])('names a decimal comma between %s, with its line', (_, text) => {
    expect(refusal(text)).toMatch(/^x:[12]: expected a finite score .*"1,5"; it has a decimal comma; write/);
  });

  it.each(['1,234.5', '1.234,5', "1'000", '1 000', '-1.234.567', '12 345,6'])(
    'names separators of thousands in %j',
    (field) => {
      for (const text of [`seq\tscore\nAC\t${field}\n`, `seq;score\nAC;"${field}"\n`])
        expect(refusal(text)).toMatch(/^x:2: .*it has separators of thousands; write numbers without them/);
    },
  );

  it('names a decimal comma between commas', () => {
    expect(refusal('sequence,intensity\nAC,1,5\n')).toMatch(
      /^x:2: .*found 3; if a number has a decimal comma/,
    );
  });

  it('is done quickly with long fields, and repeats at most 80 characters of them', () => {
    for (const field of ['1'.repeat(200_000), `${'0.'.repeat(100_000)}`, `${' '.repeat(200_000)}x`]) {
      const message = refusal(`sequence\tintensity\nAC\t${field}x\n`);
      expect(message).toContain('x:2: expected a finite score');
      expect(message.length).toBeLessThan(250);
    }
  });
});

describe('columns', () => {
  const JOINED =
    'Fold ID\tEvent ID\tseq\tRNCMPT00001\tRNCMPT00002\nA\ts1\tAC\t0.1\t0.2\nB\ts2\tGG\t0.3\tNaN\n';

  it.each([
    ['set\tsequence\tintensity\nSetA\tAC\t1\nSetB\tGG\t2\n', ['A', 'B']],
    ['Probe_Set\tRNA_Seq\tRNCMPT00001\nsetA\tAC\t1\nSet B\tGG\t2\n', ['A', 'B']],
    ['Set\tProbe Sequence\tHybID00012\tHybID00012_flag\nset_a\tAC\t1\t0\n\tGG\t2\tFALSE\n', ['A', '']],
    ['set\tseq\tscore\ntrain\tAC\t1\nTEST\tGG\t2\n', ['A', 'B']],
    ['Fold ID,Sequence,Score\nB,AC,1\nNA,GG,2\n', ['B', '']],
    ['SetA\tAC\t1\nSetB\tGG\t2\n', ['A', 'B']],
    ['B\tAC\t1\nA\tGG\t2\n', ['B', 'A']],
    ['AC\t1\tA\nGG\t2\tB\n', ['A', 'B']],
  ])('reads RNAcompete columns of %j', (text, sets) => {
    expect(read(text)).toMatchObject({ sequences: ['AC', 'GG'], scores: [1, 2], sets });
  });

  it('takes flagged scores as missing, as prepare does, and says how many', () => {
    const text = 'seq,HybID1,HybID1_flag,HybID2,HybID2_flag\nAC,1,0,2,1\nGG,3,1,4,0\nUU,5,1,6,1\n';
    const one = parseProbes(text, 'x', { columns: { score: 'HybID1' } });
    expect(one).toMatchObject({ sequences: ['AC'], notes: ['x: 2 flagged scores are taken as missing'] });
    const both = parseProbes(text, 'x', { columns: { score: 'HybID1,HybID2' } });
    expect([...both.scores]).toEqual([1, Number.NaN, Number.NaN, 4]);
    expect(both.notes).toContain('x: 4 flagged scores are taken as missing');
    expect(refusal('seq\tHybID1\tHybID1_flag\nAC\t1\tbad\n')).toMatch(/^x:2: expected a flag of .*"bad"/);
  });

  it('keeps records for validation that the set says', () => {
    const text = 'set\tseq\tscore\ntrain\tAC\t1\nvalid\tGG\t2\ntest\tUU\t3\n';
    expect(parseProbes(text)).toMatchObject({ sets: ['A', 'A', 'B'], validates: [false, true, false] });
    expect(parseProbes(text.replace('valid', 'train'))).not.toHaveProperty('validates');
  });

  it.each([
    [
      'name\tseq\tHuR\na\tAC\t1\nb\tGG\t2\n',
      ['"HuR" is read as the score, since it is the only one of numbers'],
    ],
    ['id,seq,log2FC\n7,AC,1\n8,GG,2\n', ['"log2FC" is read as the score']],
    ['region,Bound\nAC,1\nGG,2\n', ['"region" is read as the sequence', '"Bound" is read as the score']],
    ["'region';'fold change'\n'AC';1\n'GG';2\n", ['"region" is read', '"fold change" is read']],
    ['"seq" "y1"\n"1" "AC" 1\n"2" "GG" 2\n', []],
  ])('takes the only column of numbers or sequences of %j, and says so', (text, expected) => {
    if (expected.length === 0) return expect(refusal(text)).toContain('--score-column');
    const { notes = [], sequences, scores } = parseProbes(text, 'x');
    expect({ sequences, scores: [...scores] }).toEqual({ sequences: ['AC', 'GG'], scores: [1, 2] });
    expect(notes).toHaveLength(expected.length);
    expected.forEach((part, i) => {
      expect(notes[i]).toContain(part);
    });
  });

  it('asks which score where several could be meant, and takes the one chosen', () => {
    expect(refusal('seq\tscore\tintensity\nAC\t960\t0.1\n')).toBe(
      'x:1: 2 columns could hold the score ("score", "intensity"); choose one with --score-column <name or number>, or train on several at once, each a task: --score-column score,intensity',
    );
    expect(refusal(JOINED)).toContain('("RNCMPT00001", "RNCMPT00002"); choose one with --score-column');
    expect(read(JOINED, { columns: { score: 'RNCMPT00002' } })).toMatchObject({ scores: [0.2], sets: ['A'] });
    expect(read(JOINED, { columns: { score: 'rncmpt00001' } }).scores).toEqual([0.1, 0.3]);
    expect(read(JOINED, { columns: { score: '4' } }).scores).toEqual([0.1, 0.3]);
    const unnamed = 'id\tletters\tvalue\n1\tAC\t7\n';
    expect(read(unnamed, { columns: { sequence: 'letters', score: 'value' } }).scores).toEqual([7]);
    expect(read(unnamed, { columns: { sequence: '2', score: '3' } }).scores).toEqual([7]);
    expect(read('1\tAC\t7\n2\tGG\t8\n', { columns: { score: '3' } }).scores).toEqual([7, 8]);
    expect(read('A\tAC\t7\n', { columns: { sequence: '2', set: '1' } }).sets).toEqual(['A']);
  });

  it('takes the only one of several that holds numbers', () => {
    expect(read('sequence\tlabel\tscore\nAC\tbound\t3\n').scores).toEqual([3]);
  });

  it.each([
    [
      '1\tAC\t7\n',
      {},
      /^x:1: there is no header, and columns 1 and 3 could all hold the score; .*--score-column/,
    ],
    [
      'ACN\tAC\t7\n',
      {},
      /^x:1: there is no header, and columns 1 and 2 could all hold the sequence; .*--sequence-column/,
    ],
    ['>a\nAC\n', {}, /^x:1: expected .*found ">a"; FASTA holds no scores/],
    [
      JOINED,
      { score: 'RNCMPT00003' },
      /^x:1: there is no column "RNCMPT00003", which --score-column asks for; .*"seq"/,
    ],
    [
      'AC\t7\n',
      { score: 'value' },
      /^x:1: there is no header, so --score-column takes the number of a column, 1 to 2/,
    ],
    [
      'AC\t7\n',
      { score: '3' },
      /^x:1: there is no header, so --score-column takes the number of a column, 1 to 2/,
    ],
    [
      'seq\ts_flag\nAC\t0\n',
      {},
      /^x:1: the header has no column named intensity or score; its columns are "seq", "s_flag"/,
    ],
    ['seq\ts_flag\nAC\t0\n', { score: 's_flag' }, /^x:1: "s_flag" holds flags/],
    [
      'seq\tscore\tscore\nAC\t0\t1\n',
      { score: 'score' },
      /^x:1: 2 columns are named "score"; give .* a number from 1 to 3/,
    ],
    [
      'set\tsequence\tintensity\n0\tAC\t0\n',
      {},
      /^x:2: expected set A, B or blank, found "0"; .*--set-column/,
    ],
    [
      'RNCMPT00001\n0.1\n',
      {},
      /^x:1: the header has no column named sequence or seq; .*--sequence-column.*--scores/,
    ],
    [
      'Fold ID\tseq\nA\tAC\n',
      {},
      /^x:1: the header has no column named intensity or score; .*each a task: --score-column <name>,<name>, or give the scores .*--scores/,
    ],
    ['AC\nAG\n', {}, /^x:1: .*it holds sequences without scores.*--scores <file>/],
    ['1\n2\n', {}, /^x:1: .*it holds scores without sequences.*--scores <file>/],
  ])('refuses %j with %j', (text, columns, message) => {
    expect(refusal(text, { columns })).toMatch(message);
  });

  it('advises no second file where none is taken', () => {
    for (const text of ['AC\nAG\n', '1\n2\n', 'RNCMPT00001\n0.1\n', 'Fold ID\tseq\nA\tAC\n'])
      expect(refusal(text, { oneFile: true })).not.toContain('--scores');
    expect(refusal('AC\nAG\n', { oneFile: true })).toMatch(/it holds sequences without scores$/);
  });

  it('never takes a first line that holds a sequence and a number for a header', () => {
    expect(read('score\tAC\t1\nprobe\tGG\t2\n').sequences).toEqual(['AC', 'GG']);
    expect(read('AC inf\nGG 2\n')).toMatchObject({ sequences: ['GG'], leftOut: { infinite: 1 } });
  });

  it('a row that begins with # is no comment where it has the fields of the table', () => {
    expect(read('name\tsequence\tscore\n#1\tAC\t1\n# a remark\n#2\tGG\t2\n').sequences).toEqual(['AC', 'GG']);
  });
});

describe('scores in a second file', () => {
  const SEQUENCES = 'Fold ID\tEvent ID\tseq\nA\ts1\tAC\nB\ts2\tGG\n';
  const scores = (text: string, score?: string): ProbeTableOptions => ({
    scores: { text, source: 'y' },
    columns: { score },
  });

  it('joins by line', () => {
    const both = 'RNCMPT00001\tRNCMPT00002\n0.1\t0.2\n0.3\tNA\n';
    expect(read(SEQUENCES, scores(both, 'RNCMPT00001'))).toMatchObject({
      sequences: ['AC', 'GG'],
      scores: [0.1, 0.3],
      sets: ['A', 'B'],
    });
    expect(read(SEQUENCES, scores(both, 'RNCMPT00002'))).toMatchObject({
      scores: [0.2],
      leftOut: { score: 1 },
    });
    expect(read('AC\nGG\n', scores('1\n2\n')).scores).toEqual([1, 2]);
  });

  it.each([
    ['0.1\n', undefined, /^x has 2 records, but y has 1 score; they are joined line by line/],
    ['1\n2\n3\n', undefined, /^x has 2 records, but y has 3 scores/],
    ['a_score\tb\n1\t2\n2\n', 'b', /^y:3: expected 2 tab-separated fields, found 1/],
    ['RNCMPT00001\n1\nhigh\n', undefined, /^y:3: expected a finite score in column 1/],
    ['RNCMPT00001\tRNCMPT00002\n0.1\t0.2\n0.3\t1\n', undefined, /^y:1: 2 columns could hold the score/],
  ])('refuses %j', (text, column, message) => {
    expect(refusal(SEQUENCES, scores(text, column))).toMatch(message);
  });
});
