// Pictures of every public page at 360, 768 and 1280 px, light and dark, in kk, ru
// and en, into docs/screenshots/all (or the folder given), to be looked at. The
// few that are committed are copied to docs/screenshots; with --kept only these
// are taken. PAGES, LANGS, THEMES and WIDTHS, with commas, take fewer.
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startSite, startBrowser, langs } from './site.mjs';
import { build, publicPages, visit } from './world.mjs';

const kept = new URL('../../docs/screenshots/', import.meta.url).pathname;
const keep = { 'home-en-light-1280': 'home', 'home-kk-light-360': '', 'list-ru-light-768': '', 'petition-kk-light-360': '', 'petition-ru-dark-1280': '', 'answered-en-light-768': '',
  'sign-kk-light-360': '', 'sign-ru-dark-360': '', 'about-ru-light-768': '', 'moderation-en-dark-1280': '' };
const chosen = (name, all) => process.env[name]?.split(',') ?? all;
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
  const pages = publicPages(await build(site));
  for (const l of chosen('LANGS', langs)) {
    for (const colorScheme of chosen('THEMES', ['light', 'dark'])) {
      for (const width of chosen('WIDTHS', [360, 768, 1280]).map(Number)) {
        const context = await browser.newContext({ colorScheme, viewport: { width, height: width < 500 ? 740 : 900 } });
        const page = await context.newPage();
        for (const name of chosen('PAGES', Object.keys(pages))) {
          const shot = `${name}-${l}-${colorScheme}-${width}`, file = join(out, shot + '.png');
          if (only && !(shot in keep)) continue;
          const [path, fields] = pages[name];
          await visit(page, site, path.startsWith('/demo') ? `${path}?lang=${l}` : `/${l}${path}`, fields);
          await page.waitForLoadState('load');
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
