// Starts the real binary with its demo world on a free loopback port, and
// Chromium. Whoever starts something stops it.
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { once } from 'node:events';
import { mkdtemp, rm, readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
export const axeSource = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');

export const langs = ['kk', 'ru', 'en'];

// A port that the system gives to no outgoing connection (from 32768 on), so
// that it is still free when the program listens on it.
async function freePort() {
  for (;;) {
    const port = 10000 + Math.floor(Math.random() * 15000);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch { continue; } // taken
    await new Promise((done) => server.close(done));
    return port;
  }
}

// startSite is the demo; startServe a bare site before its first run, with the
// path of its set-up link.
export const startSite = () => start((dir) => ['demo', '--data', join(dir, 'demo')]);

export async function startServe(env = {}) {
  const site = await start((dir) => ['serve'], (dir) => ({ ...env, DAUYS_DATABASE: 'sqlite:' + join(dir, 'town.db'), DAUYS_KEYS: join(dir, 'keys'), DAUYS_MAIL: 'file:' + join(dir, 'mail') }));
  for (let i = 0; i < 50; i++) {
    const link = site.said().match(/\/en(\/setup\/[A-Za-z0-9_-]+)/);
    if (link) return { ...site, setup: link[1] };
    await new Promise((done) => setTimeout(done, 100));
  }
  await site.stop();
  throw new Error('dauys serve printed no set-up link');
}

async function start(args, more = () => ({})) {
  const bin = process.env.DAUYS_BIN;
  if (!bin) throw new Error('DAUYS_BIN is not set: run `make browser`');
  const dir = await mkdtemp(join(tmpdir(), 'dauys-browser-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { PATH: process.env.PATH, HOME: dir, DAUYS_LIMITS: 'off', DAUYS_ADDR: `127.0.0.1:${port}`, ...more(dir) };
  const child = spawn(bin, args(dir), { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (b) => { out += b; });
  const said = () => out;
  // run is another command of the program on the same site; grow says whether
  // its files may, which a disk in trouble does not let them.
  const run = async (...command) => (await promisify(execFile)(bin, command, { env })).stdout;
  const grow = (may) => promisify(execFile)('prlimit', ['--pid', String(child.pid), `--fsize=${may ? 'unlimited' : 4096}:`]);
  const stop = async () => {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(dir, { recursive: true, force: true });
  };
  for (let i = 0; i < 300; i++) {
    if (child.exitCode !== null) throw new Error(`dauys ended with ${child.exitCode}`);
    try {
      if ((await fetch(url + '/readyz')).ok) return { url, said, stop, run, grow };
    } catch { /* not listening yet */ }
    await new Promise((done) => setTimeout(done, 200));
  }
  await stop();
  throw new Error('dauys was not ready within a minute');
}

// crowd fills a site's room for those who send something, as thousands with slow
// lines do, with forms that never end, and returns what lets them go. The fewer
// bytes the site may take (DAUYS_MEMORY), the fewer are needed.
export async function crowd(url) {
  const { hostname, port } = new URL(url), lines = [];
  const full = async () => (await fetch(url + '/en/complain', { method: 'POST', body: new URLSearchParams({ what: 'x' }), redirect: 'manual' })).status === 503;
  while (!(await full())) {
    if (lines.length > 400) throw new Error('the site takes everybody');
    for (let i = 0; i < 8; i++) {
      const line = connect(Number(port), hostname).on('error', () => {});
      line.write(`POST /en/complain HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nw\r\n`);
      lines.push(line);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  return () => lines.forEach((line) => line.destroy());
}

export async function startBrowser(more = []) {
  return chromium.launch({
    executablePath: process.env.DAUYS_TEST_BROWSER || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', ...more],
  });
}

// The public number of the first open petition, the one with over 500 signatures.
export async function firstOpen(url) {
  const list = await (await fetch(url + '/petitions.json?state=open&count=1')).json();
  return list.data[0].id;
}

// The newest letter whose recipient is to, waited for.
export async function letterTo(page, url, to) {
  for (let i = 0; i < 50; i++) {
    await page.goto(url + '/demo/mail');
    const row = page.locator('a[href^="/demo/mail/"]').filter({ hasText: '' });
    const hrefs = await row.evaluateAll((links) => links.map((a) => a.getAttribute('href')));
    for (const href of hrefs.slice(0, 5)) {
      await page.goto(url + href);
      if ((await page.content()).includes(to)) return page;
    }
    await page.waitForTimeout(200);
  }
  throw new Error(`no letter to ${to}`);
}
