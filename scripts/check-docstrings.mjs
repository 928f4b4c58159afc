/**
 * Lists what entry points export without a docstring: names, fields of options, and public members of
 * classes. Exits with 1 where there is any: `npm run check:docstrings`.
 */
import { relative } from 'node:path';
import ts from 'typescript';

const ENTRIES = [
  'src/index.ts',
  'src/data/index.node.ts',
  'src/gia/experiments/index.ts',
  'src/report/index.node.ts',
  'src/files.node.ts',
];

const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
const program = ts.createProgram(ENTRIES, { ...options, noEmit: true });
const checker = program.getTypeChecker();

/** By declaration, since entry points share some. */
const seen = new Set();
const missing = [];
let count = 0;

const isDocumented = (symbol) => symbol.getDocumentationComment(checker).length > 0;

function place(symbol) {
  const [declaration] = symbol.declarations;
  const file = declaration.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(declaration.getStart());
  return `${relative('.', file.fileName)}:${line + 1}`;
}

function check(symbol, name) {
  const [declaration] = symbol.declarations ?? [];
  if (!declaration || seen.has(declaration) || declaration.getSourceFile().isDeclarationFile) return;
  seen.add(declaration);
  count++;
  if (!isDocumented(symbol)) missing.push(`${place(symbol)}  ${name}`);
  for (const member of membersOf(symbol, declaration)) {
    const [own] = member.declarations ?? [];
    if (!own || seen.has(own) || own.getSourceFile().isDeclarationFile) continue;
    seen.add(own);
    count++;
    if (!isDocumented(member)) missing.push(`${place(member)}  ${name}.${member.name}`);
  }
}

/**
 * Fields of options, and public methods and fields of classes. Protocols such as `[Symbol.dispose]` explain
 * themselves.
 */
function membersOf(symbol, declaration) {
  const isOptions = ts.isInterfaceDeclaration(declaration) && /Options$/.test(symbol.name);
  if (!isOptions && !ts.isClassDeclaration(declaration)) return [];
  const statics = ts.isClassDeclaration(declaration) ? [...(symbol.exports?.values() ?? [])] : [];
  return [...(symbol.members?.values() ?? []), ...statics].filter((member) => {
    const [own] = member.declarations ?? [];
    if (!own || /^(#|__(@|constructor|index))/.test(member.name) || member.name === 'prototype') return false;
    const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Override;
    return !(ts.getCombinedModifierFlags(own) & hidden) && !ts.isTypeParameterDeclaration(own);
  });
}

function walk(module, prefix) {
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    if (symbol.flags & ts.SymbolFlags.ValueModule) walk(symbol, `${prefix}${exported.name}.`);
    else check(symbol, `${prefix}${exported.name}`);
  }
}

for (const entry of ENTRIES) walk(checker.getSymbolAtLocation(program.getSourceFile(entry)), '');
for (const line of missing) console.log(line);
console.log(`${count - missing.length} of ${count} exports, options and members have docstrings`);
if (missing.length > 0) process.exitCode = 1;
