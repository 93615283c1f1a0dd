// Pictures of the main pages at 360, 768 and 1280 px, light and dark, in kk, ru
// and en, into docs/screenshots/all (or the folder given), to be looked at. The
// few that are committed are copied to docs/screenshots; with --kept only these
// are taken.
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startSite, startBrowser, langs, firstOpen } from './site.mjs';

const kept = new URL('../../docs/screenshots/', import.meta.url).pathname;
const keep = { 'home-en-light-1280': 'home', 'list-en-light-768': '', 'petition-kk-light-360': '', 'petition-ru-dark-1280': '', 'sign-kk-light-360': '', 'about-ru-light-768': '' };
const only = process.argv.includes('--kept');
const out = process.argv.slice(2).find((a) => !a.startsWith('--')) ?? join(kept, 'all');
await mkdir(out, { recursive: true });

// commit copies a picture with fewer colours, where pngquant is installed.
async function commit(file, to) {
  const small = spawnSync('pngquant', ['--force', '--strip', '--quality=70-95', '--output', to, file]);
  if (small.status !== 0) await copyFile(file, to);
}

const site = await startSite();
const browser = await startBrowser();
try {
  const number = await firstOpen(site.url);
  const pages = { home: '/', list: '/petitions', petition: `/petitions/${number}`, sign: `/petitions/${number}/sign`, start: '/start', about: '/about',
    bodies: '/bodies', moderation: '/moderation', removals: '/removals', complain: '/complain' };
  for (const l of langs) {
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [360, 768, 1280]) {
        const context = await browser.newContext({ colorScheme, viewport: { width, height: width < 500 ? 740 : 900 } });
        const page = await context.newPage();
        for (const [name, path] of Object.entries(pages)) {
          const shot = `${name}-${l}-${colorScheme}-${width}`, file = join(out, shot + '.png');
          if (only && !(shot in keep)) continue;
          await page.goto(`${site.url}/${l}${path}`);
          await page.screenshot({ path: file, fullPage: !(shot in keep) });
          if (shot in keep) await commit(file, join(kept, (keep[shot] || shot) + '.png'));
        }
        if (l === 'en' && !only) {
          await page.goto(site.url + '/demo/staff');
          await page.locator("main form button").first().click();
          await page.waitForURL('**/desk');
          await page.screenshot({ path: join(out, `desk-${colorScheme}-${width}.png`), fullPage: true });
        }
        await context.close();
      }
    }
  }
} finally {
  await browser.close();
  await site.stop();
}
