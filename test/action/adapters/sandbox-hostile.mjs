/** A program that tries to get out of a sandbox, and prints what it got: one JSON line for each attempt. */
import { execFileSync } from 'node:child_process';
import dns from 'node:dns/promises';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';

const { files, folders, connections, pids, abstract, marker, writable, isSandboxed } = JSON.parse(
  readFileSync(0, 'utf8'),
);

function say(what, got) {
  console.log(JSON.stringify([what, got]));
}

/** What the attempt gives, or the code that it failed with. */
function attempt(what, act) {
  try {
    say(what, act());
  } catch (error) {
    say(what, `refused: ${error.code ?? error.message}`);
  }
}

function run(command, ...args) {
  try {
    return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 10_000 })
      .toString()
      .trim();
  } catch (error) {
    return `refused: ${error.code ?? `exit ${error.status} ${error.stderr}`}`;
  }
}

function connect(what, options) {
  return new Promise((resolve) => {
    const socket = net.connect(options);
    const end = (got) => {
      say(what, got);
      socket.destroy();
      resolve();
    };
    socket.setTimeout(3000, () => end('refused: time'));
    socket.once('connect', () => end('connected'));
    socket.once('error', (error) => end(`refused: ${error.code}`));
  });
}

function attemptHarm() {
  attempt(
    'leave a folder nobody may enter',
    () => mkdirSync(`${writable}/locked/deep`, { recursive: true }) && run('/bin/chmod', '000', `${writable}/locked`),
  );
  const trace = process.arch === 'arm64' ? 117 : 101;
  say(
    'trace the first process',
    run('/usr/bin/perl', '-e', `syscall(${trace}, 16, 1, 0, 0) == 0 or die "$!"; print "attached"`),
  );
  say(
    'raw socket',
    run('/usr/bin/perl', '-MSocket', '-e', 'socket(my $s, PF_INET, SOCK_RAW, 1) or die "$!"; print "open"'),
  );
  say(
    'packet socket',
    run('/usr/bin/perl', '-MSocket', '-e', 'socket(my $s, 17, SOCK_RAW, 0) or die "$!"; print "open"'),
  );
  say('mount', run('/usr/bin/mount', '-t', 'tmpfs', 'tmpfs', '/tmp'));
  say('remount', run('/usr/bin/mount', '-o', 'remount,rw,bind', '/usr'));
  say('user namespace', run('/usr/bin/unshare', '--user', '--map-root-user', '/usr/bin/id', '-u'));
  say('change root', run('/usr/sbin/chroot', '/', '/usr/bin/id', '-u'));
  say('device', run('/usr/bin/mknod', `${writable}/disk`, 'b', '259', '0'));
  say('su', run('/usr/bin/su', '-s', '/bin/sh', '-c', 'id -u', 'root'));
  say('sudo', run('/usr/bin/sudo', '-n', '/usr/bin/id', '-u'));
  attempt('signal everybody', () => process.kill(-1, 'SIGKILL'));
}

say('environment', process.env);
say('user', [process.getuid(), process.getgid(), process.getgroups().filter((group) => group !== process.getgid())]);
attempt('root folder', () => readdirSync('/').sort());
attempt('homes', () => readdirSync('/home'));
attempt('etc', () => readdirSync('/etc').sort());
attempt('passwd', () => readFileSync('/etc/passwd', 'utf8'));
attempt('devices', () => readdirSync('/dev').sort());
attempt('capabilities', () => /^CapBnd:\s+(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
attempt('descriptors', () =>
  readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => statSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false })?.isFile()),
);
for (const file of files) attempt(`read ${file}`, () => readFileSync(file, 'utf8').length);
for (const folder of folders)
  attempt(`write ${folder}`, () => writeFileSync(`${folder}/permaframe-was-here`, 'x') ?? 'written');
attempt('other environments', () => {
  const found = readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        Number(pid) !== process.pid &&
        readFileSync(`/proc/${pid}/environ`, 'utf8').includes(marker)
      );
    } catch {
      return false;
    }
  });
  return found.length;
});
for (const [name, pid] of Object.entries(pids)) attempt(`signal ${name}`, () => process.kill(pid, 0));
for (const target of connections) await connect(`connect ${target.host}`, target);
await connect('connect abstract', { path: `\0${abstract}` });
for (const name of ['example.com', 'metadata.google.internal']) {
  say(
    `look up ${name}`,
    await dns.lookup(name).then(
      () => 'found',
      (error) => `refused: ${error.code}`,
    ),
  );
}
const resolver = new dns.Resolver({ timeout: 500, tries: 1 });
resolver.setServers(['8.8.8.8']);
say(
  'ask a name server',
  await resolver.resolve4('example.com').then(
    () => 'found',
    (error) => `refused: ${error.code}`,
  ),
);
say(
  'user by set-id',
  run('/bin/sh', '-c', `cp /usr/bin/id ${writable}/id; chmod 6755 ${writable}/id; ${writable}/id -u`),
);
attempt('leave a link', () => symlinkSync('/etc/shadow', `${writable}/link.mp4`) ?? 'left');
say('leave a pipe', run('/usr/bin/mkfifo', `${writable}/pipe.mp4`) || 'left');
attempt('write where it may', () => writeFileSync(`${writable}/good.mp4`, 'frames') ?? 'written');
// Never where it would really happen.
if (isSandboxed === true && process.getuid() > 1_000_000) attemptHarm();
say('end', 'reached');
