/** `npm run check:language [paths]`: spelling, Markdown and banned phrasings of the files in Git. Fails when it finds something. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findBannedPhrases } from './banned-phrases.ts';

/** Generated, or about the phrasings themselves. */
const exempt = /^(package-lock\.json|LICENSE|test\/language\/|test\/unit\/language\.test\.ts)/;

const paths = process.argv.slice(2);
const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...paths]);
const files = listed
  .toString()
  .split('\0')
  .filter((path) => /\.(ts|md|json|ya?ml)$/.test(path) && !exempt.test(path));

const isClean = [checkPhrases(), checkSpelling(), checkMarkdown()].every(Boolean);
process.exitCode = isClean ? 0 : 1;

function checkPhrases(): boolean {
  const found = files.flatMap((path) => findBannedPhrases(readFileSync(path, 'utf8')).map((each) => `${path}:${each}`));
  if (found.length > 0) console.error(`${found.join('\n')}\n${found.length} banned phrasings`);
  return found.length === 0;
}

function checkSpelling(): boolean {
  return run('cspell', ['--no-progress', '--no-must-find-files', '--file-list', 'stdin'], files.join('\n'));
}

function checkMarkdown(): boolean {
  const pages = files.filter((path) => path.endsWith('.md'));
  return pages.length === 0 || run('markdownlint-cli2', ['--no-globs', ...pages.map((path) => `:${path}`)]);
}

function run(command: string, args: readonly string[], input = ''): boolean {
  const { status, error } = spawnSync(`node_modules/.bin/${command}`, args, {
    input,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  if (error) console.error(`Failed to run ${command}: ${error.message}. Run npm ci.`);
  return status === 0;
}
