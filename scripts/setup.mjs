// Runs before `npm start` and `npm test`, under whatever Node the machine has: installs what is missing, and says
// plainly what it cannot install. Arguments: `browser` when a browser is needed, too.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MIN_NODE_MAJOR = 20;
const root = fileURLToPath(new URL('..', import.meta.url));
/** The one list: action/adapters/browser.ts has it, too, which this Node may be too old to import. */
const BROWSERS = JSON.parse(readFileSync(`${root}action/adapters/browsers.json`, 'utf8'));

function stop(message) {
  process.stderr.write(`\n${message}\n`);
  process.exit(1);
}

function hasCommand(name) {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0;
}

function checkTools() {
  const major = Number.parseInt(process.versions.node, 10);
  if (major < MIN_NODE_MAJOR) stop(`Node ${MIN_NODE_MAJOR} or newer is needed; this is ${process.versions.node}.`);
  if (!hasCommand('git')) stop('git is needed and was not found. Install it (https://git-scm.com) and try again.');
}

/** `npm ci`, unless the installed packages are those of this lock file. */
function installPackages() {
  const wanted = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');
  const mark = `${root}node_modules/.permaframe-lock`;
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  process.stdout.write('Installing packages …\n');
  // The packages ask for the Node that one of them brings; the warning about this one would only worry.
  const flags = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const installed = spawnSync('npm', flags, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (installed.status !== 0) stop('npm ci failed; its messages are above. It needs a package registry.');
  if (!existsSync(`${root}node_modules/node/bin/node`)) {
    stop('npm did not run the install script of the package "node". Allow it: npm install-scripts approve node');
  }
  mkdirSync(`${root}node_modules`, { recursive: true });
  writeFileSync(mark, wanted);
}

function findBrowser() {
  const named = process.env.CHROME_PATH;
  if (named) return existsSync(named) ? named : stop(`CHROME_PATH names ${named}, which does not exist.`);
  return BROWSERS.find((path) => existsSync(path));
}

/** Debian's package when root may install it; otherwise a person has to. */
function installBrowser() {
  if (findBrowser()) return;
  const isRoot = process.getuid?.() === 0;
  if (isRoot && existsSync('/usr/bin/apt-get')) {
    process.stdout.write('Installing Chromium …\n');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    try {
      execFileSync('apt-get', ['update', '-qq'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
      execFileSync('apt-get', ['install', '-y', '-qq', 'chromium'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    } catch {
      // Reported below, with what to do.
    }
    if (findBrowser()) return;
  }
  stop('The tests drive a real browser, and none was found.\nInstall Chromium or Chrome, or set CHROME_PATH to one.');
}

checkTools();
installPackages();
if (process.argv.includes('browser')) installBrowser();
